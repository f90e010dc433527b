import { expect, test } from 'vitest'
import { callerOf } from '../src/index.ts'

const turn = (more: object) => ({ 'x-codex-turn-metadata': { session_id: 'root', thread_id: 'thread', workspaces: { '/srv/tide': { has_changes: false } }, ...more } })

test('a request that names its session: the thread a person began, or the session that a sub-agent works for', () => {
  expect(callerOf({ meta: turn({ thread_source: 'user' }), env: {} })).toEqual({ external_id: 'thread', cwd: '/srv/tide' })
  expect(callerOf({ meta: turn({ thread_source: 'subagent' }), env: {} })).toEqual({ external_id: 'root', cwd: '/srv/tide' })
  expect(callerOf({ meta: { threadId: 'thread', sessionId: 'root' }, env: {} })).toEqual({ external_id: 'thread', cwd: undefined })
})

test('a folder from the environment, no session: a server outlives the one it was started in', () => {
  expect(callerOf({ meta: {}, env: { CLAUDE_PROJECT_DIR: '/srv/tide', CLAUDE_CODE_SESSION_ID: 'stale' } })).toEqual({ cwd: '/srv/tide' })
  expect(callerOf({ meta: {}, env: { GEMINI_PROJECT_DIR: '/srv/tide' } })).toEqual({ cwd: '/srv/tide' })
  expect(callerOf({ meta: {}, env: {} })).toEqual({})
})

test('what the request says goes before the environment of a server started inside another CLI', () => {
  expect(callerOf({ meta: turn({ thread_source: 'user' }), env: { CLAUDE_PROJECT_DIR: '/srv/other' } })).toEqual({ external_id: 'thread', cwd: '/srv/tide' })
  const folder = { 'x-codex-turn-metadata': { workspaces: { '/srv/tide': {} } } }
  expect(callerOf({ meta: folder, env: { CLAUDE_PROJECT_DIR: '/srv/other' } })).toMatchObject({ cwd: '/srv/tide' })
})

test.each([null, 7, 'text', [], {}, { workspaces: [] }, { workspaces: null, session_id: 5, thread_id: {} }])('metadata of another shape says nothing: %j', (value) => {
  expect(callerOf({ meta: { 'x-codex-turn-metadata': value, sessionId: 3, threadId: null }, env: {} })).toEqual({})
})
