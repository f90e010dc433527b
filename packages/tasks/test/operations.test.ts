import { describe, expect, test } from 'vitest'
import { call, type Operation, operations } from '@gobby/sessions'
import { createHandoff, getHandoffContext, getSession } from '@gobby/sessions/operations'
import * as exported from '../src/index.ts'
import {
  addDependency, claimTask, closeTask, createTask, deleteTask, getSessionTasks, getTask, getTaskSessions, linkTaskToSession, listBlockedTasks, listCrossProjectTasks,
  listReadyTasks, listTasks, removeDependency, taskOperations, updateTask,
} from '../src/index.ts'
import { gobby, NOW } from './gobby.ts'

/** Runs an operation and holds its answer to its schema, to the last field. */
const run: typeof call = async (op, ctx, input) => {
  const answer = await call(op, ctx, input)
  expect(op.output.strict().parse(answer)).toEqual(answer)
  if ('count' in answer) expect(answer.count).toBe(Object.values(answer).find(Array.isArray)?.length)
  return answer
}

test('the list holds every operation there is, under names of its own', () => {
  expect(taskOperations.map(({ name }) => name).toSorted()).toEqual(Object.values(exported).flatMap((value) => ('effect' in value ? [value.name] : [])).toSorted())
  expect(operations.filter(({ name }) => taskOperations.some((one) => one.name === name))).toEqual([])
  for (const { description } of taskOperations) expect(description.length).toBeLessThan(2000)
})

describe('a task', () => {
  test('from its creation to its end', async () => {
    const ctx = await gobby()
    const session = await ctx.session('orchard')
    const whole = await run(createTask, ctx, { title: 'Garden' })
    const made = await run(createTask, ctx, {
      title: '  Oil\n\tthe\u0000gate\ud800 ', description: 'It *squeaks*', type: 'Bug', priority: '1', parent_task_id: whole.ref, labels: 'garden, metal,,garden', session_id: 1,
    })
    expect(made).toEqual({
      id: expect.stringMatching(/^gt-[a-z0-9]{6}$/), ref: '#2', seq_num: 2, project_id: whole.project_id, project: 'orchard', title: 'Oil the gate\ufffd', description: 'It *squeaks*',
      type: 'bug', priority: 1, status: 'open', assignee: null, assignee_session_id: null, parent_task_id: whole.id, parent_ref: '#1', labels: ['garden', 'metal'], blocked_by: [],
      created_at: NOW, updated_at: NOW, closed_at: null, closed_reason: null, closed_commit_sha: null, linked_session: '#1',
    })
    expect(whole).toMatchObject({ type: 'task', priority: 2, labels: [], description: null, linked_session: null })
    expect(await run(updateTask, ctx, { task_id: 2, title: 'Oil it', description: '', parent_task_id: '', labels: ['a', 'b'], assignee: 'sam' })).toMatchObject({
      title: 'Oil it', description: null, parent_task_id: null, parent_ref: null, labels: ['a', 'b'], assignee: 'sam', assignee_session_id: null,
    })
    expect(await run(updateTask, ctx, { task_id: 2, assignee: '#1' })).toMatchObject({ assignee: '#1', assignee_session_id: session.id })
    expect(await run(updateTask, ctx, { task_id: 2, assignee: '' })).toMatchObject({ assignee: null })
    ctx.clock.now = '2026-11-22T11:00:00.000Z'
    const end = { task_id: 2, reason: 'done', commit_sha: 'ABCDEF1', session_id: '#1' }
    expect(await run(closeTask, ctx, end)).toMatchObject({ status: 'closed', closed_at: ctx.clock.now, closed_reason: 'done', closed_commit_sha: 'abcdef1', linked_session: '#1' })
    expect(await run(closeTask, ctx, end)).toMatchObject({ status: 'closed', linked_session: null })
    expect(await run(closeTask, ctx, { task_id: 2 })).toMatchObject({ closed_reason: 'done' })
    await expect(call(closeTask, ctx, { task_id: 2, reason: 'wontfix' })).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/#2 was closed before, at .*\(done\)/), hint: expect.stringContaining('gobby task update 2 --status open') })
    expect(await run(getTask, ctx, { task_id: 2 })).toMatchObject({ sessions: [{ action: 'closed', session: { ref: '#1' } }, { action: 'discovered' }] })
    expect(await run(updateTask, ctx, { task_id: 2, status: 'open' })).toMatchObject({ status: 'open', closed_at: null, closed_reason: null })
    expect(await run(deleteTask, ctx, { task_id: [2, '#1', made.id] })).toEqual({ deleted: ['#2', '#1'], count: 2 })
    expect((await run(createTask, ctx, { title: 'Next' })).ref).toBe('#3')
  })

  test('belongs to the caller’s project, the one named, or the session’s', async () => {
    const ctx = await gobby()
    const session = await ctx.session('cider')
    const outside = await ctx.from({ cwd: 'elsewhere' })
    expect(await run(createTask, ctx, { title: 'a', project_id: 'cider' })).toMatchObject({ project: 'cider', ref: '#1' })
    expect(await run(createTask, ctx, { title: 'a', session_id: session.id })).toMatchObject({ project: 'orchard', linked_session: 'cider#1' })
    expect(await run(createTask, outside, { title: 'a', session_id: 'cider#1' })).toMatchObject({ project: 'cider', linked_session: '#1' })
    await expect(call(createTask, outside, { title: 'a' })).rejects.toMatchObject({ code: 'not_found', hint: expect.stringContaining('gobby init') })
    await expect(call(createTask, ctx, { title: 'a', project_id: '*' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(call(createTask, ctx, { title: 'a', project_id: 'nowhere' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(call(createTask, ctx, { title: 'a', parent_task_id: 'cider#1' })).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(/cider#1 is not of orchard/) })
    await expect(call(updateTask, ctx, { task_id: 1, parent_task_id: 'cider#1' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(call(updateTask, ctx, { task_id: 1, parent_task_id: 1 })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('#1 → #1') })
  })
})

describe('which session', () => {
  const env = { CLAUDE_CODE_SESSION_ID: 'own' }
  test('the caller’s own is linked without being named, and the newest is not taken for it', async () => {
    const ctx = await gobby()
    await ctx.session('orchard')
    const own = await ctx.session('orchard', { external_id: 'own', last_activity_at: '2026-11-21T10:00:00.000Z' })
    expect((await run(createTask, ctx, { title: 'Nobody’s' })).linked_session).toBeNull()
    expect((await run(closeTask, ctx, { task_id: 1 })).linked_session).toBeNull()
    const inside = await ctx.from({ env })
    expect((await run(createTask, inside, { title: 'Own' })).linked_session).toBe('#2')
    expect(await run(claimTask, inside, { task_id: 2 })).toMatchObject({ linked_session: '#2', assignee: '#2', assignee_session_id: own.id, status: 'in_progress' })
    expect((await run(closeTask, inside, { task_id: 2 })).linked_session).toBe('#2')
    expect((await run(getSessionTasks, inside, { session_id: 2 })).tasks.map(({ action, task }) => [action, task.ref])).toEqual([['closed', '#2'], ['claimed', '#2'], ['discovered', '#2']])
  })

  test('a claim or a link needs one: the newest, or it says so', async () => {
    const ctx = await gobby()
    const ref = await ctx.task()
    await expect(call(claimTask, ctx, { task_id: ref })).rejects.toMatchObject({ code: 'not_found', hint: expect.stringContaining('session_id') })
    await expect(call(linkTaskToSession, await ctx.from({ cwd: 'elsewhere' }), { task_id: ref })).rejects.toMatchObject({ code: 'not_found' })
    await ctx.session('orchard')
    expect(await run(linkTaskToSession, ctx, { task_id: ref })).toMatchObject({ ref, session_ref: '#1', action: 'worked_on', created: true })
    expect(await run(claimTask, ctx, { task_id: ref })).toMatchObject({ linked_session: '#1', claimed: true })
  })

  test('a deleted one is none', async () => {
    const ctx = await gobby()
    const ref = await ctx.task()
    const session = await ctx.session('orchard')
    await run(claimTask, ctx, { task_id: ref, session_id: session.id })
    await ctx.store.sessions.delete([session.id], NOW)
    for (const op of [linkTaskToSession, claimTask, closeTask] as Operation[]) {
      await expect(call(op, ctx, { task_id: ref, session_id: session.id }), op.name).rejects.toMatchObject({ code: 'not_found', hint: expect.stringContaining('gobby session list') })
    }
    expect(await run(getTask, ctx, { task_id: ref })).toMatchObject({ status: 'open', assignee: null, sessions: [] })
    await expect(call(getSessionTasks, ctx, { session_id: session.id })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('claims', () => {
  test('conflicts say what to do', async () => {
    const ctx = await gobby()
    for (let n = 0; n < 3; n++) await ctx.session('orchard')
    const elsewhere = await ctx.session('cider')
    const [held, blocked, closed] = [await ctx.task(), await ctx.task(), await ctx.task()]
    ctx.clock.now = '2026-11-22T12:00:00.000Z'
    await run(claimTask, ctx, { task_id: held, session_id: 2 })
    ctx.clock.now = '2026-11-22T13:00:00.000Z'
    expect(await run(claimTask, ctx, { task_id: held, session_id: 2 })).toMatchObject({ claimed: false, updated_at: '2026-11-22T12:00:00.000Z' })
    await expect(call(claimTask, ctx, { task_id: held, session_id: 3 })).rejects.toMatchObject({
      code: 'conflict', message: 'Task #1 is held by #2, which claimed it at 2026-11-22T12:00:00.000Z.', hint: expect.stringContaining("gobby task update 1 --status open --assignee ''"),
    })
    await run(addDependency, ctx, { task_id: blocked, depends_on: held })
    await expect(call(claimTask, ctx, { task_id: blocked, session_id: 3 })).rejects.toMatchObject({ code: 'conflict', message: 'Task #2 waits for #1.', hint: expect.stringContaining('gobby task ready') })
    await run(updateTask, ctx, { task_id: closed, assignee: '#2' })
    await run(closeTask, ctx, { task_id: closed, reason: 'wontfix' })
    await expect(call(claimTask, ctx, { task_id: closed, session_id: 3 })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('(wontfix)'), hint: expect.stringContaining('gobby task update 3 --status open') })
    await run(updateTask, ctx, { task_id: closed, status: 'open' })
    expect(await run(claimTask, ctx, { task_id: closed, session_id: 3 })).toMatchObject({ assignee: '#3', claimed: true })
    await run(updateTask, ctx, { task_id: held, status: 'open', assignee: 'sam' })
    await expect(call(claimTask, ctx, { task_id: held, session_id: 3 })).rejects.toMatchObject({ message: 'Task #1 is held by sam.' })
    await run(updateTask, ctx, { task_id: held, assignee: '' })
    expect(await run(claimTask, ctx, { task_id: held, session_id: elsewhere.id })).toMatchObject({ assignee: 'cider#1', linked_session: 'cider#1' })
  })

  test('fifty at once: one', async () => {
    const ctx = await gobby()
    const ref = await ctx.task()
    const sessions = await Promise.all(Array.from({ length: 50 }, () => ctx.session('orchard')))
    const results = await Promise.allSettled(sessions.map(({ id }) => call(claimTask, ctx, { task_id: ref, session_id: id })))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict', message: expect.stringMatching(/is held by #\d+/) })
  })
})

describe('what waits for what', () => {
  test('ready, blocked, and the circle', async () => {
    const ctx = await gobby()
    const [a, b, c] = [await ctx.task('a'), await ctx.task('b', { priority: 1 }), await ctx.task('c')]
    await ctx.session('orchard')
    expect(await run(addDependency, ctx, { task_id: a, depends_on: b })).toMatchObject({ status: 'blocked', blocked_by: ['#2'], added: true })
    expect(await run(addDependency, ctx, { task_id: a, depends_on: b })).toMatchObject({ added: false })
    await run(addDependency, ctx, { task_id: b, depends_on: c })
    const titles = async (op: typeof listReadyTasks) => (await run(op, ctx, {})).tasks.map(({ title }) => title)
    expect(await titles(listReadyTasks)).toEqual(['c'])
    expect(await titles(listBlockedTasks)).toEqual(['b', 'a'])
    await expect(call(addDependency, ctx, { task_id: c, depends_on: a })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('#3 → #1 → #2 → #3') })
    await expect(call(addDependency, ctx, { task_id: c, depends_on: c })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('#3 → #3') })
    expect(await run(getTask, ctx, { task_id: b })).toMatchObject({ depends_on: [{ title: 'c' }], dependents: [{ title: 'a' }] })
    await expect(call(removeDependency, ctx, { task_id: a, depends_on: c })).rejects.toMatchObject({ code: 'not_found', message: 'Task #1 does not wait for #3.', hint: 'It waits for #2.' })
    await expect(call(removeDependency, ctx, { task_id: c, depends_on: a })).rejects.toMatchObject({ hint: 'It waits for nothing.' })
    await run(closeTask, ctx, { task_id: c })
    expect(await titles(listReadyTasks)).toEqual(['b'])
    await run(claimTask, ctx, { task_id: b })
    expect(await titles(listReadyTasks)).toEqual([])
    expect(await run(removeDependency, ctx, { task_id: a, depends_on: b })).toMatchObject({ status: 'open', blocked_by: [] })
    await call(createTask, ctx, { title: 'press', project_id: 'cider' })
    expect(await run(addDependency, ctx, { task_id: a, depends_on: 'cider#1' })).toMatchObject({ blocked_by: ['cider#1'] })
  })
})

test('of what is around a task the first fifty are told, and how many there are', async () => {
  const ctx = await gobby()
  const whole = await ctx.task('Garden')
  for (let n = 0; n < 52; n++) await ctx.task(`Part ${n}`, { parent_task_id: whole, priority: n === 51 ? 1 : 2 })
  await run(addDependency, ctx, { task_id: whole, depends_on: 2 })
  const task = await run(getTask, ctx, { task_id: whole })
  expect(task).toMatchObject({ depends_on_count: 1, depends_on: [{ ref: '#2' }], dependents_count: 0, dependents: [], children_count: 52 })
  const { tasks } = await run(listTasks, ctx, { parent_task_id: whole, limit: 50 })
  expect(task.children).toEqual(tasks)
  expect(tasks[0]).toMatchObject({ title: 'Part 51' })
})

describe('lists', () => {
  test('are of the caller’s project, of one named, or of all; filtered', async () => {
    const ctx = await gobby()
    await ctx.session('orchard')
    await ctx.task('a', { priority: 3, labels: ['x'], type: 'bug' })
    await ctx.task('b', { parent_task_id: 1 })
    await call(createTask, ctx, { title: 'c', project_id: 'cider' })
    await call(claimTask, ctx, { task_id: 2 })
    const titles = async (input: object) => (await run(listTasks, ctx, input)).tasks.map(({ title }) => title)
    expect(await titles({})).toEqual(['b', 'a'])
    expect(await titles({ project_id: 'cider' })).toEqual(['c'])
    expect((await titles({ project_id: '*' })).toSorted()).toEqual(['a', 'b', 'c'])
    for (const [filter, found] of [
      [{ status: 'in_progress' }, ['b']], [{ priority: '3' }, ['a']], [{ assignee: '#1' }, ['b']], [{ assignee: 1 }, ['b']], [{ assignee: '' }, ['a']], [{ assignee: 'sam' }, []], [{ label: 'x' }, ['a']],
      [{ type: 'bug' }, ['a']], [{ parent_task_id: 'orchard#1' }, ['b']],
    ] as const) expect(await titles(filter), JSON.stringify(filter)).toEqual(found)
    const all = await run(listCrossProjectTasks, ctx, {})
    expect(all.tasks.map(({ ref }) => ref).toSorted()).toEqual(['cider#1', 'orchard#1', 'orchard#2'])
    expect((await run(listCrossProjectTasks, ctx, { status: 'in_progress' })).tasks).toMatchObject([{ ref: 'orchard#2', assignee: '#1' }])
  })

  test('go on page by page, without gaps and without doubles, also when one is added meanwhile', async () => {
    const ctx = await gobby()
    for (let n = 0; n < 25; n++) await ctx.task(`t${n}`, { priority: (n % 4) + 1 })
    for (const op of [listTasks, listReadyTasks, listCrossProjectTasks] as unknown as (typeof listReadyTasks)[]) {
      const seen: string[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await run(op, ctx, { limit: 7, ...(cursor ? { cursor } : {}) })
        seen.push(...page.tasks.map(({ id }) => id))
        cursor = page.next_cursor
      }
      expect(new Set(seen).size).toBe(25)
      expect(seen).toHaveLength(25)
    }
    expect((await run(listTasks, ctx, {})).count).toBe(20)
  })
})

test('a session and its tasks know each other: get_session, get_task, the handoff', async () => {
  const ctx = await gobby()
  const session = await ctx.session('orchard', { title: 'Garden work' })
  const parent = await ctx.session('cider')
  await ctx.store.sessions.setParent(session.id, parent.id, 'handoff')
  await run(createTask, ctx, { title: 'Oil the gate', session_id: 1 })
  await run(claimTask, ctx, { task_id: 1, session_id: 1 })
  expect(await run(getSessionTasks, ctx, { session_id: 1 })).toMatchObject({ session_id: session.id, ref: '#1', tasks: [{ action: 'claimed', task: { ref: '#1', status: 'in_progress' } }, { action: 'discovered' }] })
  const { sessions } = await run(getTaskSessions, ctx, { task_id: 1 })
  expect(sessions).toMatchObject([{ action: 'claimed', link_created_at: NOW, session: { ref: '#1', id: session.id, title: 'Garden work', parent_ref: 'cider#1', tokens: 0 } }, { action: 'discovered' }])
  expect((await call(getSession, ctx, { session_id: 1 })).tasks).toEqual((await run(getSessionTasks, ctx, { session_id: 1 })).tasks)
  const { context } = await call(createHandoff, ctx, { session_id: 1, notes: 'go on' })
  expect(context.active_task).toEqual({ id: expect.stringMatching(/^gt-/), ref: '#1', title: 'Oil the gate', status: 'in_progress' })
  expect((await call(getHandoffContext, ctx, { session_id: 1 })).compact_markdown).toMatch(/### Active Task\n\*\*Oil the gate\*\* \(gt-/)
  await run(closeTask, ctx, { task_id: 1, session_id: 1 })
  expect((await call(createHandoff, ctx, { session_id: 1, notes: 'go on' })).context.active_task).toBeNull()
})

describe('bad input', () => {
  const words = (length: number) => 'x'.repeat(length)
  test.each<[string, object, RegExp]>([
    ['create_task', {}, /title: must be a text/],
    ['create_task', { title: '' }, /title: must not be empty/],
    ['create_task', { title: '  ' }, /title: must not be empty/],
    ['create_task', { title: '\u0000\n' }, /title: must not be empty/],
    ['create_task', { title: words(10_000) }, /title: must have at most 500 characters/],
    ['create_task', { title: 7 }, /title: must be a text/],
    ['create_task', { title: 'a', description: words(20_001) }, /description: must have at most 20,000 characters/],
    ...[0, 5, 1.5, 'high', null, ''].map((priority): [string, object, RegExp] => ['create_task', { title: 'a', priority }, /priority: must be a whole number from 1 to 4/]),
    ['create_task', { title: 'a', type: 'two words' }, /type: must be a word/],
    ['create_task', { title: 'a', labels: [words(51)] }, /labels\.0: must be labels of at most 50/],
    ['create_task', { title: 'a', labels: ['a,b'] }, /without commas/],
    ['create_task', { title: 'a', labels: [''] }, /empty label/],
    ['create_task', { title: 'a', labels: Array.from({ length: 21 }, (_, n) => `l${n}`) }, /labels: must be at most 20/],
    ['create_task', { title: 'a', labels: 3 }, /labels: must be words/],
    ['create_task', { title: 'a', parent_task_id: {} }, /parent_task_id: must be a task/],
    ['create_task', { title: 'a', titel: 'b' }, /titel/],
    ['get_task', {}, /task_id: must be a task/],
    ['get_task', { task_id: [] }, /task_id: must be a task/],
    ['list_tasks', { status: 'done' }, /status: must be one of open, in_progress, blocked, closed/],
    ['list_tasks', { limit: 0 }, /limit: must be a whole number from 1 to 200/],
    ['list_tasks', { limit: 201 }, /limit: must be/],
    ['list_tasks', { cursor: 'rubbish' }, /cursor: is none that a list gave/],
    ['list_ready_tasks', { cursor: Buffer.from('[1,2]').toString('base64url') }, /cursor/],
    ['list_cross_project_tasks', { status: 'x' }, /status/],
    ['update_task', { task_id: 1 }, /Nothing to change/],
    ['update_task', { task_id: 1, title: '' }, /title: must not be empty/],
    ['update_task', { task_id: 1, status: 'closed' }, /status: must be one of open, in_progress; close_task closes/],
    ['update_task', { task_id: 1, status: 'blocked' }, /blocked follows from/],
    ['update_task', { task_id: 1, assignee: words(101) }, /assignee: must have at most 100/],
    ['close_task', { task_id: 1, commit_sha: 'xyz' }, /commit_sha: must be 4 to 64 hexadecimal/],
    ['close_task', { task_id: 1, reason: words(2001) }, /reason: must have at most 2,000/],
    ['delete_task', { task_id: [] }, /task/],
    ['add_dependency', { task_id: 1 }, /depends_on: must be a task/],
    ['link_task_to_session', { task_id: 1, action: 'loved' }, /action: must be one of worked_on, discovered, mentioned, claimed, closed/],
    ['get_session_tasks', {}, /session_id: must be a session/],
  ])('%s %o', async (name, input, message) => {
    const ctx = await gobby()
    await ctx.task()
    await expect(call(taskOperations.find((op) => op.name === name)!, ctx, input)).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(message) })
  })

  test.each<[string, object, string]>([
    ['update_task', { task_id: 1, assignee: '#9' }, 'not_found'],
    ['update_task', { task_id: 1, parent_task_id: 9 }, 'not_found'],
    ['create_task', { title: 'a', session_id: '#9' }, 'not_found'],
    ['create_task', { title: 'a', parent_task_id: '#9' }, 'not_found'],
    ['claim_task', { task_id: 1, session_id: 9 }, 'not_found'],
    ['add_dependency', { task_id: 1, depends_on: 9 }, 'not_found'],
    ['delete_task', { task_id: [1, 9] }, 'not_found'],
    ['list_tasks', { assignee: '#9' }, 'not_found'],
    ['list_tasks', { project_id: 'nowhere' }, 'not_found'],
  ])('%s %o: %s, and nothing is changed', async (name, input, code) => {
    const ctx = await gobby()
    await ctx.task()
    const before = await ctx.store.changes.range()
    await expect(call(taskOperations.find((op) => op.name === name)!, ctx, input)).rejects.toMatchObject({ code })
    expect(await ctx.store.changes.range()).toEqual(before)
  })
})
