import { describe, expect, test } from 'vitest'
import { addProject, addSession, newSession, NOW, open, runWithStore } from './kit.ts'

describe('numbers', () => {
  test('are never given out twice, not even the last one after its delete', async () => {
    const store = await open()
    const { id } = await addProject(store, 'orchard')
    const first = await addSession(store, id)
    const second = await addSession(store, id)
    await store.sessions.delete([second.id], NOW)
    const third = await addSession(store, id)
    await store.sessions.delete([first.id, third.id], NOW)
    expect([first.seq_num, second.seq_num, third.seq_num, (await addSession(store, id)).seq_num]).toEqual([1, 2, 3, 4])
  })

  test('count on after the database is opened again, and for each project alone', async () => {
    const store = await open()
    const a = await addProject(store, 'a')
    const b = await addProject(store, 'b')
    await addSession(store, a.id)
    await addSession(store, b.id)
    await store.sessions.delete([(await addSession(store, a.id)).id], NOW)
    const again = await open(store.path)
    expect((await addSession(again, a.id)).seq_num).toBe(3)
    expect((await addSession(again, b.id)).seq_num).toBe(2)
  })

  test('registering again gives what is there and spends no number', async () => {
    const store = await open()
    const { id } = await addProject(store, 'orchard')
    const fields = newSession(id)
    const first = await store.sessions.register(fields, NOW)
    const again = await store.sessions.register({ ...fields, title: 'another' }, NOW)
    expect([first.created, again.created, again.session]).toEqual([true, false, first.session])
    expect((await addSession(store, id)).seq_num).toBe(2)
  })

  test('a registration that fails spends none', async () => {
    const store = await open()
    const { id } = await addProject(store, 'orchard')
    await expect(store.sessions.register(newSession(id, { status: 'gone' as 'active' }), NOW)).rejects.toThrow()
    expect((await addSession(store, id)).seq_num).toBe(1)
  })
})

test('200 registrations by four processes at once: no number twice, none missing, each session once', async () => {
  const store = await open()
  const { id } = await addProject(store, 'orchard')
  const template = JSON.stringify(newSession(id))
  // Each of the 200 is registered by two of the processes.
  const worker = (from: number) => `
    const store = await openStore(${JSON.stringify(store.path)})
    const given = await Promise.all(Array.from({ length: 100 }, (_, i) => store.sessions.register({ ...${template}, external_id: 'x' + (${from} + i) % 200 }, ${JSON.stringify(NOW)})))
    console.log(JSON.stringify(given.map(({ created, session }) => [session.external_id, session.seq_num, created])))
    await store.close()`
  const results = await Promise.all([0, 50, 100, 150].map((from) => runWithStore(worker(from))))
  expect(results.map(({ code, stderr }) => [code, stderr])).toEqual([[0, ''], [0, ''], [0, ''], [0, '']])
  const given = results.flatMap(({ stdout }) => JSON.parse(stdout) as [string, number, boolean][])
  expect(given.filter(([, , created]) => created)).toHaveLength(200)
  expect(new Set(given.map(([external_id, seq_num]) => `${external_id} ${seq_num}`)).size).toBe(200)
  expect([...new Set(given.map(([, seq_num]) => seq_num))].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
})
