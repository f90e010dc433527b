import fc from '@gobby/testing/property'
import { describe, expect, test } from 'vitest'
import Database from 'better-sqlite3'
import type { NewTask, Store, Task } from '../src/index.ts'
import { migrate } from '../src/sqlite/migrate.ts'
import { taskReads } from '../src/sqlite/task-queries.ts'
import { addProject, addSession, at, NOW, open, raw, runWithStore } from './kit.ts'

const fields = (project_id: string, more: Partial<NewTask> = {}): NewTask => ({
  project_id, title: 'Oil the gate', description: null, type: 'task', priority: 2, parent_task_id: null, labels: [], ...more,
})

async function withProject() {
  const store = await open()
  const project = await addProject(store, 'orchard')
  let minutes = 0
  const add = (more: Partial<NewTask> = {}): Promise<Task> => store.tasks.create(fields(project.id, more), at(minutes++))
  return { store, project, add }
}

const said = async (store: Store) => (await store.changes.after(0, 1000)).filter(({ type }) => type.startsWith('task.'))
const refs = (tasks: Task[]) => tasks.map(({ seq_num }) => seq_num)

describe('a task', () => {
  test('gets an id and a number of its project, never given out twice', async () => {
    const { store, add } = await withProject()
    const other = await addProject(store, 'cider')
    const first = await add({ description: 'It squeaks', labels: ['garden', 'metal'], priority: 1, type: 'bug' })
    expect(first).toEqual({
      id: expect.stringMatching(/^gt-[a-z0-9]{6}$/), seq_num: 1, project_id: first.project_id, project: 'orchard', title: 'Oil the gate', description: 'It squeaks', type: 'bug',
      priority: 1, status: 'open', assignee: null, assignee_session: null, parent_task_id: null, parent: null, labels: ['garden', 'metal'], blocked_by: [],
      created_at: NOW, updated_at: NOW, closed_at: null, closed_reason: null, closed_commit_sha: null,
    })
    expect((await add()).seq_num).toBe(2)
    expect((await store.tasks.create(fields(other.id), NOW)).seq_num).toBe(1)
    await store.tasks.delete([(await store.tasks.findByNumber(2, first.project_id))[0]!.id], NOW)
    expect((await add()).seq_num).toBe(3)
    expect(await store.tasks.findByNumber(1)).toMatchObject([{ project: 'cider' }, { project: 'orchard' }])
    expect(await store.tasks.findById(first.id.toUpperCase(), 5)).toEqual([first])
    expect(refs(await store.tasks.findById('gt-', 5)).toSorted()).toEqual([1, 1, 3])
    expect(await store.tasks.findById('gt_', 5)).toEqual([])
  })

  test('changes in what is given, and says so only when something changed', async () => {
    const { store, add } = await withProject()
    const task = await add({ labels: ['a'] })
    const before = (await said(store)).length
    expect(await store.tasks.update(task.id, { title: task.title, labels: ['a'] }, at(5))).toEqual(task)
    expect((await said(store)).length).toBe(before)
    expect(await store.tasks.update(task.id, { title: 'New', labels: [], assignee: 'sam' }, at(6))).toMatchObject({ title: 'New', labels: [], assignee: 'sam', assignee_session: null, updated_at: at(6) })
    expect((await said(store)).at(-1)).toMatchObject({ type: 'task.updated', project_id: task.project_id, data: { task_id: task.id, seq_num: 1, title: 'New', status: 'open', assignee: 'sam' } })
    expect(await store.tasks.update('gt-nobody', { title: 'x' }, NOW)).toBeUndefined()
  })

  test('is closed once, and opened again without a trace of the end', async () => {
    const { store, add, project } = await withProject()
    const session = await addSession(store, project.id)
    const task = await add()
    const end = { closed_reason: 'done', closed_commit_sha: 'abc123', session_id: session.id }
    expect(await store.tasks.close(task.id, end, at(9))).toMatchObject({ closed: true, task: { status: 'closed', closed_at: at(9), closed_reason: 'done', closed_commit_sha: 'abc123' } })
    expect(await store.tasks.close(task.id, { ...end, closed_reason: 'again' }, at(10))).toMatchObject({ closed: false, task: { closed_reason: 'done' } })
    expect(await store.tasks.sessionsOf(task.id)).toMatchObject([{ action: 'closed', link_created_at: at(9), session: { id: session.id } }])
    expect(await store.tasks.update(task.id, { status: 'in_progress' }, at(11))).toMatchObject({ status: 'in_progress', closed_at: null, closed_reason: null, closed_commit_sha: null })
    expect((await said(store)).map(({ type }) => type)).toEqual(['task.created', 'task.closed', 'task.linked', 'task.updated'])
    await store.tasks.claim(task.id, session.id, at(12))
    await store.tasks.close(task.id, end, at(13))
    expect(await store.tasks.update(task.id, { status: 'open' }, at(14))).toMatchObject({ status: 'open', assignee: null })
    expect(await store.tasks.close('gt-nobody', end, NOW)).toBeUndefined()
  })

  test('that is deleted frees what waited for it, orphans its parts, and takes its links along', async () => {
    const { store, add, project } = await withProject()
    const session = await addSession(store, project.id)
    const whole = await add()
    const part = await add({ parent_task_id: whole.id })
    const waiting = await add()
    await store.tasks.addDependency(waiting.id, whole.id, NOW)
    await store.tasks.link({ task_id: whole.id, session_id: session.id, action: 'worked_on' }, NOW)
    expect(await store.tasks.get(waiting.id)).toMatchObject({ status: 'blocked', blocked_by: [{ id: whole.id, seq_num: 1, project: 'orchard', project_id: project.id }] })
    expect(await store.tasks.get(part.id)).toMatchObject({ parent: { id: whole.id, seq_num: 1 } })
    expect(await store.tasks.delete([whole.id, 'gt-nobody'], at(7))).toMatchObject([{ id: whole.id }])
    expect(await store.tasks.get(waiting.id)).toMatchObject({ status: 'open', blocked_by: [] })
    expect(await store.tasks.get(part.id)).toMatchObject({ parent_task_id: null, parent: null })
    expect(await store.tasks.ofSession(session.id)).toEqual([])
    expect((await said(store)).slice(-2)).toMatchObject([{ type: 'task.deleted', data: { task_id: whole.id } }, { type: 'task.updated', data: { task_id: waiting.id, status: 'open' } }])
    expect(raw(store.path).pragma('foreign_key_check')).toEqual([])
  })

  test('has no parent below it', async () => {
    const { store, add } = await withProject()
    const [a, b, c] = [await add(), await add(), await add()]
    await store.tasks.update(b.id, { parent_task_id: a.id }, NOW)
    await store.tasks.update(c.id, { parent_task_id: b.id }, NOW)
    await expect(store.tasks.update(a.id, { parent_task_id: c.id }, NOW)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('#1 → #3 → #2 → #1') })
    await expect(store.tasks.update(a.id, { parent_task_id: a.id }, NOW)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('#1 → #1') })
    expect(refs((await store.tasks.around(a.id, 9)).children.tasks)).toEqual([2])
  })
})

test('lists: by priority, then the oldest, closed last; filtered; page by page', async () => {
  const { store, add, project } = await withProject()
  const other = await addProject(store, 'cider')
  for (const priority of [3, 1, 2, 1, 4]) await add({ priority, labels: [`p${priority}`], type: priority === 1 ? 'bug' : 'task' })
  await store.tasks.create(fields(other.id), NOW)
  const numbered = (n: number) => store.tasks.findByNumber(n, project.id).then(([task]) => task!)
  await store.tasks.close((await numbered(2)).id, { closed_reason: null, closed_commit_sha: null }, NOW)
  await store.tasks.addDependency((await numbered(4)).id, (await numbered(3)).id, NOW)
  await store.tasks.update((await numbered(1)).id, { assignee: 'sam', status: 'in_progress' }, NOW)
  const list = async (filter: object) => refs(await store.tasks.list({ project_id: project.id, ...filter }, 100))
  expect(await list({})).toEqual([4, 3, 1, 5, 2])
  expect(await list({ status: 'open' })).toEqual([3, 5])
  expect(await list({ status: 'blocked' })).toEqual([4])
  expect(await list({ status: 'in_progress' })).toEqual([1])
  expect(await list({ status: 'closed' })).toEqual([2])
  expect(await list({ priority: 1 })).toEqual([4, 2])
  expect(await list({ type: 'bug' })).toEqual([4, 2])
  expect(await list({ label: 'p3' })).toEqual([1])
  expect(await list({ assignee: 'sam' })).toEqual([1])
  expect(await list({ assignee: null, status: 'open' })).toEqual([3, 5])
  expect(await store.tasks.counts(project.id)).toEqual({ open: 2, in_progress: 1, blocked: 1, closed: 1 })
  expect((await store.tasks.counts()).open).toBe(3)
  const seen: Task[] = []
  for (;;) {
    const last = seen.at(-1)
    const page = await store.tasks.list({}, 2, last && { ...last, closed: last.status === 'closed' })
    if (page.length === 0) break
    seen.push(...page)
  }
  expect(seen).toEqual(await store.tasks.list({}, 100))
  expect(seen).toHaveLength(6)
})

describe('dependencies', () => {
  test('block until all are closed', async () => {
    const { store, add } = await withProject()
    const [a, b, c] = [await add(), await add(), await add()]
    expect(await store.tasks.addDependency(a.id, b.id, at(20))).toBe(true)
    expect(await store.tasks.addDependency(a.id, b.id, at(21))).toBe(false)
    await store.tasks.addDependency(a.id, c.id, at(22))
    expect(await store.tasks.get(a.id)).toMatchObject({ status: 'blocked', updated_at: at(22), blocked_by: [{ seq_num: 2 }, { seq_num: 3 }] })
    await store.tasks.close(b.id, { closed_reason: null, closed_commit_sha: null }, NOW)
    expect(await store.tasks.get(a.id)).toMatchObject({ status: 'blocked', blocked_by: [{ seq_num: 3 }] })
    await store.tasks.close(c.id, { closed_reason: null, closed_commit_sha: null }, NOW)
    expect(await store.tasks.get(a.id)).toMatchObject({ status: 'open', blocked_by: [] })
    expect((await said(store)).slice(-2)).toMatchObject([{ type: 'task.closed', data: { seq_num: 3 } }, { type: 'task.updated', data: { seq_num: 1, status: 'open' } }])
    await store.tasks.update(b.id, { status: 'open' }, NOW)
    expect((await said(store)).at(-1)).toMatchObject({ type: 'task.updated', data: { seq_num: 1, status: 'blocked' } })
    expect(await store.tasks.around(a.id, 9)).toMatchObject({ depends_on: { tasks: [{ seq_num: 2 }, { seq_num: 3 }], count: 2 }, dependents: { tasks: [], count: 0 } })
    expect(refs((await store.tasks.around(b.id, 9)).dependents.tasks)).toEqual([1])
    expect(await store.tasks.around(a.id, 1)).toMatchObject({ depends_on: { tasks: [{ seq_num: 2 }], count: 2 } })
    expect(await store.tasks.removeDependency(a.id, b.id, NOW)).toBe(true)
    expect(await store.tasks.removeDependency(a.id, b.id, NOW)).toBe(false)
    expect((await store.tasks.get(a.id))?.status).toBe('open')
  })

  test('in a circle are refused with the path', async () => {
    const { store, add } = await withProject()
    const cider = await addProject(store, 'cider')
    const [a, b] = [await add(), await add()]
    const c = await store.tasks.create(fields(cider.id), NOW)
    const refused = (from: Task, to: Task, path: string) =>
      expect(store.tasks.addDependency(from.id, to.id, NOW)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(path), hint: expect.any(String) })
    await refused(a, a, '#1 → #1')
    await store.tasks.addDependency(a.id, b.id, NOW)
    await refused(b, a, '#2 → #1 → #2')
    await store.tasks.addDependency(b.id, c.id, NOW)
    await refused(c, a, '#1 → orchard#1 → orchard#2 → #1')
    await expect(store.tasks.addDependency(a.id, 'gt-nobody', NOW)).rejects.toMatchObject({ code: 'not_found' })
    expect(raw(store.path).prepare('SELECT count(*) AS n FROM task_dependencies').get()).toEqual({ n: 2 })
  })

  test('never go in a circle, whatever is added, removed and deleted', async () => {
    const size = 7
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), pair: fc.tuple(fc.nat(size - 1), fc.nat(size - 1)) }),
      fc.record({ kind: fc.constantFrom('remove' as const, 'close' as const, 'delete' as const), pair: fc.tuple(fc.nat(size - 1), fc.nat(size - 1)) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { store, add } = await withProject()
        const tasks: Task[] = []
        for (let n = 0; n < size; n++) tasks.push(await add())
        const edges = new Set<string>()
        const leadsTo = (from: string, to: string): boolean => from === to || [...edges].some((edge) => edge.startsWith(from) && leadsTo(edge.slice(from.length), to))
        for (const { kind, pair } of steps) {
          const [from, to] = pair.map((n) => tasks[n]!.id) as [string, string]
          const there = (await store.tasks.get(from)) && (await store.tasks.get(to))
          if (kind === 'add') {
            const added = await store.tasks.addDependency(from, to, NOW).catch((error: { code: string }) => error.code)
            // The model decides the same: refused exactly when the other one leads here.
            expect(added).toBe(!there ? 'not_found' : leadsTo(to, from) ? 'conflict' : !edges.has(from + to))
            if (added === true) edges.add(from + to)
          } else if (kind === 'remove') {
            expect(await store.tasks.removeDependency(from, to, NOW)).toBe(edges.delete(from + to))
          } else if (kind === 'delete') {
            await store.tasks.delete([from], NOW)
            for (const edge of edges) if (edge.includes(from)) edges.delete(edge)
          } else {
            await store.tasks.close(from, { closed_reason: null, closed_commit_sha: null }, NOW)
          }
        }
        for (const task of await store.tasks.list({}, 200)) {
          const waits = [...edges].filter((edge) => edge.startsWith(task.id)).map((edge) => edge.slice(task.id.length))
          const open = (await Promise.all(waits.map((id) => store.tasks.get(id)))).filter((one) => one?.status !== 'closed')
          if (task.status !== 'closed') expect(task.status === 'blocked').toBe(open.length > 0)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('claims', () => {
  test('one session has it; the others are told since when; again is nothing new', async () => {
    const { store, add, project } = await withProject()
    const [one, two] = [await addSession(store, project.id), await addSession(store, project.id)]
    const task = await add()
    expect(await store.tasks.claim(task.id, one.id, at(30))).toMatchObject({ outcome: 'claimed', task: { status: 'in_progress', assignee: one.id, assignee_session: { id: one.id, seq_num: 1, project: 'orchard' } } })
    const changes = (await said(store)).length
    expect(await store.tasks.claim(task.id, one.id, at(31))).toMatchObject({ outcome: 'already', held_since: at(30), task: { updated_at: at(30) } })
    expect(await store.tasks.claim(task.id, two.id, at(32))).toMatchObject({ outcome: 'held', held_since: at(30), task: { assignee: one.id } })
    expect((await said(store)).length).toBe(changes)
    expect(await store.tasks.sessionsOf(task.id)).toMatchObject([{ session: { id: one.id }, parent: null, action: 'claimed', link_created_at: at(30) }])
    await store.tasks.update(task.id, { assignee: 'sam' }, NOW)
    expect(await store.tasks.claim(task.id, two.id, NOW)).toMatchObject({ outcome: 'held', held_since: null })
    await store.tasks.update(task.id, { assignee: null, status: 'open' }, NOW)
    expect(await store.tasks.claim(task.id, two.id, NOW)).toMatchObject({ outcome: 'claimed' })
  })

  test('of what is closed, blocked or gone fail', async () => {
    const { store, add, project } = await withProject()
    const session = await addSession(store, project.id)
    const [task, first] = [await add(), await add()]
    await store.tasks.addDependency(task.id, first.id, NOW)
    expect(await store.tasks.claim(task.id, session.id, NOW)).toMatchObject({ outcome: 'blocked', task: { assignee: null } })
    await store.tasks.update(task.id, { assignee: session.id }, NOW)
    expect(await store.tasks.claim(task.id, session.id, NOW)).toMatchObject({ outcome: 'blocked' })
    await store.tasks.close(first.id, { closed_reason: null, closed_commit_sha: null }, NOW)
    expect(await store.tasks.claim(first.id, session.id, NOW)).toMatchObject({ outcome: 'closed' })
    expect(await store.tasks.claim('gt-nobody', session.id, NOW)).toBeUndefined()
    await store.sessions.delete([session.id], NOW)
    await expect(store.tasks.claim(task.id, session.id, NOW)).rejects.toMatchObject({ code: 'not_found' })
    expect((await store.tasks.get(task.id))?.assignee).toBeNull()
  })

  test('fifty at once from five processes: one wins', async () => {
    const { store, add, project } = await withProject()
    const sessions: string[] = []
    for (let n = 0; n < 50; n++) sessions.push((await addSession(store, project.id)).id)
    const task = await add()
    const results = await Promise.all(
      Array.from({ length: 5 }, (_, n) =>
        runWithStore(`const s = await openStore(${JSON.stringify(store.path)})
          const all = await Promise.all(${JSON.stringify(sessions.slice(n * 10, n * 10 + 10))}.map((id) => s.tasks.claim(${JSON.stringify(task.id)}, id, new Date().toISOString())))
          console.log(JSON.stringify(all.map(({ outcome }) => outcome))); await s.close()`),
      ),
    )
    const outcomes = results.flatMap(({ stdout }) => JSON.parse(stdout) as string[])
    expect(outcomes.toSorted()).toEqual(['claimed', ...Array.from({ length: 49 }, () => 'held')])
    const { assignee } = (await store.tasks.get(task.id))!
    expect(await store.tasks.sessionsOf(task.id)).toMatchObject([{ action: 'claimed', session: { id: assignee } }])
    expect((await said(store)).filter(({ type }) => type === 'task.linked')).toHaveLength(1)
  })
})

test('links keep their first time, in both directions, the newest first', async () => {
  const { store, add, project } = await withProject()
  const parent = await addSession(store, project.id)
  const session = await addSession(store, project.id, undefined, { parent_session_id: parent.id, relation: 'handoff' })
  const [one, two] = [await add(), await add()]
  const link = (task: Task, action: 'worked_on' | 'mentioned', minutes: number) => store.tasks.link({ task_id: task.id, session_id: session.id, action }, at(minutes))
  expect(await link(one, 'worked_on', 1)).toEqual({ link_created_at: at(1), created: true })
  expect(await link(one, 'worked_on', 2)).toEqual({ link_created_at: at(1), created: false })
  await link(two, 'mentioned', 3)
  await link(one, 'mentioned', 4)
  expect((await store.tasks.ofSession(session.id)).map(({ task, action, link_created_at }) => [task.seq_num, action, link_created_at])).toEqual([
    [1, 'mentioned', at(4)], [2, 'mentioned', at(3)], [1, 'worked_on', at(1)],
  ])
  expect(await store.tasks.sessionsOf(one.id)).toMatchObject([
    { action: 'mentioned', session: { id: session.id }, parent: { id: parent.id, seq_num: 1, project: 'orchard' } },
    { action: 'worked_on', session: { id: session.id } },
  ])
  expect((await said(store)).filter(({ type }) => type === 'task.linked')).toMatchObject([{ session_id: session.id, data: { action: 'worked_on', seq_num: 1 } }, {}, {}])
  await expect(store.tasks.link({ task_id: 'gt-nobody', session_id: session.id, action: 'claimed' }, NOW)).rejects.toMatchObject({ code: 'not_found' })
  await expect(store.tasks.link({ task_id: one.id, session_id: 'nobody', action: 'claimed' }, NOW)).rejects.toMatchObject({ code: 'not_found' })
})

test('a session that is deleted leaves its tasks standing, and gives back what it had', async () => {
  const { store, add, project } = await withProject()
  const session = await addSession(store, project.id)
  const task = await store.tasks.create(fields(project.id), NOW, session.id)
  const done = await add()
  for (const { id } of [task, done]) await store.tasks.claim(id, session.id, NOW)
  await store.tasks.close(done.id, { closed_reason: null, closed_commit_sha: null, session_id: session.id }, NOW)
  await store.sessions.delete([session.id], at(60))
  expect(await store.tasks.get(task.id)).toMatchObject({ status: 'open', assignee: null, assignee_session: null, updated_at: at(60) })
  expect(await store.tasks.get(done.id)).toMatchObject({ status: 'closed', assignee: null })
  expect(await store.tasks.sessionsOf(task.id)).toEqual([])
  expect((await said(store)).at(-1)).toMatchObject({ type: 'task.updated', data: { status: expect.stringMatching(/open|closed/) } })
  expect(raw(store.path).pragma('foreign_key_check')).toEqual([])
})

test.each([
  ['ready', { status: 'open', assignee: null }],
  ['blocked', { status: 'blocked' }],
  ['closed', { status: 'closed' }],
  ['with a label', { label: 'garden' }],
  ['of a type', { type: 'bug' }],
  ['of somebody', { assignee: 'ana' }],
] as const)('a page of the tasks %s is read in order from one index', async (_, filter) => {
  const asked: string[] = []
  const db = new Database(':memory:', { verbose: (sql) => void asked.push(String(sql)) })
  migrate(db)
  await taskReads(db).list({ project_id: 'orchard', ...filter }, 20)
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${asked.at(-1) ?? ''}`).all() as { id: number; parent: number; detail: string }[]
  const read = plan.find(({ detail }) => detail.includes('idx_tasks_list'))
  expect(read?.detail).toContain('USING COVERING INDEX idx_tasks_list (project_id=?')
  expect(plan.filter(({ parent, detail }) => parent === read?.parent && detail.includes('TEMP B-TREE'))).toEqual([])
  db.close()
})
