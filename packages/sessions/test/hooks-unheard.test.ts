import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { call } from '../src/operation.ts'
import { searchMessages } from '../src/operations/index.ts'
import type { HookJob } from '../src/index.ts'
import { Cli, doAll, MINUTE, pass } from './cli.ts'
import { type Gobby, gobby } from './gobby.ts'

/** A session of the CLI that drops what is said at some starts, with one prompt in it. */
async function running(ctx: Gobby): Promise<Cli> {
  const cli = new Cli(ctx, 'gemini', join(ctx.home, 'pear'))
  await cli.start()
  await cli.tell('prompt', { prompt: 'Oil the gate' })
  cli.write('Oil the gate')
  return cli
}

describe('what a start says to no model is said with the first prompt', () => {
  test('of a cleared session: what it goes on with, once, however late', async () => {
    const ctx = await gobby()
    const cli = await running(ctx)
    const parent = await cli.session()
    await cli.tell('end', { reason: 'clear' })
    cli.next()
    expect((await cli.start('clear')).notice).toBe('gobby: session #2, continues #1')
    expect(await cli.session()).toMatchObject({ parent_session_id: parent.id, relation: 'handoff' })
    pass(ctx, 45 * MINUTE)
    const { context, notice } = await cli.tell('prompt', { prompt: 'Go on' })
    expect(context).toMatch(/^Gobby Session: #2\nContinued from #1 \(gemini, last active 45 min ago\)\.\n\n## Continuation Context\n/)
    expect(context).toContain('Oil the gate')
    expect(notice).toBeUndefined()
    expect(await cli.tell('prompt', { prompt: 'And on' })).toEqual({})
  })

  test('of a cleared session that has nothing to go on with: its number', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, 'gemini', join(ctx.home, 'pear'))
    await cli.start('clear')
    expect(await cli.tell('prompt', { prompt: 'Oil the gate' })).toEqual({ context: 'Gobby Session: #1' })
    expect(await cli.tell('prompt', { prompt: 'And the hinge' })).toEqual({})
  })

  test('of a cleared session whose parent is only offered: the line that offers it', async () => {
    const ctx = await gobby()
    mkdirSync(join(ctx.home, 'pear', '.gobby'), { recursive: true })
    writeFileSync(join(ctx.home, 'pear', '.gobby', 'project.json'), JSON.stringify({ id: 'p-1', name: 'pear', handoff: { on_clear: 'offer' } }))
    const cli = await running(ctx)
    await cli.tell('end', { reason: 'clear' })
    await cli.next().start('clear')
    expect(await cli.tell('prompt', { prompt: 'Go on' })).toEqual({ context: 'Gobby Session: #2\n#1 left a handoff: get_handoff_context 1' })
    expect(await cli.session()).toMatchObject({ parent_session_id: null })
  })

  test('of a resumed session: its number again, which its history has lost', async () => {
    const ctx = await gobby()
    const cli = await running(ctx)
    await cli.tell('end', { reason: 'exit' })
    await cli.start('resume')
    expect(await cli.tell('prompt', { prompt: 'Go on' })).toEqual({ context: 'Gobby Session: #1' })
    expect(await cli.tell('prompt', { prompt: 'And on' })).toEqual({})
  })

  test('where starts are heard, a prompt says nothing more', async () => {
    for (const source of ['claude', 'codex'] as const) {
      const ctx = await gobby()
      const cli = new Cli(ctx, source, join(ctx.home, 'pear'))
      await cli.start('clear')
      expect(await cli.tell('prompt', { prompt: 'Oil the gate' })).toEqual({})
    }
  })
})

test('a notice that the CLI writes into the transcript is found by nobody', async () => {
  const ctx = await gobby()
  const cli = await running(ctx)
  const { notice } = await new Cli(ctx, 'gemini', join(ctx.home, 'pear')).start()
  const info = (id: string, content: string) => appendFileSync(cli.transcript, `${JSON.stringify({ id, timestamp: ctx.clock.now, type: 'info', content })}\n`)
  info('i-1', `Another hook says so.\n${notice}`)
  info('i-2', 'The pear tree was updated.')
  await cli.tell('turn_end')
  expect(await call(searchMessages, ctx, { query: 'session', project_id: '*' })).toMatchObject({ results: [] })
  expect(await call(searchMessages, ctx, { query: 'pear', project_id: '*' })).toMatchObject({ count: 1 })
})

describe('a compression that the transcript tells of', () => {
  /** As the CLI writes it: what the model is to see from now on. */
  const compress = (cli: Cli, n: number): void => {
    const at = { timestamp: cli.ctx.clock.now }
    const summary = { id: `s-${n}`, ...at, type: 'user', content: [{ text: `All went as planned, ${n}.` }] }
    const answer = { id: `t-${n}`, ...at, type: 'gemini', content: [{ text: 'Got it. Thanks for the additional context!' }] }
    appendFileSync(cli.transcript, `${JSON.stringify({ $set: { messages: [summary, answer] } })}\n`)
  }
  const kept = expect.stringContaining('Kept from before the compaction of this conversation.') as string

  test('before a turn: the next prompt is given the handoff, once for each', async () => {
    const ctx = await gobby()
    const cli = await running(ctx)
    await cli.tell('before_compaction', { trigger: 'auto' })
    await cli.tell('turn_end')
    for (const n of [1, 2]) {
      expect(await cli.tell('prompt', { prompt: `Go on ${n}` })).toEqual({})
      await cli.tell('before_compaction', { trigger: 'auto' })
      compress(cli, n)
      cli.write(`Go on ${n}`)
      await cli.tell('turn_end')
      expect(await cli.tell('prompt', { prompt: `And on ${n}` })).toMatchObject({ context: kept })
      cli.write(`And on ${n}`)
      await cli.tell('turn_end')
    }
    expect(await ctx.store.sessions.list({}, 10)).toHaveLength(1)
  })

  test('asked for by the person: told by its event and by the transcript, given once', async () => {
    const ctx = await gobby()
    const cli = await running(ctx)
    await cli.tell('turn_end')
    await cli.tell('before_compaction', { trigger: 'manual' })
    compress(cli, 1)
    expect(await cli.tell('prompt', { prompt: 'Go on' })).toMatchObject({ context: kept })
    cli.write('Go on')
    await cli.tell('turn_end')
    expect(await cli.tell('prompt', { prompt: 'And on' })).toEqual({})
  })

  test('in a session that is too long to be read before the answer: given once', async () => {
    const ctx = await gobby()
    const cli = await running(ctx)
    await cli.tell('turn_end')
    await cli.tell('before_compaction', { trigger: 'manual' })
    compress(cli, 1)
    cli.write(`Go on ${'x'.repeat(600_000)}`)
    const later: HookJob[] = []
    expect(await cli.tell('prompt', { prompt: 'Go on' }, { later })).toMatchObject({ context: kept })
    // Before every turn; the two processes come in any order.
    await cli.tell('before_compaction', { trigger: 'auto' })
    await doAll(ctx, later)
    await cli.tell('turn_end')
    expect(await cli.tell('prompt', { prompt: 'And on' })).toEqual({})
  })

  test('long ago, before there were hooks, gives nothing', async () => {
    const ctx = await gobby()
    const cli = new Cli(ctx, 'gemini', join(ctx.home, 'pear'))
    cli.write('Oil the gate')
    compress(cli, 1)
    await ctx.sync()
    await cli.start('resume')
    await cli.tell('turn_end')
    expect((await cli.tell('prompt', { prompt: 'Go on' })).context).not.toEqual(kept)
  })
})
