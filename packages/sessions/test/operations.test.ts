import { describe, expect, test } from 'vitest'
import { call, operations } from '../src/index.ts'
import * as exported from '../src/operations/index.ts'
import { claudeLine, claudePlace, faults, fillHome, gobby } from './gobby.ts'
import { writeFileSync } from 'node:fs'

test('the list holds every operation there is', () => {
  expect(operations.map(({ name }) => name).toSorted()).toEqual(Object.values(exported).filter((value) => 'effect' in value).map(({ name }) => name).toSorted())
})

const named = (name: string) => operations.find((one) => one.name === name)!

describe('over the samples', async () => {
  const ctx = await gobby({ shared: true })
  fillHome(ctx.home)
  await ctx.sync()

  const refs = (await ctx.store.sessions.list({ include_empty: true, include_subagents: true }, 100)).map(({ id }) => id)
  const inputs: Record<string, object[]> = {
    get_session: refs.map((session_id) => ({ session_id })),
    list_sessions: [{}, { detail: 'full', include_subagents: true, include_empty: 'true' }, { status: 'expired', limit: '3' }, { source: 'codex' }],
    get_session_messages: refs.map((session_id) => ({ session_id, limit: 200 })),
    search_messages: [{ query: 'the' }, { query: 'the', sort: 'newest', limit: 3 }, { query: 'cider -pear "a"', project_id: '*', since: '2020-01-01' }, { query: '!?' }],
    session_stats: [{}, { since: '52w', include_subagents: '1' }],
    list_all_projects: [{}],
    list_cross_project_sessions: [{}, { limit: 2, include_subagents: true }, { source: 'codex', status: 'expired' }],
    hub_stats: [{}],
    get_current_session: [{}, { project_id: '*' }],
    create_handoff: refs.map((session_id) => ({ session_id, notes: 'go on' })),
    get_handoff_context: [{}, ...refs.map((session_id) => ({ session_id }))],
    get_session_commits: refs.map((session_id) => ({ session_id })),
    find_commit_sessions: [{ sha: 'abcdef1' }],
    get_project: [{ project_id: 'orchard' }],
    sync: [{}, { source: 'gemini' }, { paths: ['nowhere'] }],
  }
  test.each(Object.entries(inputs).flatMap(([name, all]) => all.map((input) => [name, input] as const)))('%s %j gives what its schema says', async (name, input) => {
    const output = await call(named(name), ctx, input)
    expect(named(name).output.parse(output)).toMatchObject({})
    // What is not in the schema would be missing from MCP's and HTTP's description.
    const shape = Object.keys(named(name).output.shape)
    expect(Object.keys(output).filter((key) => !shape.includes(key))).toEqual([])
    if ('count' in output) expect(output.count).toBe(Object.values(output).find(Array.isArray)?.length)
  })

  test('every sample is sound, numbered from 1 by its start', async () => {
    expect(faults(ctx.file)).toEqual([])
    const all = await ctx.store.sessions.list({ include_empty: true, include_subagents: true }, 100)
    for (const project of new Set(all.map((one) => one.project_id))) {
      const own = all.filter((one) => one.project_id === project).sort((a, b) => a.seq_num - b.seq_num)
      expect(own.map(({ seq_num }) => seq_num)).toEqual(own.map((_, n) => n + 1))
      expect(own.map(({ created_at }) => created_at)).toEqual(own.map(({ created_at }) => created_at).sort())
    }
  })

  test('lists go on page by page', async () => {
    const seen: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = (await call(named('list_sessions'), ctx, { limit: 2, include_subagents: true, ...(cursor ? { cursor } : {}) })) as { sessions: { id: string }[]; next_cursor: string | null }
      seen.push(...page.sessions.map(({ id }) => id))
      cursor = page.next_cursor
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBe((await ctx.store.sessions.list({ include_subagents: true }, 200)).length)
  })

  test('tail counts from the end', async () => {
    const [session_id] = refs
    const whole = (await call(named('get_session_messages'), ctx, { session_id, limit: 200 })) as { messages: object[] }
    const tail = (await call(named('get_session_messages'), ctx, { session_id, limit: 3, tail: true })) as { messages: object[] }
    const before = (await call(named('get_session_messages'), ctx, { session_id, limit: 2, tail: true, offset: 3 })) as { messages: object[] }
    expect([...before.messages, ...tail.messages]).toEqual(whole.messages.slice(-5))
  })

  test('a project in the search narrows it', async () => {
    const hits = async (input: object) => ((await call(named('search_messages'), ctx, { query: 'the', limit: 200, ...input })) as { results: { project: string; source: string }[] }).results
    const all = await hits({ project_id: '*' })
    const one = await hits({ project_id: 'orchard' })
    expect(new Set(all.map(({ project }) => project)).size).toBeGreaterThan(1)
    expect(one).toHaveLength(all.filter(({ project }) => project === 'orchard').length)
    expect(await hits({ source: 'gemini' })).toHaveLength(all.filter(({ source }) => source === 'gemini').length)
  })
})

describe('times', () => {
  const at = async (timestamp: string, clock = '2026-11-22T10:00:00.000Z') => {
    const ctx = await gobby()
    ctx.clock.now = clock
    writeFileSync(claudePlace(ctx.home), `${claudeLine('apple', { timestamp })}\n`)
    await ctx.sync()
    return ctx
  }

  test.each([
    // Chicago is six hours behind in winter, five in summer.
    ['2026-11-20', '2026-11-20T06:00:00.000Z'],
    ['2026-07-20', '2026-07-20T05:00:00.000Z'],
    ['2026-11-20T08:30', '2026-11-20T14:30:00.000Z'],
    ['2026-11-20T08:30Z', '2026-11-20T08:30:00.000Z'],
    ['2026-11-20T08:30:00+02:00', '2026-11-20T06:30:00.000Z'],
    ['2026-11-20 08:30:00.5+0200', '2026-11-20T06:30:00.500Z'],
    ['30m', '2026-11-22T09:30:00.000Z'],
    ['12h', '2026-11-21T22:00:00.000Z'],
    ['7d', '2026-11-15T10:00:00.000Z'],
    ['4w', '2026-10-25T10:00:00.000Z'],
  ])('since %s is %s', async (since, instant) => {
    const just = await at(instant)
    const before = await at(new Date(Date.parse(instant) - 1).toISOString())
    const count = async (ctx: typeof just, input: object) => (await call(named('search_messages'), ctx, { query: 'apple', ...input })).count
    expect([await count(just, { since }), await count(before, { since })]).toEqual([1, 0])
    expect([await count(just, { until: since }), await count(before, { until: since })]).toEqual([0, 1])
  })

  test('days are the person’s', async () => {
    const ctx = await at('2026-11-20T05:59:59.999Z')
    expect(await call(named('session_stats'), ctx, {})).toMatchObject({ timezone: 'America/Chicago', by_day: [{ day: '2026-11-19', sessions: 1 }] })
  })

  test.each([
    [29 * 60 + 59, 'active'],
    [30 * 60 + 1, 'paused'],
    [24 * 3600 - 1, 'paused'],
    [24 * 3600 + 1, 'expired'],
  ])('%i seconds of silence: %s', async (seconds, status) => {
    const ctx = await at('2026-11-20T00:00:00.000Z', new Date(Date.parse('2026-11-20T00:00:00.000Z') + seconds * 1000).toISOString())
    expect(await call(named('get_session'), ctx, { session_id: '1' })).toMatchObject({ status, last_activity_at: '2026-11-20T00:00:00.000Z', ended_at: status === 'expired' ? '2026-11-20T00:00:00.000Z' : null })
  })

  test('one that goes on is active again, whatever it was; looking at it moves nothing', async () => {
    const ctx = await at('2026-11-20T00:00:00.000Z')
    expect(await call(named('get_session'), ctx, { session_id: '1' })).toMatchObject({ status: 'expired' })
    const path = claudePlace(ctx.home)
    writeFileSync(path, `${claudeLine('apple', { timestamp: '2026-11-20T00:00:00.000Z' })}\n${claudeLine('pear', { timestamp: '2026-11-22T09:59:00.000Z' })}\n`)
    await ctx.sync()
    expect(await call(named('get_session'), ctx, { session_id: '1' })).toMatchObject({ status: 'active', ended_at: null, last_activity_at: '2026-11-22T09:59:00.000Z' })
    ctx.clock.now = '2026-11-22T10:30:00.000Z'
    await ctx.sync()
    expect(await call(named('get_session'), ctx, { session_id: '1' })).toMatchObject({ status: 'paused', last_activity_at: '2026-11-22T09:59:00.000Z' })
  })
})
