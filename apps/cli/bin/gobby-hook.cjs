#!/usr/bin/env node
// Plain JavaScript that every Node can read. Whatever happens, the CLI that runs this goes on: exit 0, nothing on stderr.
const OLDEST = [22, 15]

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const fits = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
  // What is installed looks for a Node that fits by this: with another nothing is said.
  if (process.argv[2] === '--version') return fits && process.stdout.write(`${require('../package.json').version}\n`)
  if (!fits) return note(`gobby needs Node ${OLDEST.join('.')} or newer; this is ${process.version} (${process.execPath}).`)
  try {
    require('node:module').enableCompileCache()
    const { main: run } = require('../dist/programs/hook/main.cjs')
    await run(process.argv.slice(2), { env: process.env, program: __filename, parent: process.ppid })
  } catch (error) {
    note(`gobby-hook could not start: ${error.message}`)
  }
  // The database need not be closed: what was committed is kept, and closing would tidy it up while the CLI waits.
  process.exit(0)
}

function note(sentence) {
  try {
    const { appendFileSync, existsSync, mkdirSync } = require('node:fs')
    const { homedir } = require('node:os')
    const home = process.env.GOBBY_HOME || `${process.env.HOME || homedir()}/.gobby`
    const folder = `${home}/logs`
    // One by one: below /proc, Node's own way to make both never ends.
    for (const each of [home, folder]) if (!existsSync(each)) mkdirSync(each, { mode: 0o700 })
    appendFileSync(`${folder}/hook.log`, `${new Date().toISOString()} ${process.argv[2]}: ${sentence}\n`, { mode: 0o600 })
  } catch {
    // Nobody is there to be told.
  }
}

// Node's own warnings would go to stderr.
process.removeAllListeners('warning')
process.on('uncaughtException', () => process.exit(0))
main()
