import { join } from 'node:path'
import { expect, test } from 'vitest'
import { call } from '../src/operation.ts'
import { getCurrentSession } from '../src/operations/index.ts'
import { ancestors } from '../src/process.ts'
import { type Caller, createContext, currentSession, processStart } from '../src/index.ts'
import { Cli, MINUTE, newId, pass } from './cli.ts'
import { type Gobby, gobby } from './gobby.ts'

const HERE = { pid: process.ppid, process_start: processStart(process.ppid) }

/** Who is found for a caller with this environment, below this process. */
async function asked(ctx: Gobby, { env = {}, cwd = join(ctx.home, 'pear'), project, ...caller }: Caller & { env?: Record<string, string>; cwd?: string; project?: '*' } = {}) {
  const other = await createContext({ store: ctx.store, cwd, env: { HOME: ctx.home, ...env }, caller, now: ctx.now })
  const found = await currentSession(other, project ?? (await other.project()))
  return found && [found.session.seq_num, found.matched_by]
}

const started = async (ctx: Gobby, source: Cli['source'], where = {}, folder = 'pear'): Promise<Cli> => {
  const cli = new Cli(ctx, source, join(ctx.home, folder), where)
  await cli.start()
  cli.write('Oil the gate')
  pass(ctx, MINUTE)
  await cli.tell('turn_end')
  await cli.tell('prompt', { prompt: 'x' })
  return cli
}

test('what the client says goes before the environment, that before the process, that before the newest', async () => {
  const ctx = await gobby()
  const [client, environment, own] = [await started(ctx, 'codex'), await started(ctx, 'claude'), await started(ctx, 'gemini', HERE)]
  await started(ctx, 'claude')
  const env = { CLAUDE_CODE_SESSION_ID: environment.id }
  expect(await asked(ctx, { external_id: client.id, env, pid: process.pid })).toEqual([1, 'client'])
  expect(await asked(ctx, { env, pid: process.pid })).toEqual([2, 'environment'])
  expect(await asked(ctx, { pid: process.pid })).toEqual([3, 'process'])
  expect(await asked(ctx)).toEqual([4, 'newest'])
  expect(await own.session()).toMatchObject({ seq_num: 3 })
  // What nobody knows of is passed over.
  expect(await asked(ctx, { external_id: newId(), env, pid: process.pid })).toEqual([2, 'environment'])
  expect(await asked(ctx, { external_id: newId(), env: { CLAUDE_CODE_SESSION_ID: newId() }, pid: process.pid })).toEqual([3, 'process'])
})

test('after a clear the environment is stale: the process tells', async () => {
  const ctx = await gobby()
  const cli = await started(ctx, 'claude', HERE)
  const env = { CLAUDE_CODE_SESSION_ID: cli.id }
  expect(await asked(ctx, { env, pid: process.pid })).toEqual([1, 'environment'])
  await cli.tell('end', { reason: 'clear' })
  await cli.next().start('clear')
  await started(ctx, 'codex')
  expect(await asked(ctx, { env, pid: process.pid })).toEqual([2, 'process'])
  // Nothing is known of a process: what the environment says is better than a guess.
  expect(await asked(ctx, { env })).toEqual([1, 'environment'])
  await cli.tell('end')
  expect(await asked(ctx, { env, pid: process.pid })).toEqual([1, 'environment'])
})

test('of a CLI that was started in the shell of another one, the inner', async () => {
  const ctx = await gobby()
  const [inner, outer] = [...ancestors(process.pid)]
  const [claude, codex] = [await started(ctx, 'claude', outer), await started(ctx, 'codex', inner)]
  const both = { CLAUDE_CODE_SESSION_ID: claude.id, CODEX_SESSION_ID: codex.id }
  expect(await asked(ctx, { env: both, pid: process.pid })).toEqual([2, 'environment'])
  // One whose shell does not name it.
  expect(await asked(ctx, { env: { CLAUDE_CODE_SESSION_ID: claude.id }, pid: process.pid })).toEqual([2, 'process'])
  expect(await asked(ctx, { env: { CODEX_SESSION_ID: codex.id }, pid: process.pid })).toEqual([2, 'environment'])
  const elsewhere = await started(ctx, 'claude')
  expect(await asked(ctx, { env: { ...both, CLAUDE_CODE_SESSION_ID: elsewhere.id }, pid: process.pid })).toEqual([2, 'environment'])
  // Called beside the inner one, not from it.
  expect(await asked(ctx, { env: { CLAUDE_CODE_SESSION_ID: claude.id }, pid: outer!.pid })).toEqual([1, 'environment'])
})

test('in a process that runs one session after the other, the one that runs now', async () => {
  const ctx = await gobby()
  const cli = await started(ctx, 'codex', HERE)
  await cli.next().start('clear')
  expect(await asked(ctx, { pid: process.pid })).toEqual([2, 'process'])
  await cli.tell('SubagentStart', { agent_id: newId() })
  expect(await asked(ctx, { pid: process.pid })).toEqual([2, 'process'])
})

test('a later process with the same pid is nobody', async () => {
  const ctx = await gobby()
  await started(ctx, 'claude', { ...HERE, process_start: `${HERE.process_start}0` })
  await started(ctx, 'codex')
  expect(await asked(ctx, { pid: process.pid })).toEqual([2, 'newest'])
})

test('a session of another project is not meant; outside every project only the own one is', async () => {
  const ctx = await gobby()
  const cli = await started(ctx, 'claude', HERE, 'apple')
  await started(ctx, 'codex')
  const env = { CLAUDE_CODE_SESSION_ID: cli.id }
  expect(await asked(ctx, { env, external_id: cli.id, pid: process.pid })).toEqual([1, 'newest'])
  expect(await asked(ctx, { cwd: '/nowhere', pid: process.pid })).toEqual([1, 'process'])
  expect(await asked(ctx, { cwd: '/nowhere' })).toBeUndefined()
  expect(await asked(ctx, { project: '*', env })).toEqual([1, 'environment'])
})

test('never a sub-agent', async () => {
  const ctx = await gobby()
  const cli = await started(ctx, 'claude', HERE)
  await cli.tell('SubagentStart', { agent_id: 'a90c1e77b2d3f4a56', agent_type: 'x' })
  expect(await asked(ctx, { external_id: `agent-a90c1e77b2d3f4a56@${cli.id}` })).toEqual([1, 'newest'])
  await cli.tell('end')
  expect(await asked(ctx, { pid: process.pid })).toBeUndefined()
})

test('two that are equally recent are told apart by nobody', async () => {
  const ctx = await gobby()
  const [one, two] = [new Cli(ctx, 'claude', join(ctx.home, 'pear')), new Cli(ctx, 'codex', join(ctx.home, 'pear'))]
  for (const cli of [one, two]) {
    await cli.start()
    cli.write('Oil the gate')
    await cli.tell('turn_end')
  }
  await expect(asked(ctx)).rejects.toMatchObject({ code: 'ambiguous', candidates: expect.arrayContaining(['pear#1', 'pear#2']) })
  expect(await asked(ctx, { external_id: two.id })).toEqual([2, 'client'])
})

test('the operation says how it was found', async () => {
  const ctx = await gobby()
  const cli = await started(ctx, 'codex')
  const other = await createContext({ store: ctx.store, cwd: cli.cwd, env: { HOME: ctx.home, CODEX_THREAD_ID: cli.id }, now: ctx.now })
  expect(await call(getCurrentSession, other, {})).toMatchObject({ session: { ref: '#1' }, matched_by: 'environment' })
})
