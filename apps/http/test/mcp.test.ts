import { beforeAll, expect, test } from 'vitest'
import { document } from './document.ts'
import { sampleService, type TestService } from './service.ts'

let { request }: TestService = {} as TestService
beforeAll(async () => {
  ;({ request } = await sampleService())
})

/** One call of an MCP client whose server address is `path`. */
async function call(path: string, name: string, args: Record<string, unknown>, headers: Record<string, string> = {}) {
  const json = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }
  const response = await request(path, { json, headers: { accept: 'application/json, text/event-stream', ...headers } })
  const { result } = (await response.json()) as { result: { isError?: boolean; structuredContent: Record<string, unknown> } }
  return { status: response.status, ...result }
}

test('two clients in two projects never see each other’s', async () => {
  const clients = ['orchard', 'cider-press'].map((project) => async () => {
    for (let n = 0; n < 5; n++) {
      const answer = await call(`/mcp?project=${project}`, 'list_sessions', {})
      const projects = new Set((answer.structuredContent.sessions as { project: string }[]).map((session) => session.project))
      expect(projects).toEqual(new Set([project]))
      expect((await call('/mcp', 'get_session', { session_id: 1 }, { 'x-gobby-project': project })).structuredContent.project).toBe(project)
    }
  })
  await Promise.all(clients.map((client) => client()))
})

test('a client without a project is nowhere', async () => {
  expect((await call('/mcp', 'get_session', { session_id: 1 })).isError).toBe(true)
  expect((await call('/mcp', 'get_current_session', {})).structuredContent).toMatchObject({ session: null })
})

test('stands behind the same guards', async () => {
  const json = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  expect((await request('/mcp', { json, headers: { authorization: '' } })).status).toBe(401)
  expect((await request('/mcp', { json, headers: { origin: 'http://evil.example' } })).status).toBe(403)
  expect((await request('/mcp', { json, headers: { host: 'evil.example' } })).status).toBe(403)
})

test('whatever the transport answers, the document has it', async () => {
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
  const accept = 'application/json, text/event-stream'
  const answers = [
    request('/mcp', { json: ping, headers: { accept } }),
    request('/mcp', { json: { jsonrpc: '2.0', method: 'notifications/initialized' }, headers: { accept } }),
    request('/mcp', { json: ping, headers: { accept: 'text/html' } }),
    request('/mcp', { body: '{', headers: { accept, 'content-type': 'application/json' } }),
    request('/mcp', { body: '{}', headers: { accept, 'content-type': 'text/plain' } }),
  ]
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  expect(statuses).toEqual([200, 202, 406, 400, 415])
  expect(Object.keys(document.paths['/mcp']?.post?.responses ?? {})).toEqual(expect.arrayContaining(statuses.map(String)))
})
