import { beforeAll, expect, test } from 'vitest'
import { handleMcpRequest } from '../src/index.ts'
import { ask, connect, connectHttp, type Gobby, sampleGobby } from './client.ts'

let gobby: Gobby

beforeAll(async () => {
  gobby = await sampleGobby()
})

test('the same tools, answers and errors as over any other transport', async () => {
  const [http, memory] = [await connectHttp(gobby.options), await connect(gobby.options)]
  expect(await http.listTools()).toEqual(await memory.listTools())
  expect(http.getInstructions()).toEqual(memory.getInstructions())
  for (const [name, args] of [['list_sessions', {}], ['get_session', { session_id: 'nowhere#1' }], ['session_stats', {}]] as const) {
    expect(await ask(http, name, args)).toEqual(await ask(memory, name, args))
  }
  expect((await http.listResources()).resources.length).toBeGreaterThan(0)
})

const post = (body: unknown, headers: Record<string, string> = {}) =>
  handleMcpRequest(
    new Request('http://127.0.0.1/mcp', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
    gobby.options,
  )

test('each request stands alone: no initialize before, no session after', async () => {
  const response = await post({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'list_sessions', arguments: {} } })
  expect(response.status).toBe(200)
  expect(response.headers.get('mcp-session-id')).toBeNull()
  expect(await response.json()).toMatchObject({ id: 7, result: { structuredContent: { count: expect.any(Number) } } })
})

test('what is not for it: other methods, other types, garbage', async () => {
  for (const method of ['GET', 'DELETE', 'PUT']) {
    const response = await handleMcpRequest(new Request('http://127.0.0.1/mcp', { method, headers: { accept: 'text/event-stream' } }), gobby.options)
    expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({ status: 405, allow: 'POST' })
  }
  expect((await post('{', {})).status).toBe(400)
  expect((await post({}, { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { accept: 'text/html' })).status).toBe(406)
  expect((await post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202)
})
