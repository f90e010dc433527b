import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { call } from '../src/operation.ts'
import { createHandoff } from '../src/operations/index.ts'
import { processStart, sweep, sweepIfDue } from '../src/index.ts'
import { Cli, HOUR, MINUTE, pass } from './cli.ts'
import { faults, type Gobby, gobby, openRaw } from './gobby.ts'

const DAY = 24 * HOUR

/** A process that stands for a CLI, and what a hook would tell of it. */
async function realProcess(): Promise<{ child: ChildProcess; where: { pid: number; process_start: string }; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const kill = async (): Promise<void> => {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  onTestFinished(() => void child.kill('SIGKILL'))
  const process_start = processStart(child.pid!)
  expect(process_start).toEqual(expect.any(String))
  return { child, where: { pid: child.pid!, process_start: process_start! }, kill }
}

async function runningIn(ctx: Gobby, where: { pid: number | null; process_start: string | null }): Promise<Cli> {
  const cli = new Cli(ctx, 'claude', join(ctx.home, 'pear'), where)
  await cli.start()
  cli.write('Oil the gate')
  await cli.tell('turn_end')
  await cli.tell('prompt', { prompt: 'Go on' })
  return cli
}

function lastAudit(ctx: Gobby, id: string): unknown {
  const db = openRaw(ctx.file)
  const row = db.prepare('SELECT from_status, to_status, reason, actor, created_at FROM session_status_audit WHERE session_id = ? ORDER BY rowid DESC LIMIT 1').get(id)
  db.close()
  return row
}

const after = async (ctx: Gobby, ms: number, cli: Cli): Promise<string> => {
  pass(ctx, ms)
  await sweep(ctx)
  return (await cli.session()).status
}

test('a session whose process was killed has ended, and the audit says why', async () => {
  const ctx = await gobby()
  const { where, kill } = await realProcess()
  const cli = await runningIn(ctx, where)
  expect(await after(ctx, MINUTE, cli)).toBe('active')
  await kill()
  expect(await after(ctx, MINUTE, cli)).toBe('expired')
  const { id } = await cli.session()
  expect(lastAudit(ctx, id)).toEqual({ from_status: 'active', to_status: 'expired', reason: `its process ${where.pid} is gone`, actor: 'sweep', created_at: ctx.clock.now })
  expect(await ctx.store.runs.get(id)).toMatchObject({ ended_at: ctx.clock.now, end_reason: 'process gone' })
  // And it stays so.
  expect(await after(ctx, MINUTE, cli)).toBe('expired')
  expect(faults(ctx.file)).toEqual([])
})

test('a pid that was given out again is another process', async () => {
  const ctx = await gobby()
  const { where } = await realProcess()
  const cli = await runningIn(ctx, { ...where, process_start: where.process_start.replace(/\d+$/, (n) => String(Number(n) - 1)) })
  expect(await after(ctx, MINUTE, cli)).toBe('expired')
})

test('one whose process runs never expires; after half an hour of silence it is paused', async () => {
  const ctx = await gobby()
  const { where } = await realProcess()
  const cli = await runningIn(ctx, where)
  expect(await after(ctx, 30 * MINUTE - 1, cli)).toBe('active')
  expect(await after(ctx, MINUTE, cli)).toBe('paused')
  expect(lastAudit(ctx, (await cli.session()).id)).toMatchObject({ to_status: 'paused', reason: 'no activity for 30 minutes', actor: 'sweep' })
  expect(await after(ctx, 30 * DAY, cli)).toBe('paused')
})

test('what follows in the same process does not end the sessions of another', async () => {
  const ctx = await gobby()
  const [one, two] = [await realProcess(), await realProcess()]
  const [dies, lives] = [await runningIn(ctx, one.where), await runningIn(ctx, two.where)]
  await one.kill()
  expect([await after(ctx, 0, dies), (await lives.session()).status]).toEqual(['expired', 'active'])
})

test('the sub-agents of a process that was killed have ended too', async () => {
  const ctx = await gobby()
  const { where, kill } = await realProcess()
  const cli = await runningIn(ctx, where)
  await cli.tell('SubagentStart', { agent_id: 'a90c1e77b2d3f4a56', agent_type: 'Explore' })
  const [child] = await ctx.store.sessions.children((await cli.session()).id)
  await kill()
  await after(ctx, 0, cli)
  expect(await ctx.store.sessions.get(child!.id)).toMatchObject({ status: 'expired' })
})

test.for([
  ['nothing is known of the process', { pid: null, process_start: null }],
  ['the system does not say when it began', { pid: 4_194_000, process_start: null }],
] as const)('%s: 24 hours, to the millisecond', async ([, where]) => {
  const ctx = await gobby()
  const cli = await runningIn(ctx, where)
  expect(await after(ctx, DAY - 1, cli)).toBe('paused')
  expect(await after(ctx, 1, cli)).toBe('paused')
  expect(await after(ctx, 1, cli)).toBe('expired')
  expect(lastAudit(ctx, (await cli.session()).id)).toMatchObject({ from_status: 'paused', reason: 'no activity for 24 hours', actor: 'sweep' })
})

test('a process of another container is not known; one from before the system was started is gone', async () => {
  const ctx = await gobby()
  const { where } = await realProcess()
  const [boot, place, start] = where.process_start.split(' ')
  const other = await runningIn(ctx, { pid: where.pid, process_start: `${boot} ${Number(place) + 1} ${start}` })
  expect(await after(ctx, 2 * HOUR, other)).toBe('paused')
  // Long before this machine was last started.
  ctx.clock.now = new Date(Date.now() - uptime() * 1000 - DAY).toISOString()
  const old = await runningIn(ctx, { pid: where.pid, process_start: `00000000 ${place} ${start}` })
  ctx.clock.now = new Date().toISOString()
  await sweep(ctx)
  expect((await old.session()).status).toBe('expired')
  expect(lastAudit(ctx, (await old.session()).id)).toMatchObject({ reason: `its process ${where.pid} is gone` })
})

test('times are compared as times: on the day of the limit, in a zone west of Greenwich', async () => {
  expect(new Date().getTimezoneOffset()).toBeGreaterThan(0)
  const ctx = await gobby()
  ctx.clock.now = '2026-03-08T01:30:00.000Z'
  const cli = await runningIn(ctx, { pid: null, process_start: null })
  ctx.clock.now = '2026-03-09T01:29:59.999Z'
  expect(await after(ctx, 0, cli)).toBe('paused')
  ctx.clock.now = '2026-03-09T01:30:00.001Z'
  expect(await after(ctx, 0, cli)).toBe('expired')
})

test('a clock that was set back ends nothing, and sweeps go on', async () => {
  const ctx = await gobby()
  const { where, kill } = await realProcess()
  const [known, unknown] = [await runningIn(ctx, where), await runningIn(ctx, { pid: null, process_start: null })]
  expect(await after(ctx, -3 * DAY, known)).toBe('active')
  expect((await unknown.session()).status).toBe('active')
  await kill()
  // Though the last sweep lies in the future.
  await sweepIfDue(ctx)
  expect((await known.session()).status).toBe('expired')
  await unknown.tell('prompt', { prompt: 'x' })
  expect((await unknown.session()).status).toBe('active')
})

test('who comes by often sweeps once a minute', async () => {
  const ctx = await gobby()
  const { where, kill } = await realProcess()
  const cli = await runningIn(ctx, where)
  await kill()
  await sweepIfDue(ctx)
  expect((await cli.session()).status).toBe('expired')
  const other = await realProcess()
  const next = await runningIn(ctx, other.where)
  await other.kill()
  pass(ctx, MINUTE - 1)
  await sweepIfDue(ctx)
  expect((await next.session()).status).toBe('active')
  pass(ctx, 1)
  await sweepIfDue(ctx)
  expect((await next.session()).status).toBe('expired')
})

test('a sync sweeps', async () => {
  const ctx = await gobby()
  const { where, kill } = await realProcess()
  const cli = await runningIn(ctx, where)
  await kill()
  await ctx.sync()
  expect((await cli.session()).status).toBe('expired')
})

test('a handoff that nobody took: ready for 24 hours, also when the process was killed', async () => {
  const ctx = await gobby()
  const { where, kill } = await realProcess()
  const cli = await runningIn(ctx, where)
  const { id } = await cli.session()
  await call(createHandoff, ctx, { session_id: id, notes: 'mind the cat' })
  await kill()
  expect(await after(ctx, MINUTE, cli)).toBe('handoff_ready')
  expect(lastAudit(ctx, id)).toMatchObject({ to_status: 'handoff_ready', reason: `its process ${where.pid} is gone` })
  expect(await after(ctx, DAY - MINUTE, cli)).toBe('handoff_ready')
  expect(await after(ctx, 1, cli)).toBe('expired')
  expect(lastAudit(ctx, id)).toMatchObject({ from_status: 'handoff_ready', reason: 'nobody took its handoff for 24 hours', actor: 'sweep' })
})

test('a session that was taken up again where no hooks are: the process that ended tells nothing of it', async () => {
  const ctx = await gobby()
  const { where, kill } = await realProcess()
  const cli = await runningIn(ctx, where)
  await cli.tell('end')
  await kill()
  pass(ctx, HOUR)
  cli.write('And the hinge')
  await ctx.sync()
  expect((await cli.session()).status).toBe('active')
  expect(await after(ctx, MINUTE, cli)).toBe('active')
  expect(await after(ctx, 30 * MINUTE, cli)).toBe('paused')
  expect(await after(ctx, DAY, cli)).toBe('expired')
})

test('a session that resumes while the sweep looks is not ended by it', async () => {
  const ctx = await gobby()
  const { where, kill } = await realProcess()
  const cli = await runningIn(ctx, where)
  await kill()
  const next = await realProcess()
  cli.where = { ...next.where, terminal: null }
  await Promise.all([cli.start('resume'), sweep(ctx)])
  await sweep(ctx)
  expect((await cli.session()).status).toBe('active')
})
