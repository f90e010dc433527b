#!/usr/bin/env node
// Plain JavaScript that every Node can read: an old one gets a sentence here, where better-sqlite3 would crash it.
const OLDEST = [22, 15]

function main() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return stop(`gobby needs Node ${OLDEST.join('.')} or newer; this is ${process.version} (${process.execPath}).`)
  }
  // Not by import, which would also load what the modules themselves load only when it is used.
  const builtin = (name) => process.getBuiltinModule(name)
  const app = new URL('../dist/main.js', import.meta.url)
  if (!builtin('node:fs').existsSync(app)) return stop('gobby is not built yet. Build it with: npx -y pnpm@10 build')
  builtin('node:module').enableCompileCache()
  // A reader that has enough (`| head`) is no failure.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error
      process.exit(process.exitCode ?? 0)
    })
  }
  start(app.href)
}

async function start(app) {
  try {
    const { interrupt, main: run } = await import(app)
    process.on('SIGINT', () => {
      interrupt()
      process.exit(130)
    })
    const { env, stdin, stdout, stderr } = process
    const root = process.getBuiltinModule('node:url').fileURLToPath(new URL('..', import.meta.url))
    process.exitCode = await run(process.argv.slice(2), { root, env, stdin, stdout, stderr })
  } catch (error) {
    stop(`gobby could not start: ${error.message}`)
  }
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 1
}

main()
