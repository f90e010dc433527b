import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir, tempHome } from '@gobby/testing'
import { expect, test } from 'vitest'
import { isRefused, overSocket, rawConnection, run, startProcess, until } from './running.ts'
import { sampleEnv } from './service.ts'

test('serves, follows the transcripts, and says who runs where', async () => {
  const server = await startProcess([], { env: sampleEnv })
  await until(async () => ((await (await server.get('/sessions')).json()) as { count: number }).count > 0)
  expect((await fetch(new URL('/sessions', server.url))).status).toBe(401)

  const port = String(server.port)
  const second = await run(['--port', port], server.env)
  expect([second.code, second.stdout]).toEqual([5, ''])
  expect(second.stderr).toContain(`process ${server.child.pid}`)
  expect(second.stderr).toContain(`--stop --port ${port}`)
  expect((await run(['--status'], server.env)).stdout).toContain(server.url)
  expect((await run(['--status', '--port', '1'], server.env)).code).toBe(3)

  expect((await run(['--stop', '--port', port], server.env)).stdout).toBe(`Stopped ${server.url}\n`)
  expect(await server.ended).toEqual({ code: 0, signal: null })
  expect(readdirSync(join(server.home, 'serve'))).toEqual([])
  expect((await run(['--stop', '--port', port], server.env)).code).toBe(3)
  expect(server.written()).not.toContain(server.token)
})

test('many searches at once get each its own answer, wrong ones their refusal', async () => {
  const server = await startProcess([], { env: sampleEnv })
  await until(async () => ((await (await server.get('/messages/search?q=frost')).json()) as { count: number }).count > 0)
  const queries = Array.from({ length: 30 }, (_, n) => ['frost', 'orchard', 'harvest', '-only', 'nowhere-to-be-found'][n % 5] as string)
  const answers = await Promise.all(queries.map(async (query) => (await server.get(`/messages/search?q=${query}`)).json() as Promise<{ query?: string; code?: string }>))
  expect(answers.map(({ query, code }) => query ?? code)).toEqual(queries.map((query) => (query === '-only' ? 'invalid' : query)))
})

test('--no-watch follows nothing', async () => {
  const server = await startProcess(['--no-watch'], { env: sampleEnv })
  await new Promise((resolve) => setTimeout(resolve, 2000))
  expect(await (await server.get('/sessions')).json()).toMatchObject({ count: 0 })
})

test('a port that another program holds is refused', async () => {
  const server = await startProcess(['--no-watch'])
  const { env } = tempHome()
  // Of another user's gobby it is told as well: it answers.
  expect((await run(['--port', String(server.port)], env)).code).toBe(5)
})

test.each([
  [['--port', '70000'], 2],
  [['--port', 'many'], 2],
  [['--colour'], 2],
  [['nonsense'], 2],
  [['--host', '', '--port', '0'], 2],
  [['--socket', '', '--port', '0'], 2],
  [['--host', '203.0.113.7', '--port', '0'], 5],
  [['--stop'], 3],
])('%j ends with %i', async (args, code) => {
  const result = await run(args, tempHome().env)
  expect(result.code, result.stderr).toBe(code)
  expect(result.stderr).toMatch(/^error: .+\n/)
})

test('what a killed server left behind is cleared away', async () => {
  const socket = join(tempDir(), 'private/gobby.sock')
  const first = await startProcess(['--no-watch', '--socket', socket])
  first.child.kill('SIGKILL')
  await first.ended
  expect(existsSync(socket)).toBe(true)
  expect((await run(['--status'], first.env)).code).toBe(3)
  const second = await startProcess(['--no-watch', '--socket', socket], { env: { GOBBY_HOME: first.home } })
  expect((await overSocket(socket, '/sessions')).status).toBe(200)
  expect(second.token).toBe(first.token)
})

test('the socket is the user’s alone, and asks for no token', async () => {
  const folder = join(tempDir(), 'private')
  const socket = join(folder, 'gobby.sock')
  const server = await startProcess(['--no-watch', '--socket', socket])
  expect([statSync(folder).mode & 0o777, statSync(socket).mode & 0o777]).toEqual([0o700, 0o600])
  expect(await overSocket(socket, '/sessions')).toMatchObject({ status: 200 })
  const refused = await run(['--port', '0', '--socket', socket], server.env)
  expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining('Another server listens')])
  server.child.kill('SIGTERM')
  await server.ended
  expect(existsSync(socket)).toBe(false)
})

test('a socket that others could reach, or that is a file, is refused', async () => {
  const open = join(tempDir(), 'open')
  mkdirSync(open)
  chmodSync(open, 0o755)
  expect(await run(['--port', '0', '--socket', join(open, 'x.sock')], tempHome().env)).toMatchObject({ code: 2, stderr: expect.stringContaining('others can enter') })
  const folder = tempDir()
  writeFileSync(join(folder, 'notes'), 'mine')
  expect(await run(['--port', '0', '--socket', join(folder, 'notes')], tempHome().env)).toMatchObject({ code: 2 })
})

test('other machines are warned of, and even the sign of life asks for the token', async () => {
  const server = await startProcess(['--no-watch', '--host', '0.0.0.0'])
  await until(() => server.written().includes('Warning: other machines can reach this server'))
  expect((await fetch(new URL('/healthz', server.url))).status).toBe(401)
  expect((await server.get('/healthz')).status).toBe(200)
  const second = await run(['--port', String(server.port), '--host', '0.0.0.0'], server.env)
  expect([second.code, second.stderr]).toEqual([5, expect.stringContaining(`process ${server.child.pid}`)])
})

test('a name that somebody made point here is refused', async () => {
  const server = await startProcess(['--no-watch'])
  const { socket, received, closed } = await rawConnection(server.port)
  socket.write(`GET /sessions HTTP/1.1\r\nHost: evil.example:${server.port}\r\nAuthorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`)
  await closed
  expect(received()).toMatch(/^HTTP\/1.1 403 /)
})

test.each([
  ['no HTTP', 'nonsense\r\n\r\n', 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['an old HTTP without Host', 'GET /sessions HTTP/1.0\r\n\r\n', 400],
  ['huge headers', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n', 405],
  ['an unknown expectation', 'GET /sessions HTTP/1.1\r\nHost: evil.example\r\nExpect: the-best\r\n\r\n', 403],
  ['two lengths', 'POST /handoffs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
])('%s is answered with a problem', async (_what, text, status) => {
  const server = await startProcess(['--no-watch'])
  const { socket, received, closed } = await rawConnection(server.port)
  socket.write(text)
  await Promise.race([closed, until(() => received().includes('}'))])
  expect(received()).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  const [head, body] = received().split('\r\n\r\n')
  expect(head).toMatch(/content-type: application\/problem\+json/i)
  expect(JSON.parse(body ?? '')).toMatchObject({ status, detail: expect.any(String), code: expect.any(String) })
})

/** A server that has begun with a request says so to one that asks: its answer begins with this. */
const ASKS = 'Expect: 100-continue\r\n'
const BEGUN = 'HTTP/1.1 100 Continue\r\n\r\n'

test('a client that hangs up in the middle of its request is no failure of ours', async () => {
  const server = await startProcess(['--no-watch'])
  for (const length of [100, 11_000_000]) {
    const { socket, received, closed } = await rawConnection(server.port)
    socket.write(`POST /handoffs HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${ASKS}\r\n{`)
    await until(() => received() !== '')
    socket.destroy()
    await closed
  }
  expect((await server.get('/sessions')).status).toBe(200)
  expect(server.written()).not.toContain('failed')
})

test('ends in 6 seconds whatever the clients do', async () => {
  const server = await startProcess(['--no-watch'])
  const stream = await server.get('/events')
  const reader = stream.body?.getReader()
  await reader?.read()
  // One that never reads, one whose request never ends, one that keeps its connection, one that sends nothing.
  const deaf = await rawConnection(server.port)
  deaf.socket.write(`GET /events HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer ${server.token}\r\n\r\n`)
  await until(() => deaf.received() !== '')
  deaf.socket.pause()
  const slow = await rawConnection(server.port)
  slow.socket.write(`POST /handoffs HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n${ASKS}\r\n{`)
  await until(() => slow.received() === BEGUN)
  await rawConnection(server.port)
  const start = performance.now()
  server.child.kill('SIGTERM')
  let last = await reader?.read()
  while (last && !last.done) last = await reader?.read()
  // Streams end at once, and new clients are refused, while the one request is still waited for.
  expect(await isRefused(server.port)).toBe(true)
  expect(server.child.exitCode).toBeNull()
  expect(await server.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - start).toBeLessThan(6000)
})

test('a running request comes to its end', async () => {
  const server = await startProcess(['--no-watch'])
  const { socket, received, closed } = await rawConnection(server.port)
  socket.write(`POST /tasks HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nContent-Length: 17\r\n${ASKS}\r\n{"title":`)
  await until(() => received() === BEGUN)
  server.child.kill('SIGINT')
  await until(() => isRefused(server.port))
  socket.write('"Prune"}')
  await closed
  // The request had passed the gate; it is answered, whatever the answer.
  expect(received().slice(BEGUN.length)).toMatch(/^HTTP\/1.1 \d{3} /)
  expect(await server.ended).toEqual({ code: 0, signal: null })
})

test('a server that the machine gives no time is waited for', async () => {
  const server = await startProcess(['--no-watch'])
  server.child.kill('SIGSTOP')
  const stopped = run(['--stop', '--port', String(server.port)], server.env)
  await new Promise((resolve) => setTimeout(resolve, 8000))
  server.child.kill('SIGCONT')
  expect(await stopped).toMatchObject({ code: 0, stderr: '' })
  expect(await server.ended).toEqual({ code: 0, signal: null })
})

test('ends in time when the system does not come back from a read', async () => {
  const preload = new URL('stuck-read.mjs', import.meta.url).href
  const server = await startProcess(['--no-watch'], { env: { GOBBY_TEST_PIPE: join(tempDir(), 'pipe') }, nodeArgs: ['--import', preload] })
  const result = await run(['--stop', '--port', String(server.port)], server.env)
  expect([result.code, result.stderr]).toEqual([0, ''])
  await server.ended
  expect(readdirSync(join(server.home, 'serve'))).toEqual([])
})
