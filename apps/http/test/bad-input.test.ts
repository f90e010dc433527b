import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@gobby/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { sampleService, type TestService } from './service.ts'

let { ask, logged }: TestService = {} as TestService
beforeAll(async () => {
  ;({ ask, logged } = await sampleService())
})

describe('parameters', () => {
  test.each([
    ['/sessions?limit=0', 'limit'],
    ['/sessions?limit=201', 'limit'],
    ['/sessions?limit=many', 'limit'],
    ['/sessions?limit=1.5', 'limit'],
    ['/sessions?limit=5&limit=6', 'limit'],
    ['/sessions?status=asleep', 'status'],
    ['/sessions?source=nobody', 'source'],
    ['/sessions?colour=red', 'colour'],
    ['/sessions?__proto__=1', '__proto__'],
    ['/sessions?detail=most', 'detail'],
    ['/sessions?include_empty=perhaps', 'include_empty'],
    ['/sessions?project=', 'project'],
    ['/sessions?project=orchard&project_id=orchard', 'project'],
    ['/sessions/orchard~1/messages?offset=-1', 'offset'],
    ['/sessions/orchard~1/messages?role=boss', 'role'],
    ['/sessions/orchard~1/messages?session_id=2', 'session_id'],
    ['/messages/search', 'q'],
    ['/messages/search?query=frost', 'query'],
    ['/commits/xyz/sessions', 'sha'],
    ['/tasks?priority=9', 'priority'],
    ['/events?type=nothing', 'type'],
    ['/events?last_event_id=-1', 'last_event_id'],
    ['/events?speed=9', 'speed'],
    ['/events?project=', 'project'],
    ['/events?project=orchard&project_id=orchard', 'project'],
    ['/events?session=orchard~1&session=orchard~2', 'session'],
    ['/healthz?colour=red', 'colour'],
    ['/readyz?colour=red', 'colour'],
    ['/openapi.json?colour=red', 'colour'],
    ['/docs?project=orchard', 'project'],
    ['/hub/sessions?project=orchard', 'project'],
    ['/hub/stats?project_id=orchard', 'project_id'],
    ['/hub/projects/orchard?project=cider-press', 'project'],
  ])('%s is refused by name', async (path, name) => {
    const { status, body } = await ask(path)
    expect(status).toBe(400)
    expect(body.errors.map((error: { parameter: string }) => error.parameter)).toContain(name)
  })

  test('that are wrong in several ways are told all at once', async () => {
    const { body } = await ask('/sessions?limit=0&status=asleep&colour=red')
    expect(body.errors).toHaveLength(3)
  })

  test('that are wrong twice over are told once', async () => {
    const { body } = await ask('/sessions/orchard~1/messages?offset=99999999999999999999')
    expect(body.errors).toHaveLength(1)
    expect(body.detail).toBe('offset must be a whole number from 0 to 9007199254740991.')
  })

  test('of MCP are refused as well', async () => {
    expect((await ask('/mcp?colour=red', { json: {} })).body.errors).toEqual([{ detail: 'is not known', parameter: 'colour' }])
  })

  test('a cursor that no list gave is refused', async () => {
    expect((await ask('/sessions?cursor=bm9uZQ')).status).toBe(400)
  })

  test('of a call with a body are not taken in the query', async () => {
    const { status, body } = await ask('/sessions/register?external_id=x', { json: {} })
    expect([status, body.errors[0].parameter]).toEqual([400, 'external_id'])
  })
})

describe('refs', () => {
  test.each([
    ['/sessions/9999', 404],
    ['/sessions/orchard~9999', 404],
    ['/sessions/nowhere~1', 404],
    ['/sessions/1', 409],
    ['/sessions/00000000-0000-4000-8000-000000000000', 404],
    ['/sessions/%00', 400],
    ['/sessions/-1', 400],
    ['/sessions/%E0%A4%A', 400],
    ['/sessions/..%2f..%2fetc%2fpasswd', 404],
    [`/sessions/${'a'.repeat(5000)}`, 400],
    ['/sessions/orchard~1?project=nowhere', 404],
    ['/tasks/gt-zzzzzz', 404],
    ['/hub/projects/nowhere', 404],
    ['/events?session=9999', 404],
    ['/events?session=1', 409],
    ['/messages/search?q=frost&session_id=1', 409],
    ['/handoffs/newest?session_id=1', 409],
    ['/tasks?parent_task_id=9999', 404],
    ['/events?project=nowhere', 404],
  ])('%s gives %i', async (path, status) => {
    const answer = await ask(path)
    expect([answer.status, answer.text.length < 2000]).toEqual([status, true])
  })

  test('an ambiguous one lists what it may mean', async () => {
    expect((await ask('/sessions/1')).body.candidates).toEqual(expect.arrayContaining(['orchard#1', 'cider-press#1']))
  })
})

describe('methods and addresses', () => {
  test.each([
    ['PUT', '/sessions', 'GET, HEAD'],
    ['POST', '/sessions/current', 'GET, HEAD'],
    ['DELETE', '/sessions/register', 'POST'],
    ['GET', '/sessions/find_current', 'POST'],
    ['POST', '/sessions/orchard~1', 'DELETE, GET, HEAD, PATCH'],
    ['OPTIONS', '/sessions', 'GET, HEAD'],
    ['GET', '/mcp', 'POST'],
    ['POST', '/events', 'GET, HEAD'],
    ['PURGE', '/healthz', 'GET, HEAD'],
  ])('%s %s is not allowed', async (method, path, allow) => {
    const answer = await ask(path, { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
    expect(answer.headers.has('access-control-allow-origin')).toBe(false)
  })

  test.each(['/', '/session', '/sessions/', '/sessions/1/nothing', '/sessions/orchard%2F1/x/y', '//sessions', '/.git/config'])('%s is nothing', async (path) => {
    const { status, body } = await ask(`http://localhost${path}`)
    expect([status, body.code]).toEqual([404, 'not_found'])
  })

  test('HEAD is GET without the body', async () => {
    const answer = await ask('/sessions/orchard~1', { method: 'HEAD' })
    expect([answer.status, answer.text, answer.headers.has('etag')]).toEqual([200, '', true])
  })
})

describe('bodies', () => {
  const send = (body: string | Uint8Array<ArrayBuffer>, type?: string, path = '/sessions/update_status') => ask(path, { method: 'POST', body, headers: type === undefined ? {} : { 'content-type': type } })
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

  test.each([
    ['empty', '', 'application/json', 400],
    ['cut off', '{"session_id": "orchard#1"', 'application/json', 400],
    ['no JSON', 'session_id=1', 'application/json', 400],
    ['a list', '[]', 'application/json', 400],
    ['null', 'null', 'application/json', 400],
    ['1,000 levels deep', deep(1000), 'application/json', 400],
    ['100,000 levels deep', '['.repeat(100_000), 'application/json', 400],
    ['with a name twice', '{"session_id":"orchard#1","status":"paused","status":"active"}', 'application/json', 400],
    ['with a name twice, once escaped', '{"session_id":"orchard#1","status":"paused","stat\\u0075s":"active"}', 'application/json', 400],
    ['with an unknown name', '{"session_id":"orchard#1","status":"paused","colour":"red"}', 'application/json', 400],
    ['with __proto__', '{"session_id":"orchard#1","status":"paused","__proto__":{"a":1}}', 'application/json', 400],
    ['with a wrong type', '{"session_id":["orchard#1"],"status":7}', 'application/json', 400],
    ['in text/plain', '{}', 'text/plain', 415],
    ['in a form', 'a=1', 'application/x-www-form-urlencoded', 415],
    ['in another charset', '{}', 'application/json; charset=iso-8859-1', 415],
    ['with a lone surrogate', '{"session_id":"orchard#1","status":"\\ud800"}', 'application/json', 400],
  ])('%s: refused', async (_what, body, type, status) => {
    expect((await send(body, type)).status).toBe(status)
  })

  test('that are not UTF-8 are refused', async () => {
    expect((await send(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), 'application/json')).status).toBe(400)
  })

  test('above 10 MB are refused, told or not', async () => {
    const large = `{"session_id":"${'x'.repeat(11_000_000)}"}`
    const told = await ask('/sessions/update_status', { method: 'POST', body: large, headers: { 'content-type': 'application/json', 'content-length': String(large.length) } })
    expect(told.status).toBe(413)
    expect((await send(large, 'application/json')).status).toBe(413)
  })

  test('the same name in two objects is no flaw, nor one inside a text', async () => {
    const input = { source: 'claude', hook_type: 'Stop', input_data: { a: { x: 1 }, b: [{ x: 1 }, { x: 2 }], text: '{"a":1,"a":2}', session_id: '' } }
    const { body } = await ask('/hooks/execute', { json: input })
    expect(body.detail).not.toMatch(/twice/)
  })

  test('what is missing is told by name', async () => {
    const { body } = await send('{}', 'application/json')
    expect(body.errors).toEqual([
      { detail: 'is missing', pointer: '/session_id' },
      { detail: 'is missing', pointer: '/status' },
    ])
  })

  test('the session of the path cannot be given again in the body', async () => {
    expect((await ask('/sessions/orchard~1', { method: 'PATCH', json: { session_id: 'orchard#2', title: 'x' } })).status).toBe(400)
  })
})

describe('a session that is registered', () => {
  test.each([
    [{ external_id: 'plum\u0000run' }, 'external_id must not have control characters.'],
    [{ cwd: 'plum' }, 'cwd must be an absolute path.'],
    [{ cwd: '../plum' }, 'cwd must be an absolute path.'],
    [{ project_path: 'plum' }, 'project_path must be an absolute path.'],
  ])('with %j is refused', async (given, detail) => {
    const { status, body } = await ask('/sessions/register', { json: { external_id: 'plum-run-9', source: 'codex', ...given } })
    expect([status, body.detail]).toEqual([400, detail])
  })
  test('may be of another system', async () => {
    const { body } = await ask('/sessions/register', { json: { external_id: 'plum-run-9', source: 'codex', cwd: 'C:\\code\\plum' } })
    expect(body.session.project).toBe('plum')
  })
})

describe('status', () => {
  test('moves only along the table', async () => {
    const { body } = await ask('/sessions/register', { json: { external_id: 'plum-run-7', source: 'codex', cwd: '/home/sam/code/plum' } })
    const { id } = body.session
    expect((await ask('/sessions/update_status', { json: { session_id: id, status: 'expired' } })).body.session.status).toBe('expired')
    const refused = await ask(`/sessions/${id}`, { method: 'PATCH', json: { status: 'paused', title: 'Not taken' } })
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict'])
    expect((await ask(`/sessions/${id}`)).body.title).not.toBe('Not taken')
    expect((await ask('/sessions/update_status', { json: { session_id: id, status: 'archived' } })).body.session.status).toBe('archived')
    expect((await ask(`/sessions/${id}`, { method: 'PATCH', json: { status: 'asleep' } })).status).toBe(400)
    expect((await ask(`/sessions/${id}`, { method: 'PATCH', json: {} })).status).toBe(400)
  })
})

describe('a summary', () => {
  test.each(['relative.md', '/etc/passwd', '/nowhere/at/all.md', '/etc/hostname\0.md'])('is not read from %j', async (summary_path) => {
    const { status, text } = await ask('/sessions/update_summary', { json: { session_id: 'orchard#1', summary_path } })
    expect([status, text.includes('root:')]).toEqual([400, false])
  })

  test('is not read through a link to something else, nor from what is no file and would never end', async () => {
    const folder = tempDir()
    symlinkSync('/etc/passwd', join(folder, 'link.md'))
    execFileSync('mkfifo', [join(folder, 'pipe.md')])
    for (const name of ['link.md', 'pipe.md']) {
      const { status, body } = await ask('/sessions/update_summary', { json: { session_id: 'orchard#1', summary_path: join(folder, name) } })
      expect([status, body.detail]).toEqual([400, 'summary_path: must be the absolute path of a file that ends in .md.'])
    }
    writeFileSync(join(folder, 'real.md'), '# Plums')
    symlinkSync(join(folder, 'real.md'), join(folder, 'good.md'))
    const { body } = await ask('/sessions/update_summary', { json: { session_id: 'orchard#1', summary_path: join(folder, 'good.md') } })
    expect(body.session.ref).toBe('#1')
    expect((await ask('/sessions/orchard~1')).body.summary_markdown).toBe('# Plums')
  })
})

test.each(['/sessions/find_current', '/sessions/find_parent', '/sessions/register'])('%s knows no CLI that is none', async (path) => {
  const { status, body } = await ask(path, { json: { external_id: 'plum-run-1', source: 'nobody', cwd: '/home/sam/code/plum' } })
  expect([status, body.errors.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([400, expect.arrayContaining(['/source'])])
})

test('what nobody foresaw is told without what was inside, and to the person at the server with it', async () => {
  const { ask, service, logged } = await sampleService({ empty: true })
  const { store } = service.ctx
  service.ctx.store = { ...store, sessions: { ...store.sessions, list: () => Promise.reject(new Error('inside /home/sam')) } }
  const { status, body, text } = await ask('/sessions')
  expect([status, body.code, text.includes('inside')]).toEqual([500, 'internal', false])
  expect(logged.join()).toContain('inside /home/sam')
})

test('none of this was a surprise', () => {
  expect(logged).toEqual([])
})
