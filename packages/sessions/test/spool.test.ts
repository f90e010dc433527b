import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createContext, handleHook, type HookJob, processStart, replaySpool, spool, spooled, type SpooledEvent } from '../src/index.ts'
import { sourceNamed } from '../src/sources/index.ts'
import { newId } from './cli.ts'
import { hooksOf } from './fixtures/hooks/events.ts'
import { type Gobby, gobby, NOW } from './gobby.ts'

const ID = newId()
const at = (seconds: number): string => new Date(Date.parse(NOW) + seconds * 1000).toISOString()

/** An event that could not be written at its time. */
function waiting(ctx: Gobby, seconds: number, event: Record<string, unknown>): SpooledEvent {
  const input = { session_id: ID, cwd: join(ctx.home, 'pear'), ...event }
  return { source: 'claude', event: hooksOf('claude').read(input, { env: {}, home: ctx.home }), origin: { pid: 77, process_start: 'a b 1', terminal: null, at: at(seconds), ms: 5 } }
}

const folder = (ctx: Gobby): string => join(ctx.config.home, 'spool')
const keep = (ctx: Gobby, ...[seconds, event]: [number, Record<string, unknown>]): boolean => spool(ctx.config.home, waiting(ctx, seconds, event))

/** Dates a file now, by this process's clock: that of the disk may be another. */
const touch = (path: string): void => utimesSync(path, new Date(), new Date())

async function counted(ctx: Gobby): Promise<Record<string, number>> {
  return Object.fromEntries((await ctx.store.hooks.list()).map(({ event, count }) => [event, count]))
}

test('what waits is told in the order in which it happened, once, as of its own time', async () => {
  const ctx = await gobby()
  // Written in another order than it happened in.
  keep(ctx, 30, { hook_event_name: 'SessionEnd', reason: 'other' })
  keep(ctx, 20, { hook_event_name: 'UserPromptSubmit', prompt: 'And the hinge' })
  keep(ctx, 0, { hook_event_name: 'SessionStart', source: 'startup' })
  keep(ctx, 10, { hook_event_name: 'UserPromptSubmit', prompt: 'Oil the gate' })
  expect(spooled(ctx.config.home)).toHaveLength(4)
  ctx.clock.now = at(3600)
  await replaySpool(ctx)
  await replaySpool(ctx)
  const [session, ...more] = await ctx.store.sessions.list({ include_empty: true }, 10)
  expect(more).toEqual([])
  expect(session).toMatchObject({ external_id: ID, seq_num: 1, title: 'Oil the gate', status: 'expired', created_at: at(0), last_activity_at: at(30), project: 'pear' })
  expect(await ctx.store.runs.get(session!.id)).toMatchObject({ pid: 77, process_start: 'a b 1', started_at: at(0), ended_at: at(30) })
  expect(await counted(ctx)).toEqual({ SessionStart: 1, UserPromptSubmit: 2, SessionEnd: 1 })
  expect(readdirSync(folder(ctx))).toEqual([])
})

test('events of the same millisecond keep their order', async () => {
  const ctx = await gobby()
  for (let n = 0; n < 50; n++) keep(ctx, 0, { hook_event_name: 'UserPromptSubmit', prompt: `prompt ${n}` })
  await replaySpool(ctx)
  expect((await ctx.store.sessions.list({ include_empty: true }, 10))[0]?.title).toBe('prompt 0')
})

test('the next context that is opened tells them', async () => {
  const ctx = await gobby()
  keep(ctx, 0, { hook_event_name: 'SessionStart' })
  const quiet = await createContext({ env: { HOME: ctx.home }, cwd: ctx.home, replay: false })
  await quiet.close()
  expect(spooled(ctx.config.home)).toHaveLength(1)
  const next = await createContext({ env: { HOME: ctx.home }, cwd: ctx.home })
  await next.close()
  expect(spooled(ctx.config.home)).toEqual([])
  expect(await ctx.store.sessions.list({ include_empty: true }, 10)).toHaveLength(1)
})

test('an event of a CLI whose folder only its own hook knew', async () => {
  const ctx = await gobby()
  const elsewhere = join(ctx.home, 'other', 'projects', '-pear', `${ID}.jsonl`)
  const event = hooksOf('claude').read({ session_id: ID, cwd: ctx.home, hook_event_name: 'SessionStart', transcript_path: elsewhere }, { env: { CLAUDE_CONFIG_DIR: join(ctx.home, 'other') }, home: ctx.home })
  spool(ctx.config.home, { ...waiting(ctx, 0, { hook_event_name: 'SessionStart' }), event })
  await replaySpool(ctx)
  expect((await ctx.store.sessions.list({ include_empty: true }, 10))[0]).toMatchObject({ transcript_path: elsewhere })
})

test('what cannot be understood is put aside, and the rest is told', async () => {
  const ctx = await gobby()
  keep(ctx, 5, { hook_event_name: 'SessionStart' })
  const put = (n: number, text: string) => writeFileSync(join(folder(ctx), `000000000000${n}-x-1.json`), text)
  put(1, '')
  put(2, '{"source":"claude","ev')
  put(3, '{"source":"nobody","event":{},"origin":{}}')
  put(4, '[]')
  put(5, '{"source":"claude","origin":{}}')
  put(6, '{"source":"claude","event":{"kind":"start","event":"SessionStart"},"origin":{"at":"x"}}')
  writeFileSync(join(folder(ctx), 'half.part'), '{')
  await replaySpool(ctx)
  expect(spooled(ctx.config.home)).toEqual([])
  expect(readdirSync(folder(ctx)).filter((name) => name.endsWith('.refused'))).toHaveLength(6)
  expect(await ctx.store.sessions.list({ include_empty: true }, 10)).toHaveLength(1)
})

test('an event that later ones have overtaken changes nothing that they did', async () => {
  const ctx = await gobby()
  const told = (seconds: number, event: Record<string, unknown>, pid: number) => {
    const { source: _, event: read, origin } = waiting(ctx, seconds, event)
    return handleHook(ctx, { source: sourceNamed('claude')!, event: read, origin: { ...origin, pid, process_start: `a b ${pid}` } })
  }
  // Another process holds the spool while these wait: of the process before, and of the turn that has ended.
  keep(ctx, 0, { hook_event_name: 'SessionStart' })
  keep(ctx, 10, { hook_event_name: 'UserPromptSubmit', prompt: 'Oil the gate' })
  keep(ctx, 15, { hook_event_name: 'Stop' })
  await told(20, { hook_event_name: 'SessionStart', source: 'resume' }, 88)
  ctx.clock.now = at(30)
  await replaySpool(ctx)
  const session = (await ctx.store.sessions.list({ include_empty: true }, 10))[0]!
  expect(session).toMatchObject({ status: 'active', title: 'Oil the gate', last_event: 'start' })
  expect(await ctx.store.runs.get(session.id)).toMatchObject({ pid: 88, process_start: 'a b 88', seen_at: at(20), ended_at: null })
  await told(40, { hook_event_name: 'Stop' }, 88)
  keep(ctx, 35, { hook_event_name: 'UserPromptSubmit', prompt: 'And the hinge' })
  await replaySpool(ctx)
  expect(await ctx.store.sessions.get(session.id)).toMatchObject({ status: 'paused' })
})

test('of those that cannot be understood the newest 100 are kept; what a killed writer left goes', async () => {
  const ctx = await gobby()
  keep(ctx, 0, { hook_event_name: 'SessionStart' })
  for (let n = 0; n < 130; n++) writeFileSync(join(folder(ctx), `${String(n).padStart(13, '0')}-x-1.json`), 'x')
  for (const name of ['old', 'new']) writeFileSync(join(folder(ctx), `${name}.part`), '{')
  utimesSync(join(folder(ctx), 'old.part'), 0, 0)
  touch(join(folder(ctx), 'new.part'))
  await replaySpool(ctx)
  const [first, ...more] = readdirSync(folder(ctx)).sort()
  expect(first).toBe('0000000000030-x-1.json.refused')
  expect(more).toHaveLength(100)
  expect(more.at(-1)).toBe('new.part')
})

test('the long work of waiting events is left to whoever can wait', async () => {
  const ctx = await gobby()
  keep(ctx, 0, { hook_event_name: 'SessionStart' })
  keep(ctx, 1, { hook_event_name: 'SessionEnd', reason: 'other' })
  const later: HookJob[] = []
  await replaySpool(ctx, (job) => later.push(job))
  const [session] = await ctx.store.sessions.list({ include_empty: true }, 10)
  expect(session).toMatchObject({ status: 'expired' })
  expect(later).toEqual([{ session_id: session!.id, what: 'end' }])
})

test('one process tells at a time; the lock of one that was killed holds nobody up', async () => {
  const ctx = await gobby()
  keep(ctx, 0, { hook_event_name: 'SessionStart' })
  const lock = join(folder(ctx), 'lock')
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await once(child, 'spawn')
  onTestFinished(() => void child.kill('SIGKILL'))
  for (const holder of [`${child.pid} ${processStart(child.pid!)}`, `${child.pid} `, '']) {
    writeFileSync(lock, holder)
    touch(lock)
    await replaySpool(ctx)
    expect(spooled(ctx.config.home), holder).toHaveLength(1)
  }
  // Its name was never written.
  utimesSync(lock, 0, 0)
  await replaySpool(ctx)
  expect(spooled(ctx.config.home)).toEqual([])
  const name = `${child.pid} ${processStart(child.pid!)}`
  child.kill('SIGKILL')
  await once(child, 'exit')
  for (const holder of [name, `${child.pid} `, `${process.pid} a b 1`]) {
    keep(ctx, 0, { hook_event_name: 'SessionStart' })
    writeFileSync(lock, holder)
    await replaySpool(ctx)
    expect(spooled(ctx.config.home), holder).toEqual([])
  }
  expect(readdirSync(folder(ctx))).toEqual([])
})

test('several at once tell each event once', async () => {
  const ctx = await gobby()
  for (let n = 0; n < 40; n++) keep(ctx, n, { hook_event_name: 'UserPromptSubmit', prompt: `prompt ${n}` })
  await Promise.all(Array.from({ length: 5 }, () => replaySpool(ctx)))
  expect(spooled(ctx.config.home)).toEqual([])
  expect(await counted(ctx)).toEqual({ UserPromptSubmit: 40 })
})

test('files are for their owner alone, and there is an end to their number', async () => {
  const ctx = await gobby()
  keep(ctx, 0, { hook_event_name: 'UserPromptSubmit', prompt: 'a secret' })
  expect(statSync(folder(ctx)).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder(ctx), spooled(ctx.config.home)[0]!)).mode & 0o777).toBe(0o600)
  mkdirSync(folder(ctx), { recursive: true })
  for (let n = 0; n < 9_999; n++) writeFileSync(join(folder(ctx), `${String(n).padStart(13, '0')}-x.json`), '')
  expect(keep(ctx, 0, { hook_event_name: 'SessionStart' })).toBe(false)
  expect(spooled(ctx.config.home)).toHaveLength(10_000)
})
