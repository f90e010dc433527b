import { GobbyError } from '@gobby/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ChangeFeed } from '../src/live/change-feed.ts'
import { until } from './running.ts'
import { sampleService, type TestService } from './service.ts'
import { EventReader } from './sse.ts'

let test_: TestService
let readers: EventReader[] = []
beforeEach(async () => {
  test_ = await sampleService()
})
afterEach(async () => {
  for (const reader of readers) await reader.close()
  readers = []
})

async function listen(query = '', headers: Record<string, string> = {}): Promise<EventReader> {
  const response = await test_.request(`/events${query}`, { headers })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const reader = new EventReader(response)
  readers.push(reader)
  await until(() => reader.text !== '')
  return reader
}

const types = (reader: EventReader) => reader.events.map(({ type }) => type)
const rename = (ref: string, title: string) => test_.ask(`/sessions/${ref}`, { method: 'PATCH', json: { title } })

test('tells what changes, with its project and ref, in order', async () => {
  const reader = await listen()
  await rename('orchard~1', 'One')
  await rename('orchard~2', 'Two')
  await test_.ask('/tasks?project=orchard', { json: { title: 'Prune' } })
  await until(() => reader.events.length >= 3)
  await test_.ask('/sessions/orchard~1', { method: 'DELETE' })
  await until(() => reader.events.length >= 4)
  expect(types(reader)).toEqual(expect.arrayContaining(['session.updated', 'task.created', 'session.deleted']))
  expect(reader.events[0]).toMatchObject({ type: 'session.updated', project: 'orchard', ref: 'orchard#1', title: 'One' })
  expect(reader.events.find(({ type }) => type === 'session.deleted')).toMatchObject({ ref: 'orchard#1', seq_num: 1 })
  const ids = reader.events.map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  expect(reader.events.every(({ id, sse_id, type, sse_event }) => id === sse_id && type === sse_event)).toBe(true)
  expect(reader.text).toMatch(/^retry: \d+\n\n/)
})

test('goes on where a listener was, by header or query, and loses nothing', async () => {
  const { last } = await test_.service.ctx.store.changes.range()
  const whole = await listen('?last_event_id=0')
  await until(() => whole.events.length === last)
  expect(whole.events.map(({ id }) => id)).toEqual(Array.from({ length: last }, (_, i) => i + 1))
  const rest = await listen('', { 'last-event-id': String(last - 2) })
  await until(() => rest.events.length === 2)
  const query = await listen(`?last_event_id=${last - 1}`)
  await until(() => query.events.length === 1)
})

test('says so when what was missed is not kept any more', async () => {
  const { last } = await test_.service.ctx.store.changes.range()
  await test_.service.ctx.store.changes.trim(new Date(Date.now() + 48 * 3_600_000).toISOString())
  await rename('orchard~1', 'One')
  const reader = await listen('?last_event_id=1')
  await until(() => reader.events.length > 0)
  expect(reader.events[0]).toMatchObject({ type: 'reset', id: last + 1 })
  const future = await listen('?last_event_id=999999')
  await until(() => future.events.length > 0)
  expect(future.events[0].type).toBe('reset')
  const elsewhere = await listen('', { 'last-event-id': 'of-another-stream' })
  await until(() => elsewhere.events.length > 0)
  expect(elsewhere.events[0].type).toBe('reset')
  await rename('orchard~1', 'Two')
  await until(() => reader.events.length > 1 && future.events.length > 1)
})

test('tells a listener only what it wants', async () => {
  const project = await listen('?project=cider-press')
  const session = await listen('?session=orchard~2')
  const type = await listen('?type=task.created&type=session.deleted')
  await rename('orchard~1', 'One')
  await rename('cider-press~1', 'Two')
  await rename('orchard~2', 'Three')
  await test_.ask('/tasks?project=orchard', { json: { title: 'Prune' } })
  await until(() => type.events.length === 1 && session.events.length === 1 && project.events.length === 1)
  expect([project.events[0].ref, session.events[0].ref, type.events[0].type]).toEqual(['cider-press#1', 'orchard#2', 'task.created'])
})

test('a database that cannot be read at first ends nothing for good, and those who come at once begin at the same place', async () => {
  const { service } = test_
  const { store } = service.ctx
  let failures = 2
  const version = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    if (failures-- > 0) throw new GobbyError('busy', 'The database is held by another process.')
    return store.version()
  }
  service.feed = new ChangeFeed({ ...store, version })
  for (let n = 0; n < 2; n++) expect((await test_.ask('/events')).status).toBe(503)
  expect(service.feed.listeners).toBe(0)
  const both = await Promise.all([listen(), listen()])
  await rename('orchard~1', 'One')
  await until(() => both.every(({ events }) => events.length > 0))
  expect(both.map(types)).toEqual([['session.updated'], ['session.updated']])
})

test('forgets a listener that goes', async () => {
  const reader = await listen()
  await listen()
  expect(test_.service.feed.listeners).toBe(2)
  await reader.close()
  await until(() => test_.service.feed.listeners === 1)
  expect((await test_.request('/events', { method: 'HEAD' })).status).toBe(200)
  expect(test_.service.feed.listeners).toBe(1)
})

test('ends with the feed', async () => {
  const reader = await listen()
  test_.service.feed.end()
  await until(() => reader.ended)
  expect(test_.service.feed.listeners).toBe(0)
})
