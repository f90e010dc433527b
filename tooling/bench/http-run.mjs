/** Starts the service as a user does and asks it. Arguments: database, words.json, scratch folder, seconds of each. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { quantile, rounded } from './figures.mjs'
import { root } from './places.mjs'

const [database, wordsFile, folder, seconds] = process.argv.slice(2)
const CONNECTIONS = 20
const STREAMS = 200
const LINES = 5

const env = { ...process.env, HOME: folder, USERPROFILE: folder, GOBBY_HOME: join(folder, '.gobby'), CLAUDE_CONFIG_DIR: join(folder, 'claude'), CODEX_HOME: join(folder, 'codex'), GEMINI_CLI_HOME: folder }
const server = await start(['--no-watch'], `file:${database}`)
const { sessions } = await (await ask(server, '/sessions?limit=200')).json()
const some = sessions[100].id

const result = { list: await compared('/sessions'), record: await compared(`/sessions/${some}`), search: await searches() }
await end(server)

const live = await start([], `file:${join(folder, 'live.db')}`)
result.streams = await streams(live)
await end(live)
console.log(JSON.stringify(result))

/** A route against one that gives the same bytes from memory, turn by turn. */
async function compared(path) {
  const size = (await (await ask(server, path)).text()).length
  const bytes = await reference(path)
  const [own, bare] = [[], []]
  // The first round warms both up.
  for (let round = 0; round <= 3; round++) {
    const [a, b] = [await rate(server, path), await rate(bytes, path)]
    if (round === 0) continue
    own.push(a)
    bare.push(b)
  }
  await end(bytes)
  const [own_per_second, memory_per_second] = [quantile(own, 0.5), quantile(bare, 0.5)]
  return { bytes: size, own_per_second: Math.round(own_per_second), memory_per_second: Math.round(memory_per_second), ratio: rounded(own_per_second / memory_per_second, 2) }
}

async function rate({ url, token }, path) {
  const { requests, non2xx, errors } = await autocannon({ url: `${url}${path}`, connections: CONNECTIONS, duration: Number(seconds), headers: { authorization: `Bearer ${token}` } })
  if (non2xx + errors > 0) throw new Error(`${path}: ${non2xx} refused, ${errors} failed`)
  return requests.average
}

/** Each connection searches for other words. */
async function searches() {
  const words = JSON.parse(readFileSync(wordsFile, 'utf8')).filter(([, hits]) => hits >= 10 && hits <= 10_000)
  const every = Math.max(1, Math.floor(words.length / 400))
  // In no order: sorted, the most frequent words would all wait for each other.
  const mixed = (word) => createHash('sha1').update(word).digest('hex')
  const some = words.filter((_, n) => n % every === 0).map(([word]) => word)
  const paths = some.toSorted((a, b) => (mixed(a) < mixed(b) ? -1 : 1)).map((word) => `/messages/search?q=${word}`)
  const times = []
  let n = 0
  const one = async (until) => {
    while (performance.now() < until) {
      const begun = performance.now()
      const response = await ask(server, paths[n++ % paths.length])
      await response.arrayBuffer()
      times.push(performance.now() - begun)
    }
  }
  // The first round fills the caches, those of each thread that searches.
  for (let round = 0; round < 2; round++) await Promise.all(Array.from({ length: 4 }, async (_, at) => { for (let n = at; n < paths.length; n += 2) await (await ask(server, paths[n % paths.length])).arrayBuffer() }))
  const until = performance.now() + Number(seconds) * 1000
  await Promise.all(Array.from({ length: CONNECTIONS }, () => one(until)))
  return { connections: CONNECTIONS, searches: times.length, p50_ms: rounded(quantile(times, 0.5)), p95_ms: rounded(quantile(times, 0.95)) }
}

/** Streams that wait for a new message, from its line in the transcript to the last of them. */
async function streams(live) {
  const path = join(folder, 'claude/projects/-work-bench/0c0ffee0-0000-4000-8000-000000000003.jsonl')
  mkdirSync(join(path, '..'), { recursive: true })
  const write = (n) => {
    const row = { parentUuid: null, isSidechain: false, sessionId: '0c0ffee0-0000-4000-8000-000000000003', cwd: '/home/sam/bench', version: '2.1.0' }
    appendFileSync(path, `${JSON.stringify({ ...row, type: 'user', uuid: `u${n}`, timestamp: new Date(1.78e12 + n * 1000).toISOString(), message: { role: 'user', content: `Prompt ${n}` } })}\n`)
  }
  write(0)
  const seen = Array.from({ length: STREAMS }, () => 0)
  for (let n = 0; n < STREAMS; n++) {
    const { body } = await ask(live, '/events?type=session.message')
    void (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of body) seen[n] += (decoder.decode(chunk, { stream: true }).match(/^event: session.message$/gm) ?? []).length
    })().catch(() => {})
  }
  await pause(3000)
  seen.fill(0)
  const delays = []
  for (let line = 1; line <= LINES; line++) {
    const begun = performance.now()
    write(line)
    while (seen.some((count) => count < line)) await pause(5)
    delays.push(performance.now() - begun)
    await pause(300)
  }
  const [, kb] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${live.child.pid}/status`, 'utf8')) ?? []
  return { streams: STREAMS, slowest_ms: rounded(Math.max(...delays)), rss_mb: kb === undefined ? null : rounded(kb / 1024) }
}

async function start(args, database_url) {
  return started(spawn(process.execPath, [join(root, 'apps/http/bin/gobby-http.js'), '--port', '0', ...args], { env: { ...env, GOBBY_DATABASE_URL: database_url }, stdio: ['ignore', 'pipe', 'inherit'] }))
}

async function reference(path) {
  const bytes = await (await ask(server, path)).text()
  const child = spawn(process.execPath, [join(root, 'tooling/bench/http-reference.mjs')], { env: { ...env, BODY: bytes }, stdio: ['ignore', 'pipe', 'inherit'] })
  return started(child)
}

async function started(child) {
  let text = ''
  const url = await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('The service ended.')))
    child.stdout.on('data', (chunk) => {
      text += chunk
      const found = /serves at (http:\S+)/.exec(text)
      if (found) resolve(found[1])
    })
  })
  return { url, child, token: readFileSync(join(env.GOBBY_HOME, 'token'), 'utf8').trim() }
}

function ask({ url, token }, path) {
  return fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })
}

async function end({ child }) {
  child.removeAllListeners('exit')
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
