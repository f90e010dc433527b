import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, type Operation, sync } from '@gobby/sessions'
import { tempDir, tempRepo } from '@gobby/testing'
import { beforeAll, expect, test } from 'vitest'
import { registries } from '../src/registries.ts'
import { registryNames } from '../src/registry-names.ts'
import { ask, type Client, connect, type Gobby, type Json, sampleGobby } from './client.ts'

const tools = registryNames.flatMap((name) => registries[name].tools)
const operations = new Map(tools.map(({ operation }) => [operation.name, operation]))

let gobby: Gobby

beforeAll(async () => {
  gobby = await sampleGobby()
})

const open = (): Promise<Client> => connect({ ...gobby.options, registries: registryNames })

/** An answer that is no error, is the same as text, and is what the operation declares; the client has held it to the listed schema. */
async function answer(client: Client, name: string, args: Json = {}, meta?: Json): Promise<Json> {
  const { isError, text, answer } = await ask(client, name, args, meta)
  expect(isError, text).toBe(false)
  const page = tools.find(({ operation }) => operation.name === name)?.page
  const prose = page === undefined ? null : (answer[page] as string | null)
  if (page !== undefined && prose !== null) expect(text).toBe(`${JSON.stringify({ ...answer, [page]: undefined })}\n\n${prose}`)
  else expect(JSON.parse(text)).toEqual(answer)
  const problem = (operations.get(name) as Operation).output.safeParse(answer).error
  expect(problem, name).toBeUndefined()
  return answer
}

test('gobby-sessions: every tool answers, and the answers fit together', async () => {
  const client = await open()
  const listed = await answer(client, 'list_sessions')
  expect(listed.count).toBeGreaterThan(2)
  const session = (listed.sessions as Json[]).find(({ source }) => source === 'claude') as Json
  const ref = `${session.project}#${session.seq_num}`

  expect(await answer(client, 'get_session', { session_id: ref })).toMatchObject({ id: session.id, ref: `#${session.seq_num}`, source: 'claude' })
  const page = await answer(client, 'get_session_messages', { session_id: ref, limit: 3 })
  expect(page).toMatchObject({ session_id: session.id, limit: 3, offset: 0 })
  expect(page.messages).toHaveLength(3)
  const word = /[a-z]{6,}/.exec((page.messages as Json[]).map(({ content }) => content).join(' '))?.[0] as string
  const found = await answer(client, 'search_messages', { query: word })
  expect(found.count).toBeGreaterThan(0)
  expect(await answer(client, 'session_stats')).toMatchObject({ total: expect.any(Number), by_source: { claude: expect.any(Number) } })
  expect((await answer(client, 'get_session_commits', { session_id: ref })).session_id).toBe(session.id)

  const made = await answer(client, 'create_handoff', { session_id: ref, notes: 'look at the gauge next' })
  expect(made).toMatchObject({ success: true, session_id: session.id, matched_by: 'parameter', context: { notes: 'look at the gauge next' } })
  const received = await answer(client, 'get_handoff_context', { session_id: ref })
  expect(received).toMatchObject({ has_context: true, handoff_id: made.handoff_id })
  expect(received.compact_markdown).toContain('look at the gauge next')
  expect((await gobby.store.handoffs.newest(session.id as string))?.made_by).toBe('agent')

  expect(await answer(client, 'mark_loop_complete', { session_id: ref })).toMatchObject({ success: true, stop_reason: 'completed' })
  expect((await gobby.store.sessions.get(session.id as string))?.stop_reason).toBe('completed')
  expect(await answer(client, 'get_current_session', { project_id: session.project })).toMatchObject({ session: null, matched_by: null })
})

test('find_commit_sessions: who made a commit', async () => {
  const own = await sampleGobby({ empty: true })
  const repo = tempRepo()
  const sha = repo.commit('feat: tide table', { 'tide.txt': 'high\n' })
  const client = await connect({ ...own.options, context: () => createContext({ store: own.store, env: own.env, cwd: repo.path }) })
  const session_id = 'ab5d8e10-0000-4000-8000-000000000001'
  const at = '2026-01-05T09:01:00.000Z'
  const row = (uuid: string, message: Json) => JSON.stringify({ parentUuid: null, uuid, sessionId: session_id, cwd: repo.path, timestamp: at, type: message.role, message })
  const rows = [
    row('1', { role: 'user', content: 'Write the tide table' }),
    row('2', { role: 'assistant', id: 'm1', model: 'm', content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'git commit -am "feat: tide table"' } }] }),
    row('3', { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: `[main ${sha.slice(0, 7)}] feat: tide table\n 1 file changed` }] }),
  ]
  const path = join(tempDir(), `${session_id}.jsonl`)
  writeFileSync(path, `${rows.join('\n')}\n`)
  await sync(await createContext({ store: own.store, env: own.env, cwd: repo.path }), { paths: [path] })
  const commits = await answer(client, 'get_session_commits', { session_id: 1 })
  expect(commits).toMatchObject({ ref: '#1', commits: [{ hash: sha, certainty: 'certain' }], count: 1 })
  expect(await answer(client, 'find_commit_sessions', { sha: sha.slice(0, 8) })).toMatchObject({ sessions: [{ ref: '#1', session_id: commits.session_id }], count: 1 })
})

test('gobby-tasks: every tool answers, through call_tool as by its name', async () => {
  const own = await sampleGobby()
  const { sessions } = await answer(await connect(own.options), 'list_sessions')
  const { project, seq_num } = (sessions as Json[])[0] as Json
  const mine = { session_id: `${project}#${seq_num}` }
  const context = () => createContext({ store: own.store, env: own.env, cwd: own.cwd, project: project as string })
  const client = await connect({ ...own.options, context, registries: ['gobby-tasks'] })
  const called = async (tool_name: string, args: Json): Promise<Json> => {
    const { isError, text, answer } = await ask(client, 'call_tool', { server_name: 'gobby-tasks', tool_name, arguments: args })
    expect(isError, text).toBe(false)
    expect((operations.get(tool_name) as Operation).output.safeParse(answer).error).toBeUndefined()
    return answer
  }
  const made = await answer(client, 'create_task', { title: 'Mend the gauge', priority: 1, labels: ['pump'], ...mine })
  expect(made).toMatchObject({ ref: '#1', title: 'Mend the gauge', status: 'open', labels: ['pump'] })
  const second = await called('create_task', { title: 'Paint it', ...mine })
  expect((await answer(client, 'add_dependency', { task_id: second.id, depends_on: 1 })).blocked_by).toHaveLength(1)
  expect((await answer(client, 'list_blocked_tasks')).count).toBe(1)
  expect((await answer(client, 'list_ready_tasks')).count).toBe(1)
  expect((await answer(client, 'remove_dependency', { task_id: second.id, depends_on: 1 })).blocked_by).toEqual([])
  expect(await answer(client, 'claim_task', { task_id: 1, ...mine })).toMatchObject({ status: 'in_progress' })
  await answer(client, 'link_task_to_session', { task_id: '#2', action: 'mentioned', ...mine })
  expect((await answer(client, 'get_session_tasks', mine)).tasks.length).toBeGreaterThanOrEqual(2)
  expect((await answer(client, 'get_task_sessions', { task_id: 1 })).sessions.length).toBeGreaterThanOrEqual(1)
  expect(await answer(client, 'update_task', { task_id: 2, title: 'Paint the gauge' })).toMatchObject({ title: 'Paint the gauge' })
  expect(await answer(client, 'close_task', { task_id: 1, reason: 'done', ...mine })).toMatchObject({ status: 'closed' })
  expect(await answer(client, 'get_task', { task_id: made.id })).toMatchObject({ ref: '#1', status: 'closed' })
  expect((await answer(client, 'list_tasks', { status: 'open' })).count).toBe(1)
  expect(await called('delete_task', { task_id: 2 })).toMatchObject({ count: 1 })
})

test('gobby-hub: every tool answers', async () => {
  const client = await open()
  expect((await answer(client, 'list_all_projects')).count).toBeGreaterThan(1)
  expect((await answer(client, 'list_cross_project_sessions', { limit: 2 })).sessions[0].ref).toMatch(/^.+#\d+$/)
  await answer(client, 'list_cross_project_tasks')
  await answer(client, 'hub_stats')
})

test('the project is the caller’s: what the request says, then the environment, then the folder', async () => {
  const client = await open()
  const { sessions } = await answer(client, 'list_sessions')
  const projects = new Map((sessions as Json[]).map(({ project, project_id }) => [project, project_id]))
  expect(projects.size).toBeGreaterThan(1)
  for (const [name, id] of projects) {
    const { path } = (await gobby.store.projects.get(id as string)) as { path: string | null }
    if (path === null) continue
    const meta = { 'x-codex-turn-metadata': { workspaces: { [path]: {} } } }
    const of = async (found: Json): Promise<unknown[]> => [...new Set((found.sessions as Json[]).map(({ project }) => project))]
    expect(await of(await answer(client, 'list_sessions', {}, meta))).toEqual([name])
    const byEnv = await connect({ ...gobby.options, context: (await import('../src/contexts.ts')).contextsOf({ env: { ...gobby.env, CLAUDE_PROJECT_DIR: path }, cwd: gobby.cwd, ppid: 1 }).of })
    expect(await of(await answer(byEnv, 'list_sessions'))).toEqual([name])
    const other = [...projects.keys()].find((one) => one !== name)
    const started = await connect({ ...gobby.options, context: (await import('../src/contexts.ts')).contextsOf({ env: { ...gobby.env, GOBBY_PROJECT: other as string }, cwd: gobby.cwd, ppid: 1 }).of })
    expect(await of(await answer(started, 'list_sessions'))).toEqual([other])
    expect(await of(await answer(started, 'list_sessions', {}, meta))).toEqual([name])
    expect((await answer(byEnv, 'list_sessions', { project_id: '*' })).count).toBe(sessions.length)
    expect(await of(await answer(byEnv, 'list_sessions', { project_id: [...projects.keys()].find((other) => other !== name) }))).not.toContain(name)
  }
})

test('numbers count in the project that a call names, and answers name sessions as the caller must', async () => {
  const own = await sampleGobby()
  const { sessions } = await answer(await connect(own.options), 'list_sessions')
  const here = (sessions as Json[]).find(({ seq_num }) => seq_num === 1) as Json
  const there = (sessions as Json[]).find(({ project, seq_num }) => seq_num === 1 && project !== here.project) as Json
  const context = () => createContext({ store: own.store, env: own.env, cwd: own.cwd, project: here.project as string })
  const client = await connect({ ...own.options, context, registries: registryNames })
  const { messages } = await answer(client, 'get_session_messages', { session_id: there.id, role: 'user' })
  const word = /\b[a-z]{6,}\b/.exec((messages as Json[]).map(({ content }) => content).join(' '))?.[0] as string
  const { results } = await answer(client, 'search_messages', { query: word, project_id: there.project, session_id: 1 })
  expect(results.length).toBeGreaterThan(0)
  for (const { session_id, ref } of results as Json[]) expect([session_id, ref]).toEqual([there.id, `${there.project}#1`])

  const whole = await answer(client, 'create_task', { title: 'The whole', project_id: there.project, session_id: 1 })
  expect(whole).toMatchObject({ project: there.project, linked_session: '#1' })
  const part = await answer(client, 'create_task', { title: 'A part', project_id: there.project, parent_task_id: whole.seq_num })
  expect(part.parent_ref).toBe(whole.ref)
  await answer(client, 'claim_task', { task_id: `${there.project}${part.ref}`, session_id: there.id })
  const listed = await answer(client, 'list_tasks', { project_id: there.project, parent_task_id: whole.ref, assignee: 1 })
  expect((listed.tasks as Json[]).map(({ id }) => id)).toEqual([part.id])
})

test('progressive: three tools tell of all others, and call them', async () => {
  const client = await connect({ ...gobby.options, discovery: 'progressive' })
  const { tools: listed } = await client.listTools()
  expect(listed.map(({ name }) => name)).toEqual(['list_tools', 'get_tool_schema', 'call_tool'])
  const { servers } = (await ask(client, 'list_tools')).answer
  expect(servers.map(({ server_name }: Json) => server_name)).toEqual([...registryNames])
  expect((await ask(client, 'list_tools', { server: 'gobby-hub' })).answer.servers).toHaveLength(1)
  for (const { server_name, tools: named } of servers as Json[]) {
    expect(named.length).toBeGreaterThan(0)
    for (const { tool_name } of named as Json[]) {
      const { isError, answer: schema } = await ask(client, 'get_tool_schema', { server_name, tool_name })
      expect(isError).toBe(false)
      expect(schema).toMatchObject({ server_name, tool_name, inputSchema: { type: 'object' }, outputSchema: { type: 'object' } })
    }
  }
  const direct = await ask(await open(), 'list_sessions', { limit: 2 })
  for (const named of [{ server_name: 'gobby-sessions' }, { server: 'gobby-sessions' }]) {
    expect(await ask(client, 'call_tool', { ...named, tool_name: 'list_sessions', arguments: { limit: 2 } })).toEqual(direct)
  }
  expect((await ask(client, 'call_tool', { server_name: 'gobby-hub', tool_name: 'list_all_projects' })).isError).toBe(false)
})

test('long answers are cut, say how to get the rest, and the rest is what follows', async () => {
  const own = await sampleGobby({ empty: true })
  const session_id = 'ab5d8e10-0000-4000-8000-000000000002'
  const rows = Array.from({ length: 150 }, (_, n) => {
    const message = n % 2 === 0 ? { role: 'user', content: `Question ${n} ${'word '.repeat(n === 0 ? 9000 : 120)}` } : { role: 'assistant', id: `m${n}`, model: 'm', content: [{ type: 'text', text: `Answer ${n} ${'more '.repeat(120)}` }] }
    return JSON.stringify({ parentUuid: null, uuid: `u${n}`, sessionId: session_id, cwd: '/srv/tide', timestamp: new Date(Date.UTC(2026, 0, 5, 9, n)).toISOString(), type: message.role, message })
  })
  const path = join(tempDir(), `${session_id}.jsonl`)
  writeFileSync(path, `${rows.join('\n')}\n`)
  await sync(await createContext({ store: own.store, env: own.env, cwd: own.cwd }), { paths: [path] })
  const client = await connect(own.options)

  const seen: number[] = []
  for (let offset = 0; seen.length < 150; ) {
    const { isError, text, answer: page } = await ask(client, 'get_session_messages', { session_id: 'tide#1', limit: 100, offset })
    expect(isError).toBe(false)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(24_000)
    expect(page.messages.length).toBeGreaterThan(5)
    seen.push(...(page.messages as Json[]).map(({ message_index }) => message_index as number))
    if (offset === 0) expect(page.messages[0]).toMatchObject({ truncated: true, content: expect.stringMatching(/…$/) })
    const next = /offset=(\d+)/.exec((page.more as string | undefined) ?? '')?.[1]
    offset = next === undefined ? offset + page.messages.length : Number(next)
  }
  expect(seen).toEqual(Array.from({ length: 150 }, (_, n) => n))

  const whole = await answer(client, 'get_session_messages', { session_id: 'tide#1', limit: 1, full: true })
  expect(whole.messages[0].content.length).toBeGreaterThan(40_000)
  expect(whole.messages[0]).not.toHaveProperty('truncated')
  const last = await answer(client, 'get_session_messages', { session_id: 'tide#1', limit: 100, tail: true })
  expect(last.messages.at(-1).message_index).toBe(149)
})

test('a list that was cut goes on at its cursor without a gap', async () => {
  const own = await sampleGobby({ empty: true })
  const now = '2026-01-05T09:00:00.000Z'
  const project = await own.store.projects.add({ name: 'tide', path: '/srv/tide', git_dir: null, now })
  for (let n = 0; n < 130; n++) {
    const at = new Date(Date.UTC(2026, 0, 5, 9, n)).toISOString()
    const nothing = { machine_id: 'm', transcript_path: null, parent_session_id: null, relation: null, agent_depth: 0, cwd: null, git_branch: null, model: null }
    await own.store.sessions.register({ ...nothing, external_id: `session-${n}`, source: 'claude', project_id: project.id, created_at: at, last_activity_at: at, status: 'active', title: `Title ${n} ${'of a tide '.repeat(10)}` }, now)
  }
  const client = await connect(own.options)
  const seen: number[] = []
  let cut = 0
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await answer(client, 'list_sessions', { project_id: 'tide', limit: 100, ...(cursor ? { cursor } : {}) })
    expect(page.count).toBe(page.sessions.length)
    if (page.more) cut += 1
    seen.push(...(page.sessions as Json[]).map(({ seq_num }) => seq_num as number))
    cursor = page.next_cursor as string | null
  }
  expect(cut).toBeGreaterThan(0)
  expect(seen).toEqual(Array.from({ length: 130 }, (_, n) => 130 - n))
})

test('a task with a long text and many parts: cut, and whole with full=true', async () => {
  const own = await sampleGobby()
  const context = () => createContext({ store: own.store, env: own.env, cwd: own.cwd, project: 'orchard' })
  const client = await connect({ ...own.options, context, registries: registryNames })
  await answer(client, 'create_task', { title: 'Whole', description: 'long '.repeat(1000), session_id: 3 })
  for (let n = 0; n < 60; n++) await answer(client, 'create_task', { title: `Part ${n}`, description: 'word '.repeat(200), parent_task_id: 1, session_id: 3 })
  const cut = await answer(client, 'get_task', { task_id: 1 })
  expect(cut).toMatchObject({ truncated: true, children_count: 60, more: expect.stringMatching(/^\d+ more children left out for length: ask again with full=true\.$/) })
  const whole = await answer(client, 'get_task', { task_id: 1, full: true })
  expect(whole.description).toHaveLength(4999)
  expect(whole.children).toHaveLength(50)
  expect((await answer(client, 'list_tasks', { parent_task_id: 1, limit: 200 })).tasks[0].id).toBe(whole.children[0].id)
  for (const [name, args] of [['get_session_tasks', { session_id: 3 }], ['get_task_sessions', { task_id: 1 }]] as const) {
    const [some, all] = [await answer(client, name, args), await answer(client, name, { ...args, full: true })]
    if (name === 'get_session_tasks') expect(some.more).toContain('full=true')
    expect(all.count).toBeGreaterThanOrEqual(some.count as number)
  }
})

test('50 calls at once', async () => {
  const client = await open()
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(client, n % 2 ? 'list_sessions' : 'session_stats')))
  expect(answers.filter(({ isError }) => isError)).toEqual([])
})

test('a call that is cancelled, and a client that goes in the middle of one, leave the server able to answer', async () => {
  const client = await open()
  const stop = new AbortController()
  const call = client.callTool({ name: 'list_sessions', arguments: {} }, undefined, { signal: stop.signal })
  stop.abort()
  await expect(call).rejects.toThrow('abort')
  expect((await ask(client, 'list_sessions')).isError).toBe(false)
  const leaving = ask(client, 'session_stats')
  await client.close()
  await expect(leaving).rejects.toThrow('closed')
  expect((await ask(await open(), 'list_sessions')).isError).toBe(false)
})
