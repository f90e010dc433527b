import { operations } from '@gobby/sessions'
import { taskOperations } from '@gobby/tasks'
import { beforeAll, describe, expect, test } from 'vitest'
import { routes, withoutAddress } from '../src/routes.ts'
import { document } from './document.ts'
import { sampleEnv, sampleService, type TestService } from './service.ts'

let { ask, service }: TestService = {} as TestService
beforeAll(async () => {
  ;({ ask, service } = await sampleService())
})

/** What each route is asked; all of them in this order, on one database. */
const asked: Record<string, { path: string; method?: string; json?: unknown }> = {
  list_sessions: { path: '/sessions?limit=3&include_subagents=true&detail=full' },
  get_current_session: { path: '/sessions/current?project=orchard' },
  session_stats: { path: '/sessions/stats?project_id=orchard' },
  register_session: { path: '/sessions/register', json: { external_id: 'plum-run-1', source: 'codex', cwd: '/home/sam/code/plum', jsonl_path: '/nowhere/plum-run-1.jsonl', title: 'Plums' } },
  find_current: { path: '/sessions/find_current', json: { external_id: 'plum-run-1', source: 'codex', machine_id: null } },
  find_parent: { path: '/sessions/find_parent', json: { source: 'codex', project_id: 'plum' } },
  update_status: { path: '/sessions/update_status', json: { session_id: 'plum-run-1', status: 'paused' } },
  update_summary: { path: '/sessions/update_summary', json: { session_id: 'plum-run-1', summary_markdown: '# Plums' } },
  get_session: { path: '/sessions/orchard~1' },
  update_session: { path: '/sessions/plum-run-1', method: 'PATCH', json: { title: 'Plum jam', status: 'archived' } },
  get_session_messages: { path: '/sessions/orchard%231/messages?limit=2' },
  get_session_commits: { path: '/sessions/orchard~1/commits?max_commits=5' },
  create_session_handoff: { path: '/sessions/orchard~1/handoff', json: { notes: 'Ripe' } },
  create_handoff: { path: '/handoffs', json: { session_id: 'orchard#2' } },
  get_handoff_context: { path: '/sessions/1/handoff?project=orchard' },
  get_newest_handoff: { path: '/handoffs/newest?project=orchard' },
  search_messages: { path: '/messages/search?q=frost&sort=newest' },
  find_commit_sessions: { path: '/commits/abcd/sessions' },
  mark_loop_complete: { path: '/sessions/orchard~1/complete', method: 'POST' },
  create_task: { path: '/tasks?project=orchard', json: { title: 'Prune', labels: ['winter'], session_id: 'orchard#1' } },
  list_tasks: { path: '/tasks?project=orchard&priority=2&label=winter' },
  list_ready_tasks: { path: '/tasks/ready?project=orchard' },
  list_blocked_tasks: { path: '/tasks/blocked' },
  get_task: { path: '/tasks/orchard~2' },
  update_task: { path: '/tasks/orchard~2', method: 'PATCH', json: { priority: 1, description: 'Before the frost' } },
  claim_task: { path: '/tasks/orchard~2/claim', json: { session_id: 'orchard#1' } },
  add_dependency: { path: '/tasks/orchard~2/dependencies', json: { depends_on: 'orchard#1' } },
  remove_dependency: { path: '/tasks/orchard~2/dependencies/orchard~1', method: 'DELETE' },
  link_task_to_session: { path: '/tasks/orchard~2/sessions', json: { session_id: 'orchard#2', action: 'mentioned' } },
  get_task_sessions: { path: '/tasks/orchard~2/sessions' },
  get_session_tasks: { path: '/sessions/orchard~1/tasks' },
  close_task: { path: '/tasks/orchard~2/close', json: { reason: 'done', session_id: 'orchard#1' } },
  list_cross_project_sessions: { path: '/hub/sessions?limit=5' },
  list_cross_project_tasks: { path: '/hub/tasks' },
  hub_stats: { path: '/hub/stats' },
  list_all_projects: { path: '/hub/projects' },
  get_project: { path: '/hub/projects/orchard' },
  take_hook: { path: '/hooks/claude', json: { hook_event_name: 'SessionStart', source: 'startup', session_id: 'hook-run-2', cwd: '/home/sam/code/orchard', transcript_path: `${sampleEnv.CLAUDE_CONFIG_DIR}/projects/x/hook-run-2.jsonl` } },
  execute_hook: { path: '/hooks/execute', json: { source: 'claude', hook_type: 'user-prompt-submit', input_data: { session_id: 'hook-run-2', prompt: 'Go on', cwd: '/home/sam/code/orchard', transcript_path: `${sampleEnv.CLAUDE_CONFIG_DIR}/projects/x/hook-run-2.jsonl` } } },
  delete_task: { path: '/tasks/orchard~2', method: 'DELETE' },
  delete_session: { path: '/sessions/orchard~1', method: 'DELETE' },
}

test('every operation has an address, or a reason for having none', () => {
  const answering = new Set(routes.map(({ operation }) => operation.name))
  const missing = [...operations, ...taskOperations].map(({ name }) => name).filter((name) => !answering.has(name))
  expect(missing.toSorted()).toEqual(Object.keys(withoutAddress).toSorted())
  expect(Object.values(withoutAddress).every((reason) => reason.length > 20)).toBe(true)
})

test('every route is asked', () => {
  expect(Object.keys(asked).toSorted()).toEqual(routes.map(({ name }) => name).toSorted())
})

test('every route answers what the document says', async () => {
  expect((await ask('/tasks?project=orchard', { json: { title: 'Oil the saw' } })).body.ref).toBe('#1')
  for (const [name, { path, ...given }] of Object.entries(asked)) {
    const answer = await ask(path, given)
    expect([name, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([name, 200, ''])
  }
})

describe('the service itself', () => {
  test('lives, is ready, and describes itself', async () => {
    expect((await ask('/healthz')).body).toMatchObject({ name: 'gobby', pid: process.pid })
    expect((await ask('/readyz')).body.status).toBe('ready')
    expect((await ask('/openapi.json')).body).toEqual(JSON.parse(JSON.stringify(document)))
    const page = await ask('/docs')
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    expect(page.text).toContain('/sessions/{ref}/messages')
    expect(page.text).not.toMatch(/<script|https?:\/\/(?!www\.w3)/)
  })

  test('every parameter of the document is described', () => {
    const bare = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).flatMap(({ parameters }) => parameters.filter(({ $ref, description }) => !$ref && !description).map(({ name }) => `${path} ${String(name)}`)),
    )
    expect(bare).toEqual([])
  })

  test('says when it is about to end', async () => {
    service.closing = true
    expect((await ask('/readyz')).status).toBe(503)
    expect((await ask('/sessions')).headers.get('retry-after')).toBe('5')
    expect((await ask('/healthz')).status).toBe(200)
    service.closing = false
  })
})

test('a list tells its next page, and the pages make up the whole', async () => {
  const seen: string[] = []
  let next: string | undefined = '/sessions?limit=2&include_empty=1'
  while (next) {
    const { body, headers } = await ask(next)
    seen.push(...body.sessions.map(({ id }: { id: string }) => id))
    next = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
    expect(next === undefined).toBe(body.next_cursor === null)
  }
  const { body } = await ask('/sessions?limit=200&include_empty=1')
  expect(seen).toEqual(body.sessions.map(({ id }: { id: string }) => id))
  expect(seen.length).toBeGreaterThan(4)
})

test('a list of the last days goes with the time', async () => {
  const { ask: askThen, service: then } = await sampleService()
  const at = (day: string) => Object.assign(then.ctx, { now: () => new Date(day) })
  at('2026-11-22T00:00:00.000Z')
  expect((await askThen('/sessions?since=3d')).body.count).toBe(2)
  at('2026-11-24T00:00:00.000Z')
  expect((await askThen('/sessions?since=3d')).body.count).toBe(1)
  expect((await askThen('/sessions?until=3d')).body.count).toBe(6)
  expect((await askThen('/sessions?since=soon')).status).toBe(400)
})

test('a record that is known is not sent again', async () => {
  const first = await ask('/sessions/orchard~2')
  const etag = first.headers.get('etag') ?? ''
  const again = await ask('/sessions/orchard~2', { headers: { 'if-none-match': `"other", W/${etag}` } })
  expect([again.status, again.text]).toEqual([304, ''])
  await ask('/sessions/orchard~2', { method: 'PATCH', json: { title: 'Another title' } })
  expect((await ask('/sessions/orchard~2', { headers: { 'if-none-match': etag } })).status).toBe(200)
})

test.each(['/sessions/orchard~3/handoff', '/handoffs/newest?project=orchard', '/tasks/orchard~1', '/hub/projects/orchard'])('%s has a tag too', async (path) => {
  const { status, headers } = await ask(path)
  expect([status, (await ask(path, { headers: { 'if-none-match': headers.get('etag') ?? '' } })).status]).toEqual([200, 304])
})

test('a session is found by any ref, in the project of the request', async () => {
  const { body } = await ask('/sessions/orchard~2')
  for (const path of ['/sessions/2?project=orchard', '/sessions/%232?project_id=orchard', '/sessions/orchard%232', `/sessions/${body.id}`, `/sessions/${body.id.slice(0, 9)}`, `/sessions/${body.external_id}`]) {
    expect((await ask(path)).body.id).toBe(body.id)
  }
  expect((await ask('/sessions/2', { headers: { 'x-gobby-project': 'orchard' } })).body.id).toBe(body.id)
  const ambiguous = await ask('/sessions/1')
  expect([ambiguous.status, ambiguous.body.candidates.length > 1]).toEqual([409, true])
})

test('without a project lists are of all, and no current session is guessed', async () => {
  const projects = new Set((await ask('/sessions?limit=200')).body.sessions.map(({ project }: { project: string }) => project))
  expect(projects.size).toBeGreaterThan(1)
  expect((await ask('/sessions/current')).body).toEqual({ session: null, matched_by: null })
  expect((await ask('/sessions?project=*')).body.count).toBe((await ask('/sessions')).body.count)
})
