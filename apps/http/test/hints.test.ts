import { expect, test } from 'vitest'
import { forRequests } from '../src/hints.ts'
import { sampleService } from './service.ts'

test('a hint for a shell becomes a request', () => {
  const hints: [string, string][] = [
    ['See the sessions there are: gobby session list --all', 'See the sessions there are: GET /sessions'],
    ["Name the project too: gobby session show 'cider-press#1'", 'Name the project too: GET /sessions/cider-press~1'],
    ['See the projects known: gobby project list', 'See the projects known: GET /hub/projects'],
    ['Look at it: gobby task show 3.', 'Look at it: GET /tasks/3.'],
    ['Run: gobby doctor', 'Run: gobby doctor'],
  ]
  for (const [shell, request] of hints) expect(forRequests(shell)).toBe(request)
})

test('an ambiguous ref is answered with the request that would do', async () => {
  const { ask } = await sampleService()
  const { status, body } = await ask('/sessions/1')
  expect([status, body.hint]).toEqual([409, 'Name the project too: GET /sessions/cider-press~1'])
  expect((await ask('/sessions/cider-press~1')).status).toBe(200)
})

test('a task of no project is answered without the server’s own folder', async () => {
  const { ask } = await sampleService({ empty: true })
  const { status, body } = await ask('/tasks', { json: { title: 'Prune' } })
  expect([status, body.detail, body.hint]).toEqual([404, 'The request names no project, and a task belongs to one.', 'Name one: ?project=… See those known: GET /hub/projects'])
})
