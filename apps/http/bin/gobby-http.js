#!/usr/bin/env node
// Plain JavaScript that every Node can read: an old one gets a sentence here, where better-sqlite3 would crash it.
const OLDEST = [22, 15]

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  process.stderr.write(`gobby-http needs Node ${OLDEST.join('.')} or newer; this is ${process.version} (${process.execPath}).\n`)
  process.exitCode = 1
} else {
  start()
}

async function start() {
  try {
    const { main } = await import('../dist/main.js')
    process.exitCode = await main(process.argv.slice(2), process)
  } catch (error) {
    process.stderr.write(`gobby-http could not start: ${error.message}\n`)
    process.exitCode = 1
  }
}
