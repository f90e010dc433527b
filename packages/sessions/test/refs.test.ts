import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { NewSession } from '@gobby/storage'
import { call, operations, resolveSessionReference } from '../src/index.ts'
import { gobby, NOW } from './gobby.ts'

async function filled() {
  const ctx = await gobby({ shared: true })
  const made = (name: string) => ctx.store.projects.add({ name, path: `/code/${name}`, git_dir: null, now: NOW })
  const projects = [await made('orchard'), await made('cider'), await made('a.b-c_d')] as const
  const add = async (project: 0 | 1 | 2, fields: Partial<NewSession> = {}) => {
    const given: NewSession = {
      external_id: randomUUID(), source: 'claude', project_id: projects[project].id, machine_id: 'm', transcript_path: null, parent_session_id: null,
      relation: null, agent_depth: 0, created_at: NOW, last_activity_at: NOW, status: 'active', cwd: null, git_branch: null, model: null, title: null, ...fields,
    }
    return (await ctx.store.sessions.register(given, NOW)).session
  }
  const one = await add(0, { external_id: 'feed0001-0000-4000-8000-000000000000' })
  const two = await add(1, { external_id: 'feed0002-0000-4000-8000-000000000000' })
  const three = await add(1, { external_id: 'agent-abc@parent', relation: 'subagent', parent_session_id: two.id })
  const dotted = await add(2, { external_id: 'same-id-x' })
  const other = await add(2, { external_id: 'same-id-x', source: 'codex' })
  return { ctx, projects, sessions: { one, two, three, dotted, other } }
}

describe('every form of a ref', async () => {
  const { ctx, projects, sessions } = await filled()
  const [orchard, cider] = projects
  type Name = keyof typeof sessions
  test.each<[string | number, string | undefined, Name]>([
    ['#1', orchard.id, 'one'],
    ['1', orchard.id, 'one'],
    [1, orchard.id, 'one'],
    [' #1 ', orchard.id, 'one'],
    ['#1', cider.id, 'two'],
    ['#2', cider.id, 'three'],
    ['orchard#1', undefined, 'one'],
    ['cider#1', orchard.id, 'two'],
    ['cider~2', undefined, 'three'],
    ['a.b-c_d#1', orchard.id, 'dotted'],
    [`${orchard.id}#1`, undefined, 'one'],
    [sessions.one.id, cider.id, 'one'],
    [sessions.one.id.toUpperCase(), undefined, 'one'],
    [sessions.one.id.slice(0, 13), undefined, 'one'],
    ['feed0001-0000-4000-8000-000000000000', undefined, 'one'],
    ['feed0001', undefined, 'one'],
    ['FEED0002', undefined, 'two'],
    ['agent-abc@parent', undefined, 'three'],
    ['agent-abc', undefined, 'three'],
  ])('%j', async (ref, project, name) => {
    expect((await resolveSessionReference(ctx.store, ref, project)).id).toBe(sessions[name].id)
  })

  test.each<[string | number, string | undefined, string, RegExp]>([
    ['#9', orchard.id, 'not_found', /#9.*orchard/],
    ['9', undefined, 'not_found', /9/],
    ['nowhere#1', undefined, 'not_found', /nowhere/],
    ['orchard#99', undefined, 'not_found', /orchard#99/],
    ['feed0009', undefined, 'not_found', /feed0009/],
    [randomUUID(), undefined, 'not_found', /./],
    ['#1', undefined, 'ambiguous', /orchard#1, .*cider#1|cider#1, .*orchard#1/],
    ['feed', undefined, 'ambiguous', /orchard#1/],
    ['same-id-x', undefined, 'ambiguous', /a\.b-c_d#1/],
    ['#', undefined, 'invalid', /"#"/],
    ['#0', orchard.id, 'invalid', /"#0"/],
    ['0', orchard.id, 'invalid', /"0"/],
    ['#-1', orchard.id, 'invalid', /"#-1"/],
    ['-1', orchard.id, 'invalid', /"-1"/],
    ['01', orchard.id, 'invalid', /"01"/],
    ['1.5', orchard.id, 'invalid', /"1.5"/],
    ['1e3', orchard.id, 'invalid', /"1e3"/],
    ['%', undefined, 'invalid', /"%"/],
    ['____', undefined, 'invalid', /____/],
    ['abc', undefined, 'invalid', /abc/],
    ['', undefined, 'invalid', /""/],
    ['   ', undefined, 'invalid', /""/],
    ['orchard#', undefined, 'invalid', /orchard#/],
    ['orchard#0', undefined, 'invalid', /orchard#0/],
    ["' OR 1=1 --", undefined, 'invalid', /OR/],
    ['a\nb', undefined, 'invalid', /./],
    ['x'.repeat(300), undefined, 'invalid', /x{40}…/],
    ['1'.repeat(300), undefined, 'invalid', /1{40}…/],
    [`${'p'.repeat(300)}#1`, undefined, 'invalid', /p…/],
    [Number.NaN, undefined, 'invalid', /NaN/],
    [1e20, undefined, 'invalid', /./],
  ])('%j is refused: %s', async (ref, project, code, message) => {
    const error = await resolveSessionReference(ctx.store, ref, project).catch((caught) => caught)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.any(String) })
    expect(error.message).not.toContain('\n')
    if (code === 'ambiguous') for (const candidate of error.candidates) expect(await resolveSessionReference(ctx.store, candidate)).toBeDefined()
  })
})

describe('parameters that are wrong', async () => {
  const { ctx } = await filled()
  const nonsense = ['yesterday', '', '7', '7x', '2026-13-01', '2026-02-30', '24:00', '-7d', '9999999999w', '2026-11-22T25:00']
  test.each<readonly [string, object, RegExp]>([
    ...['0', '-5', 'abc', 1e9, '', '1.5', 'Infinity', null, [], {}].map((limit) => ['list_sessions', { limit }, /limit: must be a whole number from 1 to 200/] as const),
    ['list_sessions', { status: 'gone' }, /status: must be one of active, paused, expired, archived, handoff_ready/],
    ['list_sessions', { source: 'qwen' }, /source: must be one of claude, codex, gemini/],
    ['list_sessions', { cursor: 'rubbish' }, /cursor/],
    ['list_sessions', { cursor: Buffer.from('[1,2]').toString('base64url') }, /cursor/],
    ['list_sessions', { limits: 3 }, /limits/],
    ['get_session', {}, /session_id: must be a session/],
    ['get_session', { session_id: {} }, /session_id: must be a session/],
    ['get_session_messages', { session_id: 'orchard#1', offset: -1 }, /offset: must be a whole number/],
    ['get_session_messages', { session_id: 'orchard#1', role: 'model' }, /role: must be one of user, assistant, system, tool/],
    ['delete_session', { session_id: [] }, /session/],
    ['search_messages', { query: '' }, /Nothing to search for/],
    ['search_messages', { query: '-only -not' }, /Nothing to search for/],
    ...nonsense.map((since) => ['search_messages', { query: 'x', since }, /is no time/] as const),
    ...nonsense.map((since) => ['session_stats', { since }, /is no time/] as const),
  ])('%s %j', async (name, input, message) => {
    const op = operations.find((one) => one.name === name)!
    await expect(call(op, ctx, input)).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(message) })
  })

  test('a wrong one among those to delete deletes none', async () => {
    const op = operations.find((one) => one.name === 'delete_session')!
    await expect(call(op, ctx, { session_id: ['orchard#1', 'orchard#9'] })).rejects.toMatchObject({ code: 'not_found' })
    expect(await resolveSessionReference(ctx.store, 'orchard#1')).toBeDefined()
  })

  test('the largest offset is one', async () => {
    const op = operations.find((one) => one.name === 'get_session_messages')!
    expect(await call(op, ctx, { session_id: 'orchard#1', offset: Number.MAX_SAFE_INTEGER })).toMatchObject({ messages: [] })
  })
})
