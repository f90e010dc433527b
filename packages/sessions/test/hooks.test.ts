import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir, tempRepo } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { Cli, doAll, HOUR, MINUTE, newId, pass, TOOK_MS } from './cli.ts'
import { EVENTS, sourceNames } from './fixtures/hooks/events.ts'
import { faults, gobby, NOW, openRaw } from './gobby.ts'

type Audit = { to_status: string; reason: string; actor: string }
const auditOf = (file: string, id: string): Audit[] => {
  const db = openRaw(file)
  const rows = db.prepare('SELECT to_status, reason, actor FROM session_status_audit WHERE session_id = ? ORDER BY rowid').all(id)
  db.close()
  return rows as Audit[]
}

describe.for(sourceNames)('%s', (source) => {
  test('a start registers: number, project, worktree, branch, machine, terminal, process', async () => {
    const repo = tempRepo()
    repo.git('checkout', '--quiet', '-b', 'pears')
    const worktree = join(tempDir(), 'quince')
    repo.git('worktree', 'add', '--quiet', '-b', 'quinces', worktree)
    const ctx = await gobby()
    const cli = new Cli(ctx, source, repo.path, { pid: 4321, process_start: 'a b 7', terminal: 'TMUX_PANE %3' })
    expect(await cli.tell('start', { source: 'startup', model: 'a-model' })).toEqual({ context: 'Gobby Session: #1', notice: 'gobby: session #1' })
    const session = await cli.session()
    expect(session).toMatchObject({
      seq_num: 1,
      project: 'repo',
      cwd: repo.path,
      git_branch: 'pears',
      machine_id: readFileSync(join(ctx.home, '.gobby/machine_id'), 'utf8'),
      model: 'a-model',
      transcript_path: cli.transcript,
      status: 'active',
      created_at: NOW,
      last_activity_at: NOW,
      parent_session_id: null,
      relation: null,
    })
    expect(existsSync(cli.transcript)).toBe(false)
    expect(await ctx.store.runs.get(session.id)).toMatchObject({ pid: 4321, process_start: 'a b 7', terminal: 'TMUX_PANE %3', started_at: NOW, ended_at: null })
    expect(auditOf(ctx.file, session.id)).toEqual([{ to_status: 'active', reason: 'registered', actor: 'hook' }])

    const other = new Cli(ctx, source, worktree)
    expect((await other.start()).context).toBe('Gobby Session: #2')
    expect(await other.session()).toMatchObject({ project: 'repo', git_branch: 'quinces', cwd: worktree })
    expect(faults(ctx.file)).toEqual([])
  })

  test('the name of the machine is whole, or made anew', async () => {
    const ctx = await gobby()
    writeFileSync(join(ctx.home, '.gobby/machine_id'), '')
    const cli = new Cli(ctx, 'claude', join(ctx.home, 'pear'))
    await cli.start()
    const { machine_id } = await cli.session()
    expect(machine_id).toMatch(/^[0-9a-f-]{36}$/)
    expect(ctx.machineId()).toBe(machine_id)
    expect(readdirSync(join(ctx.home, '.gobby')).filter((name) => name.startsWith('machine_id'))).toEqual(['machine_id'])
  })

  test('a session from its start to its end', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    await cli.start()
    pass(ctx, MINUTE)
    expect(await cli.tell('prompt', { prompt: 'Oil the gate' })).toEqual({})
    expect(await cli.session()).toMatchObject({ title: 'Oil the gate', status: 'active', last_activity_at: ctx.clock.now })
    await cli.tell('prompt', { prompt: 'And the hinge' })
    expect(await cli.session()).toMatchObject({ title: 'Oil the gate' })
    cli.write('Oil the gate')
    pass(ctx, MINUTE)
    expect(await cli.tell('turn_end')).toEqual({})
    expect(await cli.session()).toMatchObject({ status: 'paused', last_activity_at: ctx.clock.now, turn_count: 1 })
    await cli.tell('prompt', { prompt: 'Again' })
    expect(await cli.session()).toMatchObject({ status: 'active' })
    cli.write('And the hinge')
    pass(ctx, MINUTE)
    expect(await cli.tell('end', { reason: 'other' })).toEqual({})
    const session = await cli.session()
    expect(session).toMatchObject({ status: 'handoff_ready', turn_count: 2, ended_at: ctx.clock.now })
    expect(await cli.handoffs()).toMatchObject([{ made_by: 'hook', delivered_to: null, context: { initial_goal: 'Oil the gate' } }])
    expect(await ctx.store.runs.get(session.id)).toMatchObject({ ended_at: ctx.clock.now, end_reason: 'other' })
    expect(auditOf(ctx.file, session.id).map(({ to_status }) => to_status)).toEqual(['active', 'paused', 'active', 'expired', 'handoff_ready'])
    expect(faults(ctx.file)).toEqual([])
  })

  test('an end told two or three times changes nothing more; one with nothing to hand over expires', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    await cli.start()
    cli.write('Oil the gate')
    await cli.tell('end')
    const once = [await cli.session(), (await cli.handoffs()).length]
    for (let n = 0; n < 2; n++) await cli.tell('end')
    expect([await cli.session(), (await cli.handoffs()).length]).toEqual(once)

    const idle = new Cli(ctx, source, join(ctx.home, 'pear'))
    await idle.start()
    for (let n = 0; n < 3; n++) await idle.tell('end')
    expect(await idle.session()).toMatchObject({ status: 'expired' })
    expect(await idle.handoffs()).toEqual([])
    expect(auditOf(ctx.file, (await idle.session()).id).map(({ to_status, reason }) => [to_status, reason])).toEqual([['active', 'registered'], ['expired', 'the session ended: other']])
  })

  test('an end of a session that nobody heard of registers none', async () => {
    const ctx = await gobby()
    await new Cli(ctx, source, join(ctx.home, 'pear')).tell('end')
    expect(await ctx.store.sessions.list({ include_empty: true }, 10)).toEqual([])
  })

  test('a session whose first event is a prompt is told its number then', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    expect(await cli.tell('prompt', { prompt: 'Oil the gate' })).toEqual({ context: 'Gobby Session: #1' })
    expect(await cli.tell('prompt', { prompt: 'Oil the gate' })).toEqual({})
    expect(await cli.session()).toMatchObject({ title: 'Oil the gate', status: 'active' })
  })

  test('a session that a sync found first goes on as the same row', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    cli.write('Oil the gate')
    await ctx.sync()
    const { id, seq_num } = await cli.session()
    await cli.start('resume')
    await cli.tell('prompt', { prompt: 'And the hinge' })
    expect(await cli.session()).toMatchObject({ id, seq_num, status: 'active' })
    expect(await ctx.store.sessions.list({}, 10)).toHaveLength(1)
  })

  test('events without a meaning change no status, and all are counted', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    const other = { claude: 'PostToolUse', codex: 'PreToolUse', gemini: 'AfterTool' }[source]
    await cli.tell(other)
    expect(await ctx.store.sessions.list({ include_empty: true }, 10)).toEqual([])
    await cli.start()
    const before = await cli.session()
    pass(ctx, MINUTE)
    const began = performance.now()
    for (const name of [other, 'Notification', 'MindRead', 'MindRead']) expect(await cli.tell(name)).toEqual({})
    expect(await cli.session()).toEqual(before)
    const counted = Object.fromEntries((await ctx.store.hooks.list()).map(({ event, known, count }) => [event, [known, count]]))
    expect(counted).toMatchObject({ [other]: [true, 2], MindRead: [false, 2], [EVENTS[source].start]: [true, 1] })
    const heard = async () => (await ctx.store.hooks.list()).find(({ event }) => event === 'MindRead')
    const told = await heard()
    expect(told).toMatchObject({ source, last_at: ctx.clock.now })
    // What the event had taken before it came here, and what it took here.
    expect(told?.last_ms).toBeGreaterThanOrEqual(TOOK_MS)
    expect(told?.worst_ms).toBeGreaterThanOrEqual(told?.last_ms ?? Infinity)
    expect(told?.worst_ms).toBeLessThanOrEqual(Math.ceil(TOOK_MS + performance.now() - began))
    // Of one that is told late, only the first.
    await cli.tell('MindRead', {}, { replayed: true })
    expect(await heard()).toMatchObject({ last_ms: TOOK_MS, worst_ms: told?.worst_ms })
  })

  test('a fork is another row, and takes nothing of the one before', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    await cli.start()
    cli.write('Oil the gate', ['find the oil'])
    await cli.tell('before_compaction', { trigger: 'manual' })
    const parent = await cli.session()
    cli.next()
    expect((await cli.start('fork')).context).toBe('Gobby Session: #2')
    expect(await cli.session()).toMatchObject({ seq_num: 2, status: 'active' })
    expect(await ctx.store.sessions.get(parent.id)).toMatchObject({ status: parent.status })
    expect((await ctx.store.handoffs.newest(parent.id))?.delivered_to).toBeNull()
  })

  test('what was said once is not said again: a second start, a resume', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    await cli.start()
    expect(await cli.start()).toEqual({})
    cli.write('Oil the gate')
    await cli.tell('end')
    pass(ctx, HOUR)
    expect(await cli.start('resume')).toEqual({})
    const session = await cli.session()
    expect(session).toMatchObject({ seq_num: 1, status: 'active', ended_at: null })
    expect(await ctx.store.runs.get(session.id)).toMatchObject({ ended_at: null, end_reason: null })
  })

  test('taking in the transcript after the end does not bring the session back', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    await cli.start()
    const later: Parameters<typeof doAll>[1] = []
    cli.write('Oil the gate')
    await cli.tell('end', {}, { later })
    expect((await cli.session()).status).toBe('expired')
    await ctx.sync()
    expect((await cli.session()).status).toBe('expired')
    await doAll(ctx, later)
    expect((await cli.session()).status).toBe('handoff_ready')
    pass(ctx, 30_000)
    cli.write('A last line')
    await ctx.sync()
    expect((await cli.session()).status).toBe('handoff_ready')
    // A minute and more after the end somebody goes on without hooks.
    pass(ctx, MINUTE)
    cli.write('Hello again')
    await ctx.sync()
    expect((await cli.session()).status).toBe('active')
  })

  test('an event that comes late, from before the end, does not bring the session back', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    await cli.start()
    const at = ctx.clock.now
    pass(ctx, MINUTE)
    await cli.tell('end')
    for (const kind of ['prompt', 'turn_end', 'start'] as const) {
      expect(await cli.tell(kind, { prompt: 'x' }, { replayed: true, at })).toEqual({})
      expect(await cli.session(), kind).toMatchObject({ status: 'expired' })
      expect(await ctx.store.runs.get((await cli.session()).id), kind).toMatchObject({ ended_at: ctx.clock.now })
    }
  })
})

test('an end that comes late, after the session was taken up again, does not end it', async () => {
  const ctx = await gobby()
  const cli = new Cli(ctx, 'claude', join(ctx.home, 'pear'))
  await cli.start()
  pass(ctx, MINUTE)
  const at = ctx.clock.now
  pass(ctx, MINUTE)
  await cli.start('resume')
  await cli.tell('end', {}, { replayed: true, at })
  expect(await cli.session()).toMatchObject({ status: 'active' })
  expect(await ctx.store.runs.get((await cli.session()).id)).toMatchObject({ ended_at: null })
})

describe('folders', () => {
  test.for([
    ['the root', () => '/'],
    ['the home', (home: string) => home],
    ['none', () => undefined],
  ] as const)('%s is no project; nothing is handed on there', async ([, cwd]) => {
    const ctx = await gobby()
    const first = new Cli(ctx, 'claude', '')
    await first.tell('start', { cwd: cwd(ctx.home) })
    first.write('Oil the gate', ['find the oil'])
    await first.tell('end', { cwd: cwd(ctx.home) })
    expect(await first.session()).toMatchObject({ project: 'unknown', status: 'handoff_ready' })
    expect((await new Cli(ctx, 'claude', '').tell('start', { cwd: cwd(ctx.home) })).context).toBe('Gobby Session: #2')
  })

  test('a folder that is gone is still one', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, 'codex', join(ctx.home, 'gone', 'for', 'good'))
    await cli.start()
    expect(await cli.session()).toMatchObject({ project: 'good', git_branch: null })
  })

  test('numbers count by project', async () => {
    const ctx = await gobby()
    const numbers = []
    for (const folder of ['pear', 'apple', 'pear', 'apple', 'pear']) {
      const cli = new Cli(ctx, 'claude', join(ctx.home, folder))
      numbers.push([folder, (await cli.start()).context])
    }
    expect(numbers).toEqual([['pear', 'Gobby Session: #1'], ['apple', 'Gobby Session: #1'], ['pear', 'Gobby Session: #2'], ['apple', 'Gobby Session: #2'], ['pear', 'Gobby Session: #3']])
  })
})

describe('sub-agents', () => {
  test.for(['claude', 'codex'] as const)('%s: a child once, with its depth, also after a sync of its transcript', async (source) => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    await cli.start()
    const agent_id = source === 'claude' ? 'a90c1e77b2d3f4a56' : newId()
    const own = new Cli(ctx, source, cli.cwd)
    own.id = agent_id
    const agent_transcript_path = source === 'claude' ? join(cli.transcript.slice(0, -'.jsonl'.length), 'subagents', `agent-${agent_id}.jsonl`) : own.transcript
    const fields = { agent_id, agent_type: 'Explore', agent_transcript_path }
    expect(await cli.tell('SubagentStart', fields)).toEqual({})
    await cli.tell('SubagentStart', fields)
    const parent = await cli.session()
    const [child, ...more] = await ctx.store.sessions.children(parent.id)
    expect(more).toEqual([])
    expect(child).toMatchObject({ relation: 'subagent', agent_depth: 1, status: 'active', project: 'pear', seq_num: 2, transcript_path: agent_transcript_path })
    pass(ctx, MINUTE)
    // A prompt or a tool of the sub-agent is none of its parent.
    await cli.tell('prompt', { agent_id, prompt: 'look into the shed' })
    expect(await cli.session()).toMatchObject({ title: null, status: 'active' })
    expect((await cli.tell('SubagentStop', fields))).toEqual({})
    expect(await ctx.store.sessions.children(parent.id)).toMatchObject([{ id: child!.id, status: 'expired' }])
    expect(await cli.session()).toMatchObject({ status: 'active' })
    await ctx.sync()
    expect(await ctx.store.sessions.children(parent.id)).toMatchObject([{ id: child!.id, status: 'expired' }])
    expect(faults(ctx.file)).toEqual([])
  })

  test('one whose transcript is taken in at its stop, or was synced before, stays one child and stays ended', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, 'claude', join(ctx.home, 'pear'))
    await cli.start()
    cli.write('Look into the shed')
    const agent_id = 'a90c1e77b2d3f4a56'
    const path = join(cli.transcript.slice(0, -'.jsonl'.length), 'subagents', `agent-${agent_id}.jsonl`)
    mkdirSync(join(path, '..'), { recursive: true })
    const line = (type: string, n: number, content: unknown) =>
      `${JSON.stringify({ parentUuid: null, isSidechain: true, agentId: agent_id, type, uuid: `s${n}`, sessionId: cli.id, cwd: cli.cwd, timestamp: ctx.clock.now, message: { role: type, content } })}\n`
    writeFileSync(path, line('user', 1, 'What is in the shed?'))
    await ctx.sync()
    const parent = await cli.session()
    const [synced, ...none] = await ctx.store.sessions.children(parent.id)
    expect(none).toEqual([])
    expect(synced).toMatchObject({ relation: 'subagent', agent_depth: 1 })
    const fields = { agent_id, agent_type: 'Explore', agent_transcript_path: path }
    await cli.tell('SubagentStart', fields)
    writeFileSync(path, line('user', 1, 'What is in the shed?') + line('assistant', 2, [{ type: 'text', text: 'A rake.' }]))
    await cli.tell('SubagentStop', fields)
    expect(await ctx.store.sessions.children(parent.id)).toMatchObject([{ id: synced!.id, status: 'expired', message_count: 2 }])
    expect(faults(ctx.file)).toEqual([])
  })
})
