import { describe, expect, test } from 'vitest'
import type { SessionFilter, Store } from '../src/index.ts'
import { addProject, addSession, at, batch, message, newSession, NOW, open, raw, state, tempFile } from './kit.ts'

describe('projects', () => {
  test('are found by id, name, path and git directory, and added once', async () => {
    const store = await open()
    const added = await store.projects.add({ name: 'orchard', path: '/code/orchard', git_dir: '/code/orchard/.git', now: NOW })
    expect(await store.projects.get(added.id)).toEqual(added)
    expect(await store.projects.getByName('orchard')).toEqual(added)
    expect(await store.projects.getByPath('/code/orchard')).toEqual(added)
    expect(await store.projects.getByGitDir('/code/orchard/.git')).toEqual(added)
    expect(await store.projects.add({ name: 'again', path: '/moved', git_dir: '/code/orchard/.git', now: at(1) })).toEqual(added)
    expect(await store.projects.add({ name: 'again', path: '/code/orchard', git_dir: null, now: at(1) })).toEqual(added)
    expect(await store.projects.add({ id: added.id, name: 'again', path: '/else', git_dir: null, now: at(1) })).toEqual(added)
  })

  test('take the next free name', async () => {
    const store = await open()
    const names = []
    for (const path of ['/a/app', '/b/app', '/c/app']) names.push((await store.projects.add({ name: 'app', path, git_dir: null, now: NOW })).name)
    expect(names).toEqual(['app', 'app-2', 'app-3'])
    const app3 = await store.projects.getByName('app-3')
    expect((await store.projects.update(app3!.id, { name: 'app', now: at(1) })).name).toBe('app-3')
    expect(await store.projects.update(app3!.id, { path: '/d', now: at(2) })).toEqual({ ...app3, path: '/d', updated_at: at(2) })
  })

  test('the one without a folder is made once, and keeps its name from folders that have the same', async () => {
    const store = await open()
    const folder = await store.projects.add({ name: 'unknown', path: '/code/unknown', git_dir: null, now: NOW })
    const none = await store.projects.add({ name: 'unknown', path: null, git_dir: null, now: NOW })
    expect([folder.name, none.name]).toEqual(['unknown-2', 'unknown'])
    expect(await store.projects.add({ name: 'unknown', path: null, git_dir: null, now: at(1) })).toEqual(none)
  })

  test('are listed by activity with what they hold', async () => {
    const store = await open()
    const a = await addProject(store, 'a')
    const b = await addProject(store, 'b')
    await addProject(store, 'c')
    await addSession(store, a.id, undefined, { last_activity_at: at(5) })
    const parent = await addSession(store, b.id, undefined, { last_activity_at: at(9) })
    await addSession(store, b.id, undefined, { relation: 'subagent', parent_session_id: parent.id, last_activity_at: at(99) })
    const empty = await addSession(store, b.id, [], { status: 'expired', last_activity_at: at(98) })
    expect(empty.turn_count).toBe(0)
    expect((await store.projects.list()).map((p) => [p.name, p.session_count, p.last_activity_at])).toEqual([
      ['b', 1, at(9)],
      ['a', 1, at(5)],
      ['c', 0, null],
    ])
  })

  test('one that is not there cannot be updated', async () => {
    const store = await open()
    await expect(store.projects.update('nowhere', { name: 'x', now: NOW })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('sessions', () => {
  test('are found by id, prefix, number and the CLI’s id, in any letter case', async () => {
    const store = await open()
    const a = await addProject(store, 'a')
    const b = await addProject(store, 'b')
    const one = await addSession(store, a.id, undefined, { external_id: 'abcd1234-0000' })
    const two = await addSession(store, b.id, undefined, { external_id: 'abcd9999-0000', source: 'codex' })
    const ids = async (text: string) => (await store.sessions.findById(text, 5)).map(({ id }) => id).sort()
    expect(await ids(one.id)).toEqual([one.id])
    expect(await ids(one.id.slice(0, 8).toUpperCase())).toEqual([one.id])
    expect(await ids('ABCD12')).toEqual([one.id])
    expect(await ids('abcd')).toEqual([one.id, two.id].sort())
    for (const text of ['%', '_bcd', 'abcd%', '', "' OR 1=1 --", '\0']) expect(await ids(text === '' ? 'zz' : text)).toEqual([])
    expect((await store.sessions.findByNumber(1)).map(({ project }) => project)).toEqual(['a', 'b'])
    expect((await store.sessions.findByNumber(1, b.id)).map(({ id }) => id)).toEqual([two.id])
    expect(await store.sessions.findByExternalId('claude', 'abcd9999-0000')).toBeUndefined()
    expect((await store.sessions.findByExternalId('codex', 'abcd9999-0000'))?.id).toBe(two.id)
    expect(await store.sessions.get('nothing')).toBeUndefined()
  })

  test.each<[string, SessionFilter, number[]]>([
    ['all', {}, [1, 2, 4]],
    ['one project', { project_id: 'a' }, [1, 4]],
    ['a status', { status: 'paused' }, [2]],
    ['a source', { source: 'codex' }, [4]],
    ['with sub-agents', { include_subagents: true }, [1, 2, 3, 4]],
    ['with empty ones', { include_empty: true }, [1, 2, 4, 5]],
    ['a project nobody knows', { project_id: 'z' }, []],
  ])('are listed: %s', async (_name, filter, expected) => {
    const store = await open()
    for (const id of ['a', 'b']) await store.projects.add({ id, name: id, path: `/${id}`, git_dir: null, now: NOW })
    const add = (n: number, project: string, fields = {}, messages = [message('hi')]) => addSession(store, project, messages, { external_id: `n${n}`, last_activity_at: at(-n), ...fields })
    const parent = await add(1, 'a')
    await add(2, 'b', { status: 'paused' }, [])
    await add(3, 'a', { relation: 'subagent', parent_session_id: parent.id, status: 'expired' }, [message('task', { is_prompt: false })])
    await add(4, 'a', { source: 'codex', status: 'expired' })
    await add(5, 'b', { status: 'expired' }, [])
    const found = await store.sessions.list(filter, 10)
    expect(found.map(({ external_id }) => Number(external_id.slice(1)))).toEqual(expected)
  })

  test('page by page none comes twice and none is missing, also among equals', async () => {
    const store = await open()
    const { id } = await addProject(store, 'a')
    for (let n = 0; n < 57; n++) await store.sessions.register(newSession(id, { last_activity_at: at(Math.floor(n / 10)) }), NOW)
    const seen: string[] = []
    for (let page = await store.sessions.list({}, 7); page.length > 0; page = await store.sessions.list({}, 7, page.at(-1))) seen.push(...page.map((one) => one.id))
    expect(new Set(seen).size).toBe(57)
    expect(seen).toHaveLength(57)
    expect(seen).toEqual((await store.sessions.list({}, 100)).map((one) => one.id))
  })

  test('move along only from the statuses named, and every move is written down', async () => {
    const store = await open()
    const { id } = await addProject(store, 'a')
    const session = await addSession(store, id)
    const change = { reason: 'ended', actor: 'test', now: at(3) }
    expect(await store.sessions.setStatus(session.id, ['paused'], 'expired', change)).toBe(false)
    expect(await store.sessions.setStatus(session.id, ['active', 'paused'], 'expired', change)).toBe(true)
    expect(await store.sessions.setStatus(session.id, ['active', 'paused'], 'expired', change)).toBe(false)
    expect(await store.sessions.setStatus('nothing', ['active'], 'expired', change)).toBe(false)
    expect(await store.sessions.get(session.id)).toMatchObject({ status: 'expired', ended_at: NOW, last_activity_at: NOW, updated_at: at(3) })
    expect(await store.sessions.setStatus(session.id, ['expired'], 'active', { ...change, now: at(4) })).toBe(true)
    expect(await store.sessions.get(session.id)).toMatchObject({ status: 'active', ended_at: null, last_activity_at: NOW })
    const audit = raw(store.path).prepare('SELECT from_status, to_status, reason, actor, created_at FROM session_status_audit WHERE session_id = ? ORDER BY id').all(session.id)
    expect(audit).toEqual([
      { from_status: null, to_status: 'active', reason: 'registered', actor: 'ingest', created_at: NOW },
      { from_status: 'active', to_status: 'expired', reason: 'ended', actor: 'test', created_at: at(3) },
      { from_status: 'expired', to_status: 'active', reason: 'ended', actor: 'test', created_at: at(4) },
    ])
  })

  test('two that race for one move: one wins', async () => {
    const path = tempFile()
    const [one, two] = [await open(path), await open(path)]
    const { id } = await addProject(one, 'a')
    const session = await addSession(one, id)
    const change = { reason: 'r', actor: 'a', now: NOW }
    const moved = await Promise.all([one, two].map((store) => store.sessions.setStatus(session.id, ['active'], 'paused', change)))
    expect(moved.filter(Boolean)).toHaveLength(1)
  })

  test('a parent that is set stays, and nothing is its own parent', async () => {
    const store = await open()
    const { id } = await addProject(store, 'a')
    const [a, b, c] = [await addSession(store, id), await addSession(store, id), await addSession(store, id)]
    await store.sessions.setParent(a.id, a.id, 'fork')
    expect((await store.sessions.get(a.id))?.parent_session_id).toBeNull()
    await store.sessions.setParent(b.id, a.id, 'fork')
    await store.sessions.setParent(b.id, c.id, 'handoff')
    expect(await store.sessions.get(b.id)).toMatchObject({ parent_session_id: a.id, relation: 'fork' })
    expect((await store.sessions.children(a.id)).map((child) => child.id)).toEqual([b.id])
  })
})

describe('stats', () => {
  const usage = (key: string, timestamp: string | null, input_tokens: number) => ({ key, model: 'm1', timestamp, input_tokens, output_tokens: 1, cache_read_tokens: 2, cache_creation_tokens: 3 })

  async function filled(): Promise<Store> {
    const store = await open()
    const a = await addProject(store, 'a')
    const b = await addProject(store, 'b')
    // 03:30 UTC is the day before in Chicago.
    const one = await store.sessions.register(newSession(a.id, { external_id: 'one', created_at: '2026-07-02T03:30:00.000Z', last_activity_at: '2026-07-02T05:30:00.000Z' }), NOW)
    const call = message('', { role: 'assistant', content_type: 'tool_use', tool_name: 'Bash', tool_use_id: 't1', tool_input: '{}', is_prompt: false })
    await store.ingest.append(batch(one.session.id, [message('x'), call, call], { usage: [usage('k1', '2026-07-02T03:40:00.000Z', 10), usage('k2', '2026-07-02T05:10:00.000Z', 100)] }))
    const fork = await store.sessions.register(newSession(b.id, { external_id: 'two', source: 'codex', status: 'expired', created_at: '2026-07-02T12:00:00.000Z', last_activity_at: '2026-07-03T12:00:00.000Z' }), NOW)
    await store.ingest.append(batch(fork.session.id, [message('y')], { usage: [usage('k1', '2026-07-02T03:40:00.000Z', 10), usage('k3', null, 1000)] }))
    return store
  }

  test('a copied API message counts once, a call with one id once, days are the person’s', async () => {
    const store = await filled()
    const stats = await store.sessions.stats({}, 'America/Chicago')
    expect(stats).toEqual({
      total: 2,
      by_status: { active: 1, paused: 0, expired: 1, archived: 0, handoff_ready: 0 },
      by_source: { claude: 1, codex: 1 },
      messages: 4,
      tool_calls: 1,
      tokens: { input_tokens: 1110, output_tokens: 3, cache_read_tokens: 6, cache_creation_tokens: 9, by_model: { m1: { input_tokens: 1110, output_tokens: 3, cache_read_tokens: 6, cache_creation_tokens: 9 } } },
      by_day: [
        { day: '2026-07-01', sessions: 1, input_tokens: 10, output_tokens: 1, cache_read_tokens: 2, cache_creation_tokens: 3 },
        { day: '2026-07-02', sessions: 1, input_tokens: 100, output_tokens: 1, cache_read_tokens: 2, cache_creation_tokens: 3 },
      ],
    })
  })

  test('filters', async () => {
    const store = await filled()
    const b = await store.projects.getByName('b')
    expect(await store.sessions.stats({ project_id: b!.id }, 'UTC')).toMatchObject({ total: 1, messages: 1, tokens: { input_tokens: 1010 } })
    expect(await store.sessions.stats({ source: 'claude' }, 'UTC')).toMatchObject({ total: 1, tokens: { input_tokens: 110 } })
    expect(await store.sessions.stats({ since: '2026-07-03T00:00:00.000Z' }, 'UTC')).toMatchObject({ total: 1, by_source: { codex: 1 } })
    expect(await store.sessions.stats({ project_id: 'z' }, 'UTC')).toMatchObject({ total: 0, by_day: [], tokens: { input_tokens: 0, by_model: {} } })
  })
})

describe('delete', () => {
  test('takes the sub-agents and all that belongs to them, and nothing else', async () => {
    const store = await open()
    const { id } = await addProject(store, 'a')
    const parent = await addSession(store, id, [message('pear tree')])
    const agent = await addSession(store, id, [message('pear agent')], { relation: 'subagent', parent_session_id: parent.id, agent_depth: 1 })
    const inner = await addSession(store, id, [message('pear inner')], { relation: 'subagent', parent_session_id: agent.id, agent_depth: 2 })
    const fork = await addSession(store, id, [message('pear fork')], { relation: 'fork', parent_session_id: parent.id })
    const agentOfFork = await addSession(store, id, [message('pear fork agent')], { relation: 'subagent', parent_session_id: fork.id })
    const db = raw(store.path)
    db.prepare(`INSERT INTO tasks (id, project_id, seq_num, title, created_at, updated_at) VALUES ('gt-1', ?, 1, 't', ?, ?)`).run(id, NOW, NOW)
    for (const one of [parent, fork]) db.prepare(`INSERT INTO session_tasks VALUES (?, 'gt-1', 'claimed', ?)`).run(one.id, NOW)
    await store.ingest.append(batch(parent.id, [message('more pear')], { expected: { byte_offset: 1, generation: 0 }, first_index: 1, usage: [{ key: 'k', model: 'm', timestamp: null, input_tokens: 1, output_tokens: 1, cache_read_tokens: 0, cache_creation_tokens: 0 }], facts: { marks: ['mark'] }, state: state({ byte_offset: 2, size: 77 }) }))

    const deleted = await store.sessions.delete([parent.id, parent.id, 'nothing'], NOW)
    expect(deleted.map((one) => one.id).sort()).toEqual([parent.id, agent.id, inner.id].sort())
    expect(await store.sessions.get(fork.id)).toMatchObject({ parent_session_id: null })
    expect(await store.sessions.get(agentOfFork.id)).toMatchObject({ parent_session_id: fork.id })
    expect((await store.search.find('pear', {}, { sort: 'relevance', limit: 20 })).map((hit) => hit.session.id).sort()).toEqual([fork.id, agentOfFork.id].sort())
    expect(await store.tasks.ofSession(fork.id)).toHaveLength(1)
    for (const table of ['session_messages', 'session_message_state', 'session_usage', 'session_marks', 'session_status_audit', 'session_tasks']) {
      expect([table, db.prepare(`SELECT count(*) FROM ${table} WHERE session_id NOT IN (SELECT id FROM sessions)`).pluck().get()]).toEqual([table, 0])
    }
    expect(db.prepare('SELECT count(*) FROM message_search_docsize').pluck().get()).toBe(2)
    expect(await store.search.check()).toBe(true)
    const remembered = await store.ingest.deleted()
    expect([...remembered.keys()].sort()).toEqual([parent, agent, inner].map((one) => `claude ${one.external_id}`).sort())
    expect(remembered.get(`claude ${parent.external_id}`)).toMatchObject({ size: 77, path: '/t.jsonl' })
    await store.ingest.forgetDeleted('claude', parent.external_id)
    expect((await store.ingest.deleted()).size).toBe(2)
  })

  test('one that was cut off is completed', async () => {
    const store = await open()
    const { id } = await addProject(store, 'a')
    const session = await addSession(store, id, Array.from({ length: 50 }, (_, n) => message(`apple ${n}`)))
    raw(store.path).prepare(`INSERT INTO deleted_sessions VALUES ('claude', ?, NULL, 0, ?, ?)`).run(session.external_id, NOW, session.id)
    await store.ingest.finishDeletes(NOW)
    expect(await store.sessions.get(session.id)).toBeUndefined()
    expect(await store.search.find('apple', {}, { sort: 'newest', limit: 5 })).toEqual([])
    expect(raw(store.path).prepare('SELECT unfinished_session_id FROM deleted_sessions').pluck().all()).toEqual([null])
  })

  test('a reader of its transcript that comes too late writes nothing', async () => {
    const store = await open()
    const { id } = await addProject(store, 'a')
    const { session } = await store.sessions.register(newSession(id), NOW)
    await store.sessions.delete([session.id], NOW)
    expect(await store.ingest.append(batch(session.id, [message('late')]))).toBe(false)
    expect(await store.ingest.beginReread(session.id, NOW)).toBe(0)
    expect(await store.ingest.appendReread(batch(session.id, [message('late')]))).toBe(false)
  })
})
