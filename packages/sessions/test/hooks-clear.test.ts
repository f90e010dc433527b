/** What follows a `/clear` where the usual order is broken: a resume in between, a very long session, an event that waited. */
import { expect, test } from 'vitest'
import { tempRepo } from '@gobby/testing'
import type { HookJob } from '../src/index.ts'
import { Cli, doAll, MINUTE, pass } from './cli.ts'
import { gobby } from './gobby.ts'

test('after a session was taken up again in the same process, that one is the one before', async () => {
  const ctx = await gobby()
  const cli = new Cli(ctx, 'codex', tempRepo().path)
  await cli.start()
  cli.write('Prune the pears')
  await cli.tell('prompt', { prompt: 'Prune the pears' })
  const first = cli.id
  pass(ctx, MINUTE)
  await cli.next().start()
  pass(ctx, MINUTE)
  await cli.tell('start', { source: 'resume' }, { session: first })
  pass(ctx, MINUTE)
  const { context } = await cli.next().start('clear')
  expect(context).toContain('Prune the pears')
  expect(await cli.session()).toMatchObject({ relation: 'handoff', parent_session_id: (await cli.session(first)).id })
})

test('a very long session is linked at once, and its handoff given with the first prompt, once', async () => {
  const ctx = await gobby()
  const cli = new Cli(ctx, 'claude', tempRepo().path)
  await cli.start()
  cli.write('Write the harvest book')
  for (let n = 0; n < 9; n++) cli.write(`Chapter ${n} ${'apples '.repeat(10_000)}`)
  await cli.tell('prompt', { prompt: 'Write the harvest book' })
  const parent = await cli.session()
  const later: HookJob[] = []
  await cli.tell('end', { reason: 'clear' }, { later: [] })
  const { context } = await cli.next().start('clear', { later })
  expect(context).toBe(`Gobby Session: #2\n#1 was cleared: get_handoff_context 1`)
  expect(await cli.session()).toMatchObject({ relation: 'handoff', parent_session_id: parent.id })
  await doAll(ctx, later)
  expect((await cli.tell('prompt', { prompt: 'Go on' })).context).toMatch(/^Gobby Session: #2\nContinued from #1 [\s\S]*Write the harvest book/)
  expect(await cli.tell('prompt', { prompt: 'And on' })).toEqual({})
  expect(await cli.session(parent.external_id)).toMatchObject({ status: 'expired' })
  expect((await ctx.store.handoffs.newest(parent.id))?.delivered_to).toBe((await cli.session()).id)
})

test('a start after a clear that waited ends the session before, and gives nothing away', async () => {
  const ctx = await gobby()
  const cli = new Cli(ctx, 'codex', tempRepo().path)
  await cli.start()
  cli.write('Mend the fence')
  await cli.tell('prompt', { prompt: 'Mend the fence' })
  const parent = await cli.session()
  pass(ctx, MINUTE)
  expect(await cli.next().start('clear', { replayed: true })).toEqual({})
  expect(await cli.session()).toMatchObject({ relation: null, parent_session_id: null })
  expect(await ctx.store.sessions.get(parent.id)).toMatchObject({ status: 'handoff_ready' })
  expect(await ctx.store.runs.get(parent.id)).toMatchObject({ end_reason: 'clear' })
})
