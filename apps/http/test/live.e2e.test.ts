import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createContext } from '@gobby/sessions'
import { tempDir } from '@gobby/testing'
import { expect, onTestFinished, test } from 'vitest'
import { rawConnection, run, startProcess, until } from './running.ts'
import { EventReader } from './sse.ts'
import { LiveTranscript } from './transcript.ts'

test('200 streams are told of a new line within a second, and a deaf one delays nobody', async () => {
  const transcript = new LiveTranscript()
  transcript.write('Plant the trees')
  const server = await startProcess([], { env: { CLAUDE_CONFIG_DIR: transcript.configDir } })
  await until(async () => ((await (await server.get('/sessions')).json()) as { count: number }).count === 1)
  const deaf = await rawConnection(server.port)
  deaf.socket.pause()
  deaf.socket.write(`GET /events?last_event_id=0 HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer ${server.token}\r\n\r\n`)
  const readers = await Promise.all(Array.from({ length: 200 }, async () => new EventReader(await server.get('/events?type=session.message'))))
  await until(() => readers.every(({ text }) => text !== ''))
  const delays: number[] = []
  for (let n = 1; n <= 5; n++) {
    await new Promise((resolve) => setTimeout(resolve, 300))
    const start = performance.now()
    transcript.write(`Prune tree ${n}`)
    await until(() => readers.every(({ events }) => events.length === n))
    delays.push(performance.now() - start)
  }
  const [rss] = /\d+/.exec(execFileSync('grep', ['VmHWM', `/proc/${server.child.pid}/status`]).toString()) ?? []
  console.log(`200 streams: told after ${delays.map(Math.round).join(', ')} ms; ${Math.round(Number(rss) / 1024)} MB at most`)
  expect(readers[0]?.events[0]).toMatchObject({ type: 'session.message', project: 'orchard', ref: 'orchard#1' })
  for (const reader of readers) await reader.close()
})

test('a restart loses no event', async () => {
  const transcript = new LiveTranscript()
  transcript.write('Plant the trees')
  const env = { CLAUDE_CONFIG_DIR: transcript.configDir }
  const first = await startProcess([], { env })
  const reader = new EventReader(await first.get('/events?last_event_id=0'))
  await until(() => reader.events.some(({ type }) => type === 'session.message'))
  const { id } = reader.events.at(-1)
  await run(['--stop', '--port', String(first.port)], first.env)
  await until(() => reader.ended)
  // Meanwhile another process writes.
  const ctx = await createContext({ env: { ...first.env, ...env }, cwd: '/', database_url: `file:${join(first.home, 'sessions.db')}` })
  const session = (await ctx.store.sessions.list({}, 1))[0]
  await ctx.store.sessions.setTitle(session?.id ?? '', 'Meanwhile', ctx.now().toISOString())
  await ctx.close()
  const second = await startProcess([], { env: { ...env, GOBBY_HOME: first.home } })
  const again = new EventReader(await second.get('/events', { headers: { 'last-event-id': String(id) } }))
  await until(() => again.events.some(({ title }) => title === 'Meanwhile'))
  expect(again.events[0].id).toBe(id + 1)
})

test('a client that sends a byte now and then is cut off', async () => {
  const server = await startProcess(['--no-watch'])
  const { socket, received, closed } = await rawConnection(server.port)
  const trickle = setInterval(() => socket.write('X'), 500)
  socket.write('GET /sessions HTTP/1.1\r\n')
  socket.on('error', () => {})
  await closed
  clearInterval(trickle)
  expect(received()).toMatch(/^HTTP\/1.1 408 /)
  expect((await server.get('/sessions')).status).toBe(200)
})

test('a database that is held for 10 seconds: who reads is served, who writes is told to come again', async () => {
  const server = await startProcess(['--no-watch'])
  const register = (external_id: string) => server.get('/sessions/register', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ external_id, source: 'claude', cwd: '/home/sam/code/orchard' }) })
  expect((await register('before-it')).status).toBe(200)
  const script = `const { createRequire } = require('node:module'); const D = createRequire(${JSON.stringify(join(import.meta.dirname, '../../../packages/storage/package.json'))})('better-sqlite3'); const d = new D(process.argv[1]); d.exec('BEGIN IMMEDIATE'); console.log('held'); process.stdin.on('end', () => d.exec('COMMIT')).resume()`
  const holder = spawn(process.execPath, ['-e', script, join(server.home, 'sessions.db')], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void holder.kill('SIGKILL'))
  await new Promise((resolve) => holder.stdout.once('data', resolve))
  const start = performance.now()
  const other = { isAnswered: false }
  const write = register('meanwhile').finally(() => (other.isAnswered = true))
  const event = { hook_event_name: 'SessionStart', source: 'startup', session_id: 'told-meanwhile', cwd: '/home/sam/code/orchard', transcript_path: join(server.home, '../.claude/projects/x/told-meanwhile.jsonl') }
  const hook = await server.get('/hooks/claude', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) })
  // A CLI is not kept waiting as others are, and its event not lost.
  expect([hook.status, await hook.json(), other.isAnswered]).toEqual([200, {}, false])
  const worst = { ms: 0 }
  while (!other.isAnswered || performance.now() - start < 10_000) {
    const asked = performance.now()
    expect((await server.get('/sessions')).status).toBe(200)
    worst.ms = Math.max(worst.ms, performance.now() - asked)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const refused = await write
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  console.log(`While the database was held: the slowest read took ${Math.round(worst.ms)} ms`)
  holder.stdin.end()
  await new Promise((resolve) => holder.once('close', resolve))
  expect((await register('meanwhile')).status).toBe(200)
  await until(async () => (await server.get('/sessions/told-meanwhile')).status === 200)
  expect(await (await server.get('/sessions')).json()).toMatchObject({ count: 3 })
})

test('a disk that is full: a write is refused with the reason, and goes through when there is room again', async ({ skip }) => {
  const disk = tempDir()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'pipe' })
  } catch (error) {
    console.warn(`SKIPPED: a small tmpfs cannot be mounted here: ${String(error).slice(0, 80)}`)
    return skip()
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  const server = await startProcess(['--no-watch'], { env: { GOBBY_DATABASE_URL: `file:${join(disk, 'sessions.db')}` } })
  const register = (external_id: string) => server.get('/sessions/register', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ external_id, source: 'claude', cwd: '/home/sam/code/orchard' }) })
  expect((await register('before-it')).status).toBe(200)
  const filler = openSync(join(disk, 'filler'), 'w')
  let refused: Response | undefined
  try {
    for (;;) writeSync(filler, Buffer.alloc(4096))
  } catch {
    for (let n = 0; n < 200 && refused?.status !== 503; n++) refused = await register(`while-it-is-full-${n}`)
  }
  expect(refused?.status).toBe(503)
  expect(await refused?.json()).toMatchObject({ code: 'unavailable', detail: expect.stringContaining('is full') })
  closeSync(filler)
  rmSync(join(disk, 'filler'))
  expect((await register('after-it')).status).toBe(200)
})
