import { expect, test } from 'vitest'
import type { Commit, NewSession, Status } from '../src/index.ts'
import { openStore } from '../src/index.ts'

const now = '2026-03-01T10:00:00.000Z'

async function storeWith(statuses: Status[]) {
  const store = await openStore(':memory:')
  const project = await store.projects.add({ name: 'orchard', path: '/o', git_dir: null, now })
  const fields: NewSession = {
    source: 'claude',
    external_id: '',
    project_id: project.id,
    machine_id: 'm',
    transcript_path: null,
    parent_session_id: null,
    relation: null,
    agent_depth: 0,
    created_at: now,
    last_activity_at: now,
    status: 'active',
    cwd: '/o',
    git_branch: null,
    model: null,
    title: null,
  }
  const sessions = await Promise.all(statuses.map((status, i) => store.sessions.register({ ...fields, external_id: `e${i}`, status }, now)))
  return { store, project, ids: sessions.map(({ session }) => session.id) }
}

const facts = (session_id: string, sha256: string) => ({ session_id, made_by: 'person' as const, notes: null, context: { goal: sha256 }, markdown: `page ${sha256}`, sha256, masked: 0 })
const commit = (hash: string | null, message: string): Commit => ({ hash, message, timestamp: now, author: null, branch: null, evidence: 'tool_output', certainty: 'reported' })

test('a handoff is a record: earlier ones stay, the newest is mirrored, the same facts give the same record', async () => {
  const { store, ids } = await storeWith(['active'])
  const [id] = ids as [string]
  const first = await store.handoffs.add(facts(id, 'a'), now)
  const again = await store.handoffs.add(facts(id, 'a'), now)
  expect(again).toEqual({ handoff: first.handoff, created: false })
  const second = await store.handoffs.add(facts(id, 'b'), now)
  expect(second.created).toBe(true)
  expect(await store.handoffs.newest(id)).toMatchObject({ id: second.handoff.id, context: { goal: 'b' }, delivered_to: null })
  expect((await store.handoffs.ofSession(id)).map((handoff) => handoff.id)).toEqual([second.handoff.id, first.handoff.id])
  expect((await store.sessions.get(id))?.compact_markdown).toBe('page b')
})

test('the one that was kept last is the newest, also when it waited for the one before', async () => {
  const { store, project, ids } = await storeWith(['active', 'active'])
  const [id, next] = ids as [string, string]
  const { handoff: earlier } = await store.handoffs.add({ ...facts(id, 'a'), made_by: 'hook' }, '2026-03-01T10:00:00.500Z')
  const { handoff: asked } = await store.handoffs.add({ ...facts(id, 'b'), made_by: 'agent', notes: 'mind the cat' }, now)
  expect(asked).toMatchObject({ made_by: 'agent', notes: 'mind the cat' })
  expect(await store.handoffs.newest(id)).toEqual(asked)
  expect((await store.handoffs.ofSession(id)).map((handoff) => handoff.id)).toEqual([asked.id, earlier.id])
  expect(await store.handoffs.claim({ to: next, project_id: project.id, since: now, now })).toMatchObject({ handoff: { id: asked.id } })
})

test('one that goes on from another does not stand over what was made, or received, meanwhile', async () => {
  const { store, ids } = await storeWith(['active', 'active'])
  const [id, next] = ids as [string, string]
  const { handoff: asked } = await store.handoffs.add({ ...facts(id, 'a'), notes: 'the gate squeaks' }, now)
  expect(await store.handoffs.add(facts(id, 'b'), now, { after: null })).toEqual({ handoff: asked, created: false, overtaken: true })
  expect((await store.sessions.get(id))?.compact_markdown).toBe('page a')
  const { handoff: second } = await store.handoffs.add(facts(id, 'b'), now, { after: asked })
  expect(second.context).toEqual({ goal: 'b' })
  expect(await store.handoffs.add(facts(id, 'c'), now, { after: asked })).toEqual({ handoff: second, created: false, overtaken: true })
  await store.handoffs.claim({ to: next, from: id, now })
  const received = { ...second, delivered_to: next }
  expect(await store.handoffs.add(facts(id, 'c'), now, { after: second })).toEqual({ handoff: received, created: false, overtaken: true })
  expect(await store.handoffs.add(facts(id, 'c'), now, { after: received })).toMatchObject({ created: true })
})

test.each([
  ['active', 'active'],
  ['paused', 'paused'],
  ['expired', 'handoff_ready'],
  ['archived', 'archived'],
] as [Status, Status][])('a handoff of a session that is %s leaves it %s', async (before, after) => {
  const { store, ids } = await storeWith([before])
  await store.handoffs.add(facts(ids[0] as string, 'a'), now)
  expect((await store.sessions.get(ids[0] as string))?.status).toBe(after)
})

test("a project's newest handoff", async () => {
  const { store, project, ids } = await storeWith(['active', 'active'])
  expect(await store.handoffs.newestOfProject(project.id)).toBeUndefined()
  await store.handoffs.add(facts(ids[0] as string, 'a'), now)
  await store.handoffs.add(facts(ids[1] as string, 'b'), '2026-03-01T11:00:00.000Z')
  expect(await store.handoffs.newestOfProject(project.id)).toMatchObject({ session_id: ids[1] })
  expect(await store.handoffs.newestOfProject(undefined)).toMatchObject({ session_id: ids[1] })
  expect(await store.handoffs.newestOfProject('another')).toBeUndefined()
})

test('commits are found by the beginning of their hash, and printed hashes by the whole one', async () => {
  const { store, ids } = await storeWith(['active', 'active'])
  const full = '3fa91c2d5e6f7081928374655647382910abcdef'
  await store.commits.put(ids[0] as string, [commit(full, 'fix gate'), commit(null, 'silent')])
  await store.commits.put(ids[1] as string, [commit('3fa91c2', 'fix gate')])
  const found = async (hash: string) => (await store.commits.findByHash(hash)).map(({ session }) => session.id).sort()
  expect(await found('3fa9')).toEqual([...ids].sort())
  expect(await found(full)).toEqual([...ids].sort())
  expect(await found('3fa91c2d')).toEqual([...ids].sort())
  expect(await found('3fa91c3')).toEqual([])
  await store.commits.put(ids[0] as string, [])
  expect(await store.commits.ofSession(ids[0] as string)).toEqual([])
})
