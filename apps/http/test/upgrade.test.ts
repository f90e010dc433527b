import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@gobby/testing'
import { expect, test } from 'vitest'
import { startProcess, until } from './running.ts'
import { sampleEnv } from './service.ts'
import { EventReader } from './sse.ts'

test('a server whose files an upgrade replaced goes on answering everything, and ends as it should', async () => {
  const gone = join(tempDir(), 'gone')
  const preload = new URL('gone-files.mjs', import.meta.url).href
  const server = await startProcess([], { env: { ...sampleEnv, GOBBY_TEST_GONE: gone }, nodeArgs: ['--import', preload] })
  await until(async () => ((await (await server.get('/messages/search?q=frost')).json()) as { count: number }).count > 0)
  writeFileSync(gone, '')

  const post = (path: string, body: unknown) =>
    server.get(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' } })
  const rpc = (method: string, params: unknown = {}) => post('/mcp', { jsonrpc: '2.0', id: 1, method, params })
  const asked: Record<string, () => Promise<Response>> = {
    initialize: () => rpc('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } }),
    'tools/list': () => rpc('tools/list'),
    'tools/call': () => rpc('tools/call', { name: 'get_session', arguments: { session_id: 'orchard#1' } }),
    'resources/list': () => rpc('resources/list'),
    'resources/templates/list': () => rpc('resources/templates/list'),
    'resources/read': () => rpc('resources/read', { uri: 'gobby://nothing' }),
    'completion/complete': () => rpc('completion/complete', { ref: { type: 'ref/resource', uri: 'gobby://sessions/{ref}' }, argument: { name: 'ref', value: '' } }),
    'prompts/list': () => rpc('prompts/list'),
    'prompts/get': () => rpc('prompts/get', { name: 'nothing' }),
    handoff: () => post('/sessions/orchard~1/handoff', {}),
    commits: () => server.get('/sessions/orchard~1/commits'),
    hook: () => post('/hooks/claude', { hook_event_name: 'SessionStart', source: 'startup', session_id: 'after-it', cwd: '/home/sam/code/orchard', transcript_path: join(sampleEnv.CLAUDE_CONFIG_DIR, 'projects/x/after-it.jsonl') }),
    docs: () => server.get('/docs'),
    stats: () => server.get('/sessions/stats'),
  }
  for (const [name, ask] of Object.entries(asked)) {
    const answer = await ask()
    expect([name, answer.status]).toEqual([name, 200])
    expect(await answer.text()).not.toMatch(/No module any more|internal/)
  }
  const searches = await Promise.all(Array.from({ length: 20 }, async () => (await server.get('/messages/search?q=frost')).status))
  expect(new Set(searches)).toEqual(new Set([200]))
  const reader = new EventReader(await server.get('/events?last_event_id=0'))
  await until(() => reader.events.length > 0)

  server.child.kill('SIGTERM')
  expect(await server.ended).toEqual({ code: 0, signal: null })
  expect(server.written()).not.toMatch(/No module any more|failed/)
})
