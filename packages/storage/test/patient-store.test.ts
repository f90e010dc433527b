import { expect, test } from 'vitest'
import { openStore, patientStore } from '../src/index.ts'
import { addProject, NOW, raw, tempFile } from './kit.ts'

const fields = (project_id: string) => ({ project_id, title: 'Oil the gate', description: null, type: 'task', priority: 2, parent_task_id: null, labels: [] })

test('waits for another writer, and for as long as somebody waits for it', async () => {
  const path = tempFile()
  const store = await openStore(`file:${path}`, { busy_timeout_ms: 1 })
  const { id } = await addProject(store, 'orchard')
  const holder = raw(path)
  holder.exec('BEGIN IMMEDIATE')
  const leaving = new AbortController()
  const { signal } = leaving
  const waiting = patientStore(store).tasks.create(fields(id), NOW)
  const left = patientStore(store, { signal }).tasks.create(fields(id), NOW)
  const short = patientStore(store, { most_ms: 1 }).tasks.create(fields(id), NOW)
  await expect(short).rejects.toMatchObject({ code: 'busy' })
  leaving.abort()
  await expect(left).rejects.toMatchObject({ code: 'unavailable', message: 'The call was cancelled.' })
  holder.exec('ROLLBACK')
  expect((await waiting).seq_num).toBe(1)
  await expect(patientStore(store, { signal }).tasks.get('gt-aaaaaa')).rejects.toMatchObject({ code: 'unavailable' })
  expect(await store.tasks.list({}, 10)).toHaveLength(1)
  await store.close()
})
