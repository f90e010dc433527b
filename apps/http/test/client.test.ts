import { expect, expectTypeOf, test } from 'vitest'
import { createClient, ServiceError } from '../src/client.ts'
import { startProcess, until } from './running.ts'
import { sampleEnv } from './service.ts'

test('the client calls a running server, typed by its own table', async () => {
  const server = await startProcess([], { env: sampleEnv })
  const gobby = createClient({ url: server.url, token: server.token, project: 'orchard' })
  const everywhere = createClient({ url: server.url, token: server.token })
  await until(async () => (await everywhere.call('list_sessions')).count > 5)

  const { sessions } = await gobby.call('list_sessions', { limit: 2 })
  expect(sessions.map(({ project }) => project)).toEqual(['orchard', 'orchard'])
  const session = await gobby.call('get_session', { session_id: 1 })
  expectTypeOf(session.message_count).toBeNumber()
  expect(session.ref).toBe('#1')
  const found = await gobby.call('search_messages', { query: 'frost', sort: 'newest' })
  expect(found.count).toBeGreaterThan(0)
  const task = await gobby.call('create_task', { title: 'Prune', labels: ['winter'] })
  expect((await gobby.call('get_task', { task_id: task.id })).labels).toEqual(['winter'])
  expect(await gobby.call('delete_task', { task_id: '#1' })).toMatchObject({ count: 1 })

  const refused = await everywhere.call('get_session', { session_id: 1 }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ServiceError)
  expect((refused as ServiceError).problem).toMatchObject({ code: 'ambiguous', candidates: expect.arrayContaining(['orchard#1']) })
  // @ts-expect-error: no such call
  await expect(gobby.call('no_such_call', {})).rejects.toThrow(TypeError)

  const ending = new AbortController()
  const seen: string[] = []
  const listening = (async () => {
    for await (const { type, title } of gobby.events({ types: ['session.updated'], signal: ending.signal })) seen.push(`${type} ${String(title)}`)
  })()
  // The first sync may still be at work, and tells of changes as well.
  await until(async () => {
    await gobby.call('update_session', { session_id: 1, title: 'Renamed' })
    return seen.includes('session.updated Renamed')
  })
  ending.abort()
  await listening
  expect(seen.filter((each) => !each.startsWith('session.updated '))).toEqual([])
})
