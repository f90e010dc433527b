import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { runBin, shortest, tempDir } from '@gobby/testing'
import { expect, onTestFinished, test } from 'vitest'
import { ask, BIN, Client, type Gobby, type Json, sampleGobby, StdioClientTransport } from './client.ts'

const INITIALIZE = { jsonrpc: '2.0', id: 'first', method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } } }
const listSessions = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'list_sessions', arguments: {} } })

const database = ({ env }: Gobby): string => join(env.GOBBY_HOME as string, 'sessions.db')

/** A sample home whose database no one in this process holds open. */
async function closedGobby(): Promise<Gobby> {
  const gobby = await sampleGobby()
  await gobby.store.close()
  return gobby
}

async function client({ env, cwd }: Gobby, args: string[] = []): Promise<Client> {
  const own = new Client({ name: 'test', version: '1' })
  onTestFinished(() => own.close())
  await own.connect(new StdioClientTransport({ command: process.execPath, args: [BIN, ...args], env: env as Record<string, string>, cwd }))
  return own
}

type Raw = { child: ChildProcessWithoutNullStreams; say(message: unknown): void; hear(): Promise<Json>; stderr(): string; ended: Promise<{ code: number | null; signal: string | null }> }

/** The server with lines in and lines out; what is no JSON on its stdout fails the test. */
function raw({ env, cwd }: Gobby): Raw {
  const child = spawn(process.execPath, [BIN], { env: env as NodeJS.ProcessEnv, cwd })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  return {
    child,
    say: (message) => void child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    hear: async () => JSON.parse((await lines.next()).value as string) as Json,
    stderr: () => errors,
    ended: new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal }))),
  }
}

test('initialize, list, call; the three registries', async () => {
  const gobby = await closedGobby()
  const own = await client(gobby)
  expect(own.getServerVersion()).toMatchObject({ name: 'gobby', version: (JSON.parse(readFileSync(join(BIN, '../../package.json'), 'utf8')) as Json).version })
  expect((await own.listTools()).tools.map(({ name }) => name)).toContain('get_current_session')
  expect((await ask(own, 'list_sessions')).answer.count).toBeGreaterThan(2)
  expect((await ask(own, 'call_tool', { server_name: 'gobby-hub', tool_name: 'hub_stats' })).isError).toBe(false)
  expect((await own.listResources()).resources.length).toBeGreaterThan(2)
  const all = await client(gobby, ['--registry', 'all'])
  expect((await all.listTools()).tools.length).toBeGreaterThan(25)
  const progressive = await client(gobby, ['--discovery', 'progressive'])
  expect((await progressive.listTools()).tools).toHaveLength(3)
})

test('--help, --version, and a command line that is wrong', async () => {
  const { env } = await closedGobby()
  const help = await runBin(BIN, ['--help'], { env })
  expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('--discovery') })
  expect((await runBin(BIN, ['--version'], { env })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  for (const args of [['--registry', 'other'], ['--nonsense'], ['word']]) {
    const wrong = await runBin(BIN, args, { env })
    expect(wrong, args.join(' ')).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toMatch(/^[^\n]+\.\n$/)
  }
})

/** Makes a program slow to load what it loads while it runs, as a busy machine does. */
function slowToLoad(): string {
  const path = join(tempDir(), 'slow.cjs')
  const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)'
  writeFileSync(path, `require('node:module').registerHooks({ load(url, context, next) { if (url.includes('/chunks/')) ${wait}; return next(url, context) } })`)
  return `--require ${path}`
}

test.each(['as it is', 'slow to load'])('lines that are piped in are all answered before the end: %s', async (machine) => {
  const { env, cwd } = await closedGobby()
  const input = [INITIALIZE, { jsonrpc: '2.0', method: 'notifications/initialized' }, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, listSessions(2), listSessions(3)]
  const NODE_OPTIONS = machine === 'as it is' ? undefined : slowToLoad()
  const { code, stdout, stderr } = await runBin(BIN, [], { env: { ...env, NODE_OPTIONS }, cwd, input: `${input.map((line) => JSON.stringify(line)).join('\n')}\n` })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.trim().split('\n').map((line) => (JSON.parse(line) as Json).id)).toEqual(['first', 1, 2, 3])
})

/** A server that has opened its database. */
async function answering() {
  const gobby = await closedGobby()
  const server = raw(gobby)
  server.say(INITIALIZE)
  await server.hear()
  server.say(listSessions(1))
  await server.hear()
  return { gobby, server }
}

test.each(['SIGINT', 'SIGTERM', 'stdin'] as const)('%s ends it within 200 ms, the database closed', async (how) => {
  const end = async () => {
    const { gobby, server } = await answering()
    const start = performance.now()
    if (how === 'stdin') server.child.stdin.end()
    else server.child.kill(how)
    const { code, signal } = await server.ended
    const took = performance.now() - start
    expect({ code, signal, stderr: server.stderr() }).toEqual({ code: 0, signal: null, stderr: '' })
    // Who closes last takes the log into the file, and it away.
    expect(existsSync(`${database(gobby)}-wal`)).toBe(false)
    return took
  }
  expect(await shortest(200, end)).toBeLessThan(200)
})

test('a client that goes in the middle of a call', async () => {
  const server = raw(await closedGobby())
  server.say(INITIALIZE)
  await server.hear()
  for (let id = 1; id < 20; id++) server.say(listSessions(id))
  server.child.stdout.destroy()
  server.child.stdin.end()
  expect(await server.ended).toMatchObject({ code: 0, signal: null })
})

test('garbage is passed over, and said on stderr; the next line is answered', async () => {
  const server = raw(await closedGobby())
  for (const line of ['not json', '{"half":', '[]', '{"jsonrpc":"2.0"}', '\u0000\u0001', '']) server.say(line)
  server.say(INITIALIZE)
  expect(await server.hear()).toMatchObject({ id: 'first', result: { protocolVersion: '2025-06-18' } })
  server.say({ jsonrpc: '2.0', id: 9, method: 'server/discover' })
  expect(await server.hear()).toMatchObject({ id: 9, error: { code: -32601 } })
  await expect.poll(() => server.stderr(), { timeout: 60_000 }).toContain('gobby-mcp: What came is no message of the protocol.\n')
  expect(server.stderr()).not.toMatch(/\n\s+at /)
})

test('a query of 1 MB, a limit out of range, 50 calls at once', async () => {
  const own = await client(await closedGobby())
  expect((await ask(own, 'search_messages', { query: 'x'.repeat(1_048_576) })).answer.error).toMatchObject({ code: 'invalid' })
  expect((await ask(own, 'list_sessions', { limit: 201 })).answer.error).toMatchObject({ code: 'invalid', message: expect.stringContaining('1 to 200') })
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(own, 'session_stats')))
  expect(answers.filter(({ isError }) => isError)).toEqual([])
})

test('a database of a newer gobby, and one that is none', async () => {
  const newer = await closedGobby()
  const db = new DatabaseSync(database(newer))
  db.exec('PRAGMA user_version = 9999')
  db.close()
  const own = await client(newer)
  expect((await own.listTools()).tools.length).toBeGreaterThan(10)
  expect((await ask(own, 'list_sessions')).answer.error).toMatchObject({ code: 'unavailable', hint: expect.any(String) })

  const broken = await closedGobby()
  writeFileSync(database(broken), 'this is no database at all'.repeat(100))
  expect((await ask(await client(broken), 'list_sessions')).answer.error).toMatchObject({ code: 'unavailable' })

  const folder = { ...broken, env: { ...broken.env, GOBBY_HOME: join(tempDir(), 'home') } }
  mkdirSync(join(folder.env.GOBBY_HOME, 'sessions.db'), { recursive: true })
  expect((await ask(await client(folder), 'list_sessions')).answer.error).toMatchObject({ code: 'unavailable' })
})

test('a database that another process holds is busy, and later it is not', async () => {
  const gobby = await closedGobby()
  const own = await client(gobby)
  const { sessions } = (await ask(own, 'list_sessions')).answer as { sessions: Json[] }
  const holder = new DatabaseSync(database(gobby))
  holder.exec('BEGIN IMMEDIATE')
  // Reading goes on meanwhile.
  expect((await ask(own, 'list_sessions')).isError).toBe(false)
  const busy = await ask(own, 'mark_loop_complete', { session_id: sessions[0]?.id })
  expect(busy.answer.error).toMatchObject({ code: 'busy', hint: expect.stringContaining('again') })
  holder.exec('ROLLBACK')
  holder.close()
  expect((await ask(own, 'mark_loop_complete', { session_id: sessions[0]?.id })).isError).toBe(false)
})

test.each(['many calls', 'calls that wait for the database'] as const)('it ends within 200 ms in the middle of %s', async (what) => {
  const call = what === 'many calls' ? { name: 'search_messages', arguments: { query: 'tree' } } : { name: 'call_tool', arguments: { server_name: 'gobby-tasks', tool_name: 'create_task', arguments: { title: 'Oil it', project_id: 'orchard' } } }
  const end = async () => {
    const { gobby, server } = await answering()
    const holder = new DatabaseSync(database(gobby))
    if (what !== 'many calls') holder.exec('BEGIN IMMEDIATE')
    for (let id = 2; id < (what === 'many calls' ? 500 : 52); id++) server.say({ jsonrpc: '2.0', id, method: 'tools/call', params: call })
    await sleep(50)
    const start = performance.now()
    server.child.kill('SIGTERM')
    expect(await server.ended).toEqual({ code: 0, signal: null })
    const took = performance.now() - start
    expect(server.stderr()).toBe('')
    holder.close()
    return took
  }
  expect(await shortest(200, end)).toBeLessThan(200)
})

test('50 writers wait for the one that holds the database, while readers are answered', async () => {
  const gobby = await closedGobby()
  const own = await client(gobby)
  await ask(own, 'list_sessions')
  const holder = new DatabaseSync(database(gobby))
  holder.exec('BEGIN IMMEDIATE')
  const task = { server_name: 'gobby-tasks', tool_name: 'create_task', arguments: { title: 'Oil it', project_id: 'orchard' } }
  const writing = Promise.all(Array.from({ length: 50 }, () => ask(own, 'call_tool', task)))
  expect((await ask(own, 'list_sessions')).isError).toBe(false)
  holder.exec('ROLLBACK')
  holder.close()
  expect(new Set((await writing).map(({ answer }) => answer.ref)).size).toBe(50)
})

test('what is cancelled is not done: neither what waits its turn, nor what waits for the database', async () => {
  const gobby = await closedGobby()
  const server = raw(gobby)
  server.say(INITIALIZE)
  await server.hear()
  const create = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'create_task', arguments: { title: `Task ${id}`, project_id: 'orchard' } } })
  const cancel = (requestId: number) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } })
  server.child.stdin.write([create(1), create(2), create(3), cancel(2)].map((line) => `${JSON.stringify(line)}\n`).join(''))
  expect([(await server.hear()).id, (await server.hear()).id]).toEqual([1, 3])

  const holder = new DatabaseSync(database(gobby))
  holder.exec('BEGIN IMMEDIATE')
  server.say(create(4))
  server.say(listSessions(5))
  expect((await server.hear()).id).toBe(5)
  server.say(cancel(4))
  server.say(listSessions(6))
  expect((await server.hear()).id).toBe(6)
  holder.exec('ROLLBACK')
  server.say(create(7))
  expect((await server.hear()).id).toBe(7)
  expect(holder.prepare('SELECT title FROM tasks ORDER BY seq_num').all().map(({ title }) => title)).toEqual(['Task 1', 'Task 3', 'Task 7'])
  holder.close()
  server.child.stdin.end()
  expect(await server.ended).toEqual({ code: 0, signal: null })
  expect(server.stderr()).toBe('')
})

test('two servers on one database see each other’s work at once', async () => {
  const gobby = await closedGobby()
  const [one, other] = [await client(gobby), await client(gobby)]
  const { sessions } = (await ask(one, 'list_sessions')).answer as { sessions: Json[] }
  const { answer } = await ask(one, 'create_handoff', { session_id: sessions[0]?.id, notes: 'seen from the other' })
  expect((await ask(other, 'get_handoff_context', { session_id: sessions[0]?.id })).answer).toMatchObject({ handoff_id: answer.handoff_id })
})
