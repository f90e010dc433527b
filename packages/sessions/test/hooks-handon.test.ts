import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir, tempRepo } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { call } from '../src/operation.ts'
import { createHandoff, markLoopComplete } from '../src/operations/index.ts'
import type { HookJob } from '../src/index.ts'
import { Cli, doAll, HOUR, MINUTE, pass } from './cli.ts'
import { sourceNames, type SourceName } from './fixtures/hooks/events.ts'
import { faults, type Gobby, gobby } from './gobby.ts'

/** A session that ran, and whose handoff somebody asked for before it ended. */
async function handedOver(ctx: Gobby, source: SourceName, cwd: string, notes = 'mind the cat'): Promise<Cli> {
  const cli = new Cli(ctx, source, cwd)
  await cli.start()
  cli.write(`Oil the gate of ${source}`)
  await call(createHandoff, ctx, { session_id: (await cli.session()).id, notes })
  await cli.tell('end')
  return cli
}

const pairs = sourceNames.flatMap((from) => sourceNames.map((to): [SourceName, SourceName] => [from, to]))

describe('a handoff that somebody asked for', () => {
  test.for(pairs)('of %s is given to the next session, of %s, once', async ([from, to]) => {
    const ctx = await gobby()
    const cwd = join(ctx.home, 'pear')
    const parent = await handedOver(ctx, from, cwd)
    pass(ctx, 8 * HOUR)
    const child = new Cli(ctx, to, cwd)
    const { context = '', notice } = await child.start()
    expect(context.split('\n').slice(0, 4)).toEqual(['Gobby Session: #2', `Continued from #1 (${from}, last active 8 h ago).`, '', '## Continuation Context'])
    expect(context).toContain(`Oil the gate of ${from}`)
    expect(context).toContain('mind the cat')
    expect(notice).toBe('gobby: session #2, continues #1')
    const { id } = await parent.session()
    expect(await child.session()).toMatchObject({ parent_session_id: id, relation: 'handoff', agent_depth: 0 })
    expect(await parent.session()).toMatchObject({ status: 'expired' })
    expect((await parent.handoffs())[0]).toMatchObject({ delivered_to: (await child.session()).id })
    // Nothing of it for the one after, nor again for the same.
    expect((await new Cli(ctx, to, cwd).start()).context).toBe('Gobby Session: #3')
    expect(await child.start()).toEqual({})
    // What the parent's end still has to do changes nothing.
    await parent.tell('end')
    expect(await parent.session()).toMatchObject({ status: 'expired' })
    expect(faults(ctx.file)).toEqual([])
  })

  test('by two that start at once: one gets it', async () => {
    const ctx = await gobby()
    const cwd = join(ctx.home, 'pear')
    const parent = await handedOver(ctx, 'claude', cwd)
    const starts = sourceNames.flatMap((source) => Array.from({ length: 4 }, () => new Cli(ctx, source, cwd)))
    const answers = await Promise.all(starts.map((cli) => cli.start()))
    expect(answers.filter(({ context }) => context?.includes('Continued from #1'))).toHaveLength(1)
    expect(await ctx.store.sessions.children((await parent.session()).id)).toHaveLength(1)
  })

  test('24 hours old to the millisecond it is given, one later not', async () => {
    for (const [late, given] of [[0, true], [1, false]] as const) {
      const ctx = await gobby()
      const cwd = join(ctx.home, 'pear')
      const parent = await handedOver(ctx, 'claude', cwd)
      pass(ctx, 24 * HOUR + late)
      const { context } = await new Cli(ctx, 'codex', cwd).start()
      expect(context?.includes('Continued from #1'), `${late}`).toBe(given)
      expect((await parent.handoffs())[0]?.delivered_to === null).toBe(!given)
    }
  })

  test('of a session that still runs: given, and the session goes on', async () => {
    const ctx = await gobby()
    const cwd = join(ctx.home, 'pear')
    const parent = new Cli(ctx, 'claude', cwd)
    await parent.start()
    parent.write('Oil the gate')
    await call(createHandoff, ctx, { session_id: (await parent.session()).id, notes: 'x' })
    expect((await new Cli(ctx, 'gemini', cwd).start()).context).toContain('Continued from #1')
    expect(await parent.session()).toMatchObject({ status: 'active' })
  })

  test('not of another project, nor of one marked as complete, nor at a resume, a fork or a replay', async () => {
    const ctx = await gobby()
    const cwd = join(ctx.home, 'pear')
    const parent = await handedOver(ctx, 'claude', cwd)
    expect((await new Cli(ctx, 'claude', join(ctx.home, 'apple')).start()).context).toBe('Gobby Session: #1')
    for (const beginning of ['resume', 'fork']) expect((await new Cli(ctx, 'claude', cwd).start(beginning)).context).not.toContain('Continued')
    expect(await new Cli(ctx, 'claude', cwd).start('startup', { replayed: true })).toEqual({})
    await call(markLoopComplete, ctx, { session_id: (await parent.session()).id })
    expect((await new Cli(ctx, 'claude', cwd).start()).context).toMatch(/^Gobby Session: #\d$/)
    expect((await parent.handoffs())[0]?.delivered_to).toBeNull()
  })

  test('a prompt takes the mark of completion away', async () => {
    const ctx = await gobby()
    const cwd = join(ctx.home, 'pear')
    const parent = new Cli(ctx, 'claude', cwd)
    await parent.start()
    parent.write('Oil the gate')
    await call(markLoopComplete, ctx, { session_id: (await parent.session()).id })
    await parent.tell('prompt', { prompt: 'One more thing' })
    await call(createHandoff, ctx, { session_id: (await parent.session()).id, notes: 'x' })
    expect((await new Cli(ctx, 'claude', cwd).start()).context).toContain('Continued from #1')
  })
})

describe('nobody asked for one', () => {
  test('one line names the last session with something open', async () => {
    const ctx = await gobby()
    const repo = tempRepo()
    const old = new Cli(ctx, 'claude', repo.path)
    await old.start()
    old.write('Oil the gate', ['find the oil', 'try the hinge', 'close it'])
    repo.write({ 'a.txt': 'a', 'b.txt': 'b' })
    await old.tell('end')
    repo.commit('all of it')
    pass(ctx, 8 * HOUR)
    const idle = new Cli(ctx, 'codex', repo.path)
    await idle.start()
    idle.write('What time is it?')
    await idle.tell('end')
    const told = await new Cli(ctx, 'gemini', repo.path).start()
    expect(told.context).toBe('Gobby Session: #3\nLast session here: #1, claude, 8 h ago, 3 todos open, 2 files uncommitted: get_handoff_context 1')
    expect(told.notice).toBe('gobby: session #3')
    expect((await old.handoffs())[0]).toMatchObject({ made_by: 'hook', delivered_to: null })
    expect(await old.session()).toMatchObject({ status: 'handoff_ready' })
  })

  test('nothing is said when nothing is open, the session was completed, or goes on in another window', async () => {
    const ctx = await gobby()
    const cwd = join(ctx.home, 'pear')
    const idle = new Cli(ctx, 'claude', cwd)
    await idle.start()
    idle.write('What time is it?')
    await idle.tell('end')
    expect((await new Cli(ctx, 'claude', cwd).start()).context).toBe('Gobby Session: #2')
    const busy = new Cli(ctx, 'claude', cwd)
    await busy.start()
    busy.write('Oil the gate', ['find the oil'])
    await ctx.sync()
    expect((await new Cli(ctx, 'claude', cwd).start()).context).toBe('Gobby Session: #4')
    await busy.tell('end')
    await call(markLoopComplete, ctx, { session_id: (await busy.session()).id })
    expect((await new Cli(ctx, 'claude', cwd).start()).context).toBe('Gobby Session: #5')
  })

  test('what another session went on with is not named again', async () => {
    const ctx = await gobby()
    const cwd = join(ctx.home, 'pear')
    const cli = new Cli(ctx, 'claude', cwd)
    await cli.start()
    cli.write('Oil the gate', ['find the oil'])
    await cli.tell('end', { reason: 'clear' })
    expect((await cli.next().start('clear')).context).toContain('find the oil')
    cli.write('All is done now')
    await cli.tell('end')
    pass(ctx, HOUR)
    expect((await new Cli(ctx, 'claude', cwd).start()).context).toBe('Gobby Session: #3')
  })

  test('a single todo, and one of a session that only its transcript tells of', async () => {
    const ctx = await gobby()
    const cwd = join(ctx.home, 'pear')
    const cli = new Cli(ctx, 'claude', cwd)
    cli.write('Oil the gate', ['find the oil'])
    pass(ctx, 3 * 24 * HOUR)
    await ctx.sync()
    expect((await new Cli(ctx, 'codex', cwd).start()).context).toBe('Gobby Session: #2\nLast session here: #1, claude, 3 d ago, 1 todo open: get_handoff_context 1')
  })
})

describe('after a clear', () => {
  /** A CLI in which a session has run; `/clear` comes next. */
  async function running(ctx: Gobby, source: SourceName, where = {}, prompt = 'Oil the gate'): Promise<Cli> {
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'), where)
    await cli.start()
    cli.write(prompt, ['find the oil'])
    return cli
  }

  test.for(sourceNames)('%s: the session of the same process is the parent, and its handoff is given', async (source) => {
    const ctx = await gobby()
    const others = [await running(ctx, source, { terminal: 'tty 1' }, 'Another'), await running(ctx, source, { terminal: 'tty 1' }, 'A third')]
    for (const other of others) await other.tell('end', { reason: 'clear' })
    const cli = await running(ctx, source, { terminal: 'tty 1' })
    const { id } = await cli.session()
    const tellsEnd = source !== 'codex'
    if (tellsEnd) await cli.tell('end', { reason: 'clear' })
    pass(ctx, MINUTE)
    const { context, notice } = await cli.next().start('clear')
    expect(context).toMatch(new RegExp(`^Gobby Session: #4\\nContinued from #3 \\(${source}, last active 1 min ago\\)\\.\\n\\n## Continuation Context\\n`))
    expect(context).toContain('Oil the gate')
    expect(notice).toBe('gobby: session #4, continues #3')
    const child = await cli.session()
    expect(child).toMatchObject({ parent_session_id: id, relation: 'handoff' })
    expect(await ctx.store.sessions.get(id)).toMatchObject({ status: 'expired' })
    expect(await ctx.store.runs.get(id)).toMatchObject({ end_reason: 'clear' })
    expect(await ctx.store.handoffs.newest(id)).toMatchObject({ made_by: 'hook', delivered_to: child.id })
    expect(faults(ctx.file)).toEqual([])
  })

  test.for(sourceNames)('%s: what the end put off makes no second handoff, whenever it is done', async (source) => {
    const ctx = await gobby()
    const cli = await running(ctx, source)
    const { id } = await cli.session()
    const later: HookJob[] = []
    await cli.tell('end', { reason: 'clear' }, { later })
    expect(later).toEqual([{ session_id: id, what: 'end' }])
    expect(await ctx.store.handoffs.newest(id)).toBeUndefined()
    await cli.next().start('clear', { later })
    const given = await ctx.store.handoffs.newest(id)
    expect(given).toMatchObject({ delivered_to: (await cli.session()).id })
    // In between the repository, and with it the facts, may have changed.
    await doAll(ctx, later)
    expect(await ctx.store.handoffs.ofSession(id)).toEqual([{ id: given!.id, created_at: given!.created_at, made_by: 'hook' }])
    expect(await ctx.store.sessions.get(id)).toMatchObject({ status: 'expired' })
  })

  test('in a chain each has the one before', async () => {
    const ctx = await gobby()
    for (const source of sourceNames) {
      const cli = await running(ctx, source)
      let before = (await cli.session()).id
      for (let n = 0; n < 4; n++) {
        if (source !== 'codex') await cli.tell('end', { reason: 'clear' })
        pass(ctx, 1000)
        await cli.next().start('clear')
        expect(await cli.session()).toMatchObject({ parent_session_id: before })
        cli.write(`Step ${n}`)
        before = (await cli.session()).id
      }
    }
  })

  test('without a process the terminal tells', async () => {
    const ctx = await gobby()
    const unknown = (terminal: string | null) => ({ pid: null, process_start: null, terminal })
    const here = await running(ctx, 'claude', unknown('TMUX_PANE %1'))
    const there = await running(ctx, 'claude', unknown('TMUX_PANE %2'))
    await here.tell('end', { reason: 'clear' })
    await there.tell('end', { reason: 'clear' })
    const { id } = await here.session()
    await here.next().start('clear')
    expect(await here.session()).toMatchObject({ parent_session_id: id })
  })

  test.for(sourceNames)('%s: a system that does not say when a process began', async (source) => {
    const ctx = await gobby()
    const cli = await running(ctx, source, { pid: 77, process_start: null, terminal: 'WT_SESSION 1' })
    const other = await running(ctx, source, { pid: 78, process_start: null, terminal: 'WT_SESSION 2' })
    const { id } = await cli.session()
    for (const one of [cli, other]) if (source !== 'codex') await one.tell('end', { reason: 'clear' })
    await cli.next().start('clear')
    expect(await cli.session()).toMatchObject({ parent_session_id: id })
  })

  test('a later process with the same pid is another one', async () => {
    const ctx = await gobby()
    const gone = await running(ctx, 'codex', { pid: 77, process_start: 'a b 1' })
    const ended = await running(ctx, 'claude', { pid: 78, process_start: 'a b 1' })
    await ended.tell('end', { reason: 'clear' })
    for (const before of [gone, ended]) {
      const cli = new Cli(ctx, before.source, before.cwd, { ...before.where, process_start: 'a b 2' })
      expect((await cli.start('clear')).context).toMatch(/^Gobby Session: #\d$/)
      expect(await cli.session()).toMatchObject({ parent_session_id: null })
    }
    expect(await gone.session()).toMatchObject({ status: 'active' })
  })

  test('longer than ten minutes ago, in another project, or ended otherwise: none', async () => {
    const ctx = await gobby()
    const cli = await running(ctx, 'claude')
    await cli.tell('end', { reason: 'clear' })
    pass(ctx, 10 * MINUTE + 1)
    expect((await cli.next().start('clear')).context).toBe('Gobby Session: #2')
    const moved = await running(ctx, 'claude')
    await moved.tell('end', { reason: 'clear' })
    const elsewhere = new Cli(ctx, 'claude', join(ctx.home, 'apple'), moved.where)
    expect((await elsewhere.start('clear')).context).toBe('Gobby Session: #1')
    const quit = await running(ctx, 'claude')
    await quit.tell('end', { reason: 'prompt_input_exit' })
    expect((await quit.next().start('clear')).context).toMatch(/^Gobby Session: #\d$/)
  })

  test('of several that it may have been: none, and a line that names them', async () => {
    const ctx = await gobby()
    const nowhere = { pid: null, process_start: null, terminal: null }
    const [one, two] = [await running(ctx, 'claude', nowhere), await running(ctx, 'claude', nowhere)]
    await one.tell('end', { reason: 'clear' })
    pass(ctx, 1000)
    await two.tell('end', { reason: 'clear' })
    const cli = new Cli(ctx, 'claude', one.cwd, nowhere)
    expect((await cli.start('clear')).context).toBe('Gobby Session: #3\nCleared here a moment ago: #2, #1. To go on with one: get_handoff_context 2')
    expect(await cli.session()).toMatchObject({ parent_session_id: null, relation: null })
  })

  test('a parent with nothing to hand over, or marked as complete', async () => {
    const ctx = await gobby()
    const idle = new Cli(ctx, 'claude', join(ctx.home, 'pear'))
    await idle.start()
    const { id } = await idle.session()
    await idle.tell('end', { reason: 'clear' })
    expect((await idle.next().start('clear')).context).toBe('Gobby Session: #2')
    expect(await idle.session()).toMatchObject({ parent_session_id: id, relation: 'handoff' })
    const done = await running(ctx, 'claude')
    await call(markLoopComplete, ctx, { session_id: (await done.session()).id })
    await done.tell('end', { reason: 'clear' })
    expect((await done.next().start('clear')).context).toBe('Gobby Session: #4')
    expect(await done.session()).toMatchObject({ parent_session_id: null })
  })

  const expected = {
    inject: /Continued from #1/,
    offer: /^Gobby Session: #2\n#1 left a handoff: get_handoff_context 1$/,
    off: /^Gobby Session: #2$/,
  }
  const modes = ['inject', 'offer', 'off'] as const

  test.for(modes.flatMap((mode) => [['GOBBY_ON_CLEAR', mode], ['config.json', mode], ['project.json', mode]] as const))('%s says %s', async ([place, mode]) => {
    const home = join(tempDir(), 'home')
    mkdirSync(join(home, '.gobby'), { recursive: true })
    if (place === 'config.json') writeFileSync(join(home, '.gobby', 'config.json'), JSON.stringify({ handoff: { on_clear: mode } }))
    // The environment stands before the project's own file, that before what holds for all.
    const other = mode === 'off' ? 'inject' : 'off'
    if (place === 'project.json') writeFileSync(join(home, '.gobby', 'config.json'), JSON.stringify({ handoff: { on_clear: other } }))
    const ctx = await gobby({ home, env: place === 'GOBBY_ON_CLEAR' ? { GOBBY_ON_CLEAR: mode } : {} })
    if (place !== 'config.json') {
      mkdirSync(join(home, 'pear', '.gobby'), { recursive: true })
      writeFileSync(join(home, 'pear', '.gobby', 'project.json'), JSON.stringify({ id: 'pear-1', name: 'pear', handoff: { on_clear: place === 'project.json' ? mode : other } }))
    }
    const cli = await running(ctx, 'codex')
    const { id } = await cli.session()
    expect((await cli.next().start('clear')).context).toMatch(expected[mode])
    expect(await cli.session()).toMatchObject({ parent_session_id: mode === 'inject' ? id : null })
    expect(await ctx.store.runs.get(id)).toMatchObject({ end_reason: 'clear' })
  })
})
