import fc from '@gobby/testing/property'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tempDir, tempRepo } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { call } from '../src/operation.ts'
import { createHandoff } from '../src/operations/index.ts'
import { createContext, type HookJob, runHookJob } from '../src/index.ts'
import { handoffTokens } from '../src/handoff/render-handoff.ts'
import { Cli, doAll, HOUR, MINUTE, pass } from './cli.ts'
import { sourceNames } from './fixtures/hooks/events.ts'
import { faults, type Gobby, gobby } from './gobby.ts'

async function running(ctx: Gobby, source: Cli['source'], prompt = 'Oil the gate'): Promise<Cli> {
  const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
  await cli.start()
  await cli.tell('prompt', { prompt })
  cli.write(prompt, ['find the oil'])
  return cli
}

describe.for(['claude', 'codex'] as const)('%s: a compaction', (source) => {
  test('the same row and number, and its own handoff, which another may still claim', async () => {
    const ctx = await gobby()
    const cli = await running(ctx, source)
    const before = await cli.session()
    expect(await cli.tell('before_compaction', { trigger: 'auto' })).toEqual({})
    expect(await cli.session()).toMatchObject({ status: 'active', turn_count: 1 })
    expect(await cli.handoffs()).toMatchObject([{ made_by: 'hook', delivered_to: null }])
    const { context, notice } = await cli.start('compact')
    expect(context).toMatch(/^Gobby Session: #1\nKept from before the compaction of this conversation\.\n\n## Continuation Context\n/)
    expect(context).toContain('Oil the gate')
    expect(notice).toBe('gobby: session #1')
    expect(await cli.session()).toMatchObject({ id: before.id, seq_num: 1, status: 'active', parent_session_id: null })
    expect(await cli.handoffs()).toMatchObject([{ delivered_to: null }])
    expect(await ctx.store.sessions.list({}, 10)).toHaveLength(1)
    // A second compaction is given what was made before that one.
    cli.write('And the hinge')
    await cli.tell('before_compaction', { trigger: 'manual' })
    expect((await cli.start('compact')).context).toContain('And the hinge')
  })

  test('one that was not told before: the handoff is made then', async () => {
    const ctx = await gobby()
    const cli = await running(ctx, source)
    expect((await cli.start('compact')).context).toContain('Oil the gate')
    expect(await cli.handoffs()).toHaveLength(1)
  })

  test('a handoff that somebody asked for keeps its notes, and is still given to the next session', async () => {
    const ctx = await gobby()
    const cli = await running(ctx, source)
    await call(createHandoff, ctx, { session_id: (await cli.session()).id, notes: 'mind the cat' })
    cli.write('And the hinge')
    await cli.tell('before_compaction', { trigger: 'auto' })
    expect((await cli.start('compact')).context).toMatch(/mind the cat/)
    expect((await cli.handoffs())[0]).toMatchObject({ made_by: 'agent', notes: 'mind the cat', delivered_to: null })
    const { context } = await new Cli(ctx, 'gemini', cli.cwd).start()
    expect(context).toContain('Continued from #1')
    expect(context).toContain('And the hinge')
    expect(faults(ctx.file)).toEqual([])
  })

  test('one that somebody asks for anew, or that is received, while a hook brings the one before up to date, stands', async () => {
    const home = join(tempDir(), 'home')
    const go = join(home, 'go')
    const git = join(home, 'bin/git')
    mkdirSync(dirname(git), { recursive: true })
    // It waits until the test says so.
    writeFileSync(git, `#!/bin/sh\ntouch '${go}-asked'\nwhile [ ! -e '${go}' ]; do sleep 0.02; done\n`, { mode: 0o755 })
    const ctx = await gobby({ home })
    const slow = await createContext({ store: ctx.store, now: ctx.now, cwd: home, env: { HOME: home, PATH: `${dirname(git)}:${process.env['PATH']}` } })
    tempRepo(join(home, 'pear'))
    const cli = await running(ctx, source)
    const ask = async (notes: string) => call(createHandoff, ctx, { session_id: (await cli.session()).id, notes })
    const during = async (action: () => Promise<unknown>) => {
      const job = runHookJob(slow, { session_id: (await cli.session()).id, what: 'handoff' })
      await expect.poll(() => existsSync(`${go}-asked`), { interval: 10 }).toBe(true)
      await action()
      writeFileSync(go, '')
      await job
      for (const path of [go, `${go}-asked`]) rmSync(path)
    }
    await ask('mind the cat')
    await during(() => ask('mind the dog'))
    expect((await cli.handoffs())[0]).toMatchObject({ notes: 'mind the dog', delivered_to: null })
    const next = new Cli(ctx, 'gemini', cli.cwd)
    await during(() => next.start())
    expect(await cli.handoffs()).toMatchObject([{ made_by: 'hook', notes: null, delivered_to: null }, { notes: 'mind the dog', delivered_to: (await next.session()).id }, { notes: 'mind the cat' }])
    expect((await new Cli(ctx, 'codex', cli.cwd).start()).context).not.toContain('Continued from')
  })

  test('a session with nothing to keep is told its number', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
    await cli.start()
    expect(await cli.tell('before_compaction')).toEqual({})
    expect((await cli.start('compact')).context).toBe('Gobby Session: #1')
  })
})

describe('a CLI that tells no start after a compaction', () => {
  test('before every turn: nothing changes, and the handoff is made once', async () => {
    const ctx = await gobby()
    const cli = await running(ctx, 'gemini')
    const later: HookJob[] = []
    const before = await cli.session()
    for (let n = 0; n < 3; n++) {
      pass(ctx, MINUTE)
      expect(await cli.tell('before_compaction', { trigger: 'auto' }, { later })).toEqual({})
    }
    const { last_event, status, title } = await cli.session()
    expect([last_event, status, title]).toEqual([before.last_event, before.status, before.title])
    expect(later).toHaveLength(3)
    await doAll(ctx, later)
    expect(await cli.handoffs()).toHaveLength(1)
    expect(await cli.tell('prompt', { prompt: 'And the hinge' })).toEqual({})
  })

  test('after /compress the next prompt is given the handoff, once', async () => {
    const ctx = await gobby()
    const cli = await running(ctx, 'gemini')
    await cli.tell('before_compaction', { trigger: 'manual' })
    expect((await cli.tell('prompt', { prompt: 'And the hinge' })).context).toMatch(/^Gobby Session: #1\nKept from before the compaction of this conversation\.\n\n## Continuation Context\n[^]*Oil the gate/)
    expect(await cli.tell('prompt', { prompt: 'And the lock' })).toEqual({})
    expect((await cli.handoffs())[0]).toMatchObject({ delivered_to: null })
  })

  test('two prompts at once: one gets it', async () => {
    const ctx = await gobby()
    const cli = await running(ctx, 'gemini')
    await cli.tell('before_compaction', { trigger: 'manual' })
    const answers = await Promise.all([cli.tell('prompt', { prompt: 'a' }), cli.tell('prompt', { prompt: 'b' })])
    expect(answers.filter(({ context }) => context !== undefined)).toHaveLength(1)
  })

  test('its transcript dropped most of what it held: the next prompt is given what was made before', async () => {
    const ctx = await gobby()
    const cli = await running(ctx, 'gemini')
    for (let n = 0; n < 8; n++) cli.write(`Question ${n}`)
    await cli.tell('before_compaction', { trigger: 'auto' })
    await cli.tell('turn_end')
    expect(await cli.tell('prompt', { prompt: 'x' })).toEqual({})
    const [head] = readFileSync(cli.transcript, 'utf8').split('\n')
    writeFileSync(cli.transcript, `${head}\n`)
    cli.write('Go on')
    await cli.tell('turn_end')
    expect((await cli.tell('prompt', { prompt: 'y' })).context).toContain('Kept from before the compaction of this conversation.')
    expect(await cli.tell('prompt', { prompt: 'z' })).toEqual({})
  })

  test('a person who takes back the last prompt compacts nothing', async () => {
    const ctx = await gobby()
    const cli = await running(ctx, 'gemini')
    for (let n = 0; n < 8; n++) cli.write(`Question ${n}`)
    await cli.tell('before_compaction', { trigger: 'auto' })
    const lines = readFileSync(cli.transcript, 'utf8').trimEnd().split('\n')
    writeFileSync(cli.transcript, `${lines.slice(0, -2).join('\n')}\n`)
    await cli.tell('turn_end')
    expect(await cli.tell('prompt', { prompt: 'x' })).toEqual({})
  })

  test('what is said after a clear, and never heard, is said with the next prompt, once', async () => {
    const ctx = await gobby()
    const cli = await running(ctx, 'gemini')
    await cli.tell('end', { reason: 'clear' })
    const told = await cli.next().start('clear')
    expect(told.context).toContain('Continued from #1')
    expect((await cli.tell('prompt', { prompt: 'Go on' })).context).toBe(told.context)
    expect(await cli.tell('prompt', { prompt: 'And on' })).toEqual({})
    expect((await ctx.store.handoffs.newest((await cli.session()).parent_session_id!))?.delivered_to).toBe((await cli.session()).id)
  })

  test('the same where nothing is handed on: its number', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, 'gemini', join(ctx.home, 'pear'))
    await cli.start('clear')
    expect((await cli.tell('prompt', { prompt: 'Go on' })).context).toBe('Gobby Session: #1')
    expect(await cli.tell('prompt', { prompt: 'And on' })).toEqual({})
  })
})

describe('what is said', () => {
  const words = fc.oneof(fc.string({ maxLength: 400, unit: 'grapheme' }), fc.lorem({ maxCount: 60 }), fc.constantFrom('漢字の列'.repeat(150), '🜁'.repeat(700), '```\n'.repeat(40), 'a'.repeat(4000)))

  test('is never longer than what every CLI takes, and begins with the number', async () => {
    const ctx = await gobby()
    const parent = await running(ctx, 'claude')
    const { id } = await parent.session()
    let n = 0
    await fc.assert(
      fc.asyncProperty(words, fc.array(words, { maxLength: 25 }), words, async (prompt, todos, notes) => {
        parent.write(prompt || 'x', todos.map((todo, i) => `${todo} ${i}`))
        await parent.tell('turn_end')
        await call(createHandoff, ctx, { session_id: id, notes: `${++n} ${notes}`.slice(0, 4000).toWellFormed() })
        for (const [cli, beginning] of [[parent, 'compact'], [new Cli(ctx, 'codex', parent.cwd), 'startup']] as const) {
          const { context = '', notice = '' } = await cli.start(beginning)
          expect(context).toMatch(/^Gobby Session: #\d+\n[^\n]+\n\n## Continuation Context\n/)
          expect(context.length).toBeLessThanOrEqual(9000)
          expect(handoffTokens(context)).toBeLessThanOrEqual(2200)
          expect(context.isWellFormed()).toBe(true)
          expect(notice.length).toBeLessThan(200)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('nor when the handoff alone fills it', async () => {
    const ctx = await gobby()
    let fullest = 0
    for (let length = 40; length < 100; length += 6) {
      const parent = await running(ctx, 'claude')
      parent.write('Oil all gates', Array.from({ length: 90 }, (_, n) => `${n} ${'o'.repeat(length)}`))
      await parent.tell('turn_end')
      await call(createHandoff, ctx, { session_id: (await parent.session()).id, notes: 'n'.repeat(4000) })
      const { context = '' } = await new Cli(ctx, 'codex', parent.cwd).start()
      expect(handoffTokens(context)).toBeLessThanOrEqual(2200)
      fullest = Math.max(fullest, handoffTokens((await parent.handoffs())[0]!.markdown))
    }
    expect(fullest).toBeGreaterThan(2190)
  })

  test.for(sourceNames)('%s: what was said is no part of the next handoff', async (source) => {
    const ctx = await gobby()
    const cli = await running(ctx, 'claude', 'A goal of the first session')
    await call(createHandoff, ctx, { session_id: (await cli.session()).id, notes: 'mind the cat' })
    await cli.tell('end')
    pass(ctx, HOUR)
    const child = new Cli(ctx, source, cli.cwd)
    await child.start()
    await child.tell('prompt', { prompt: 'A goal of its own' })
    child.write('A goal of its own')
    await child.tell('end')
    const [handoff] = await child.handoffs()
    expect(handoff).toMatchObject({ context: { initial_goal: 'A goal of its own', notes: null } })
    expect(handoff?.markdown).not.toMatch(/first session|mind the cat/)
  })
})
