import { join } from 'node:path'
import { tempDir } from '@gobby/testing'
import { beforeAll, expect, test } from 'vitest'
import { sampleEnv, sampleService, type TestService } from './service.ts'

let { ask, home }: TestService = {} as TestService
const cwd = tempDir()
beforeAll(async () => {
  ;({ ask, home } = await sampleService({ empty: true }))
})

const event = (name: string, id: string, more: Record<string, unknown> = {}) => ({
  hook_event_name: name,
  session_id: id,
  cwd,
  transcript_path: join(sampleEnv.CLAUDE_CONFIG_DIR, 'projects/x', `${id}.jsonl`),
  ...more,
})

test('an event does over HTTP what it does through the hook program', async () => {
  const { body } = await ask('/hooks/claude', { json: event('SessionStart', 'over-http', { source: 'startup' }) })
  expect(body.hookSpecificOutput).toMatchObject({ hookEventName: 'SessionStart', additionalContext: expect.stringContaining('#1') })
  expect((await ask('/sessions/over-http')).body.status).toBe('active')
  expect((await ask('/hooks/claude', { json: event('Stop', 'over-http') })).status).toBe(200)
  expect((await ask('/sessions/over-http')).body.status).toBe('paused')
  const prompt = event('x', 'over-http', { prompt: 'Go on' })
  await ask('/hooks/execute', { json: { source: 'claude', hook_type: 'user-prompt-submit', input_data: { ...prompt, hook_event_name: 'UserPromptSubmit' } } })
  expect((await ask('/sessions/over-http')).body.status).toBe('active')
})

test.each(['SessionStart', 'session-start', 'session_start'])('an event may be called %s', async (hook_type) => {
  const { hook_event_name: _, ...input_data } = event('', `named-${hook_type}`, { source: 'startup' })
  const { body } = await ask('/hooks/execute', { json: { source: 'claude', hook_type, input_data } })
  expect(body.hookSpecificOutput.hookEventName).toBe('SessionStart')
})

test('the name that stands apart from the event counts', async () => {
  const start = event('SessionEnd', 'named-apart', { source: 'startup' })
  const { body } = await ask('/hooks/execute', { json: { source: 'claude', hook_type: 'session-start', input_data: start } })
  expect(body.hookSpecificOutput.hookEventName).toBe('SessionStart')
  expect((await ask('/sessions/named-apart')).body.status).toBe('active')
})

test('what cannot be an event is refused', async () => {
  expect((await ask('/hooks/nobody', { json: {} })).status).toBe(400)
  expect((await ask('/hooks/claude', { json: {} })).status).toBe(400)
  expect((await ask('/hooks/execute', { json: { source: 'claude' } })).status).toBe(400)
  const elsewhere = await ask('/hooks/claude', { json: { ...event('SessionStart', 'elsewhere'), transcript_path: '/etc/passwd' } })
  expect([elsewhere.status, home.length > 0]).toEqual([400, true])
})
