// `pnpm start`: builds, takes in this machine's transcripts, shows what is there and what to type next.
// On a machine without transcripts the same is shown on the samples, in a database that is thrown away.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { turboEnv } from './turbo.mjs'

const ROOT = resolve(import.meta.dirname, '../..')
const GOBBY = join(ROOT, 'apps/cli/bin/run.js')
const SAMPLES = join(ROOT, 'tooling/samples')

/** Ends a program's run with its exit code. */
class Stop extends Error {
  constructor(code) {
    super(`exit ${code}`)
    this.code = code
  }
}

/** Runs a program to its end and returns its output; with `show` the output goes to the terminal instead. */
function run(command, args, { env = process.env, show = false, quietUnlessFailed = false } = {}) {
  const piped = ['ignore', 'pipe', quietUnlessFailed ? 'pipe' : 'inherit']
  const child = spawn(command, args, { cwd: ROOT, env, stdio: show ? 'inherit' : piped })
  let output = ''
  child.stdout?.on('data', (chunk) => (output += chunk))
  child.stderr?.on('data', (chunk) => (output += chunk))
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code, signal) => {
      if (code === 0) return done(output)
      if (quietUnlessFailed) process.stderr.write(output)
      fail(new Stop(signal === 'SIGINT' ? 130 : (code ?? 1)))
    })
  })
}

const gobby = (args, env) => {
  console.log(`\n$ pnpm -s gobby ${args.join(' ')}`)
  return run(process.execPath, [GOBBY, ...args], { env, show: true })
}
const ask = async (args) => JSON.parse(await run(process.execPath, [GOBBY, ...args, '--json']))

/** True when no source has a transcript here and the database holds no session from before. */
async function nothingHere() {
  const { total } = await ask(['session', 'stats', '--all'])
  if (total > 0) return false
  const { sources } = await ask(['session', 'sync'])
  return Object.values(sources).every((source) => source.files === 0)
}

async function show(env) {
  await gobby(['session', 'list', '--all', '--limit', '10'], env)
  await gobby(['session', 'stats', '--all'], env)
}

async function showSamples() {
  console.log('\nThere are no transcripts of a coding CLI on this machine yet.')
  console.log('This is what gobby makes of the sample transcripts in tooling/samples, in a database that is removed at the end.')
  const home = mkdtempSync(join(tmpdir(), 'gobby-samples-'))
  const env = {
    ...process.env,
    GOBBY_HOME: home,
    CLAUDE_CONFIG_DIR: join(SAMPLES, 'claude'),
    CODEX_HOME: join(SAMPLES, 'codex'),
    GEMINI_CLI_HOME: join(SAMPLES, 'gemini'),
  }
  delete env.GOBBY_DATABASE_URL
  delete env.GOBBY_PROJECT
  try {
    await gobby(['session', 'sync'], env)
    await show(env)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function printNoneYet() {
  const samples = (name) => `"$PWD/tooling/samples/${name}"`
  console.log(`
Nothing of your own is there yet. Once one of the CLIs has run here:
  pnpm -s gobby session sync
To try it on the samples, which then stay in your database:
  CLAUDE_CONFIG_DIR=${samples('claude')} CODEX_HOME=${samples('codex')} GEMINI_CLI_HOME=${samples('gemini')} pnpm -s gobby session sync
  pnpm -s gobby session list --all`)
}

function printNext() {
  console.log(`
What to type next:
  pnpm -s gobby session show <ref>         everything about one session (3, gobby#3, or the start of its id)
  pnpm -s gobby session search "words"     find words in all that was said and done
  pnpm -s gobby session sync               take in what the CLIs have written since
  pnpm -s gobby --help                     all commands`)
}

/** Help and hints say "gobby …", which is no command in a clone until somebody makes it one. */
function printHow() {
  console.log(`
Help and hints say "gobby …". To have that in this shell, from every folder:
  alias gobby="'${ROOT}/node_modules/.bin/node' '${GOBBY}'"
(without it, and without pnpm on this machine: npx -y pnpm@10 -s gobby …)`)
}

// Ctrl-C goes to the program that runs; this one waits for it and cleans up.
process.on('SIGINT', () => {})

try {
  console.log('Building gobby …')
  await run(process.execPath, [join(ROOT, 'tooling/start/turbo.mjs'), 'run', 'build', '--output-logs=errors-only'], {
    env: turboEnv,
    quietUnlessFailed: true,
  })
  await gobby(['session', 'sync'])
  if (await nothingHere()) {
    await showSamples()
    printNoneYet()
  } else {
    await show()
    printNext()
  }
  printHow()
} catch (error) {
  if (!(error instanceof Stop)) throw error
  process.exitCode = error.code
}
