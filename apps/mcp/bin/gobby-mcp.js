#!/usr/bin/env node
// Plain JavaScript that every Node can read: an old one gets a sentence here, where better-sqlite3 would crash it.
const OLDEST = [22, 15]

function main() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return stop(`gobby-mcp needs Node ${OLDEST.join('.')} or newer; this is ${process.version} (${process.execPath}).`)
  }
  // Not by import, which would also load what the modules themselves load only when it is used.
  const builtin = (name) => process.getBuiltinModule(name)
  const app = new URL('../dist/bundle/main.js', import.meta.url)
  if (!builtin('node:fs').existsSync(app)) return stop('gobby-mcp is not built yet. Build it with: npx -y pnpm@10 build')
  builtin('node:module').enableCompileCache()
  start(app.href)
}

async function start(app) {
  try {
    const told = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve)
    })
    const { main: run } = await import(app)
    const { argv, env, ppid, stdin, stdout, stderr } = process
    const { version } = JSON.parse(process.getBuiltinModule('node:fs').readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    const code = await run(argv.slice(2), { version, env, cwd: process.cwd(), ppid, stdin, stdout, stderr, told })
    // What is still running has nobody to answer.
    process.exit(code)
  } catch (error) {
    stop(`gobby-mcp could not start: ${error.message}`)
  }
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 1
}

main()
