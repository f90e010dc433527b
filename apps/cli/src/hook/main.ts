/** What a CLI runs at its events: takes one in, answers, and never gets in the CLI's way. */
import { writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { cliProcess, collectEarly, type Context, createContext, GobbyError, handleHook, type HookJob, replaySpool, runHookJob, spool, spooled, sweepIfDue, type Told } from '@gobby/sessions'
import { sourceNamed } from '@gobby/sessions/sources'
import { type Log, logTo } from './log.js'
import { readStdin, Silence } from './read-stdin.js'
import { startJobs } from './start-jobs.js'

/** What a hook's process is started with. */
export type HookSurroundings = {
  env: Record<string, string | undefined>
  /** This program's own file, to be started for work after the answer. */
  program: string
  /** The process that started this one. */
  parent: number
}

/** All of it, from the start of the process. A CLI gives its shortest events a second and more. In milliseconds. */
const DEADLINE_MS = 1_900
/** The event is waited for so long: that it did not come has to be written down, too. */
const READ_MS = 1_500
/** How long another writer is waited for. */
const BUSY_MS = 500
/** An event that came so long before the next has lost whoever it brought. */
const WAITED_MS = 10_000
/** More waiting events than this are told after the answer. */
const MOST_REPLAYED = 20

/** Events that no CLI waits for an answer to. */
const UNANSWERED: ReadonlySet<string | null> = new Set(['turn_end', 'before_compaction', 'end'])

/**
 * Runs `gobby-hook <source>`, or `gobby-hook --jobs <json>` for work after an answer. Never throws: what goes wrong goes
 * to the log.
 */
export async function main([first = '', jobs = '[]']: string[], surroundings: HookSurroundings): Promise<void> {
  const { env } = surroundings
  const home = env.GOBBY_HOME || join(env.HOME || env.USERPROFILE || homedir(), '.gobby')
  const log = logTo(home, first)
  try {
    if (first === '--jobs') await work(JSON.parse(jobs) as HookJob[], env, log)
    // What gobby itself starts has nothing to tell.
    else if (env.GOBBY_HOOKS !== 'off') await take(first, surroundings, home, log)
  } catch (error) {
    log(error)
    // Another program takes this one's place, for it cannot end.
    if (error instanceof Silence && process.platform !== 'win32') process.execve?.('/bin/sh', ['sh', '-c', 'exit 0'])
  }
}

async function take(name: string, { env, program, parent }: HookSurroundings, home: string, log: Log): Promise<void> {
  const source = sourceNamed(name)
  if (!source?.hooks) throw new GobbyError('invalid', `There are no hooks for ${JSON.stringify(name)}.`)
  const at = new Date().toISOString()
  const input = parsed(await readStdin(READ_MS))
  const event = source.hooks.read(input, { env, home: env.HOME || env.USERPROFILE || homedir() })
  const origin = { ...cliProcess(parent), at, ms: Math.round(performance.now()) }
  const jobs: HookJob[] = []
  const told: Told = { source, event, origin: { ...origin, terminal: terminalOf(env) ?? origin.terminal }, later: (job) => jobs.push(job) }
  const put = () => {
    const before = spooled(home).at(-1)
    // The first that waits brings somebody who can wait: for a lock, or while the database is brought up to date.
    const isFirst = before === undefined || Date.parse(at) - Number(before.slice(0, 13)) > WAITED_MS
    let kept = false
    try {
      kept = spool(home, { source: name, event, origin: told.origin })
      if (!kept) log(`${event.event}: let go, because too many events wait already`)
    } catch (error) {
      log(error)
    }
    // Of an event that waited there may be work, too.
    if (jobs.length > 0 || (kept && isFirst)) startJobs(program, jobs, env)
  }
  const keep = (reason: unknown) => {
    log(reason)
    put()
  }
  const late = setTimeout(() => {
    keep(`${event.event}: no answer after ${DEADLINE_MS} ms; kept for later`)
    process.exit(0)
  }, Math.max(1, DEADLINE_MS - performance.now()))
  let ctx: Context
  let text: string
  let waiting: number
  try {
    ctx = await createContext({ env, cwd: event.cwd ?? home, store_options: { busy_timeout_ms: BUSY_MS, as_it_is: true }, replay: false })
    waiting = spooled(home).length
    if (waiting > 0 && waiting <= MOST_REPLAYED) await replaySpool(ctx, told.later)
    // Answered with nothing, it waits behind what another process is telling: its session may be among that.
    if (UNANSWERED.has(event.kind) && spooled(home).length > 0) return put()
    text = source.hooks.print(event, await handleHook(ctx, told))
  } catch (error) {
    keep(error)
    return
  } finally {
    clearTimeout(late)
  }
  if (jobs.length > 0 || waiting > MOST_REPLAYED) startJobs(program, jobs, env)
  if (text !== '') writeSync(1, `${text}\n`)
  await sweepIfDue(ctx)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new GobbyError('invalid', text.trim() === '' ? 'The event is empty.' : `The event is no JSON (${text.length} characters).`, undefined, { cause })
  }
}

/** The terminal, as those that run several in one window name it. */
function terminalOf(env: HookSurroundings['env']): string | null {
  const name = ['TMUX_PANE', 'STY', 'WEZTERM_PANE', 'KITTY_WINDOW_ID', 'ITERM_SESSION_ID', 'TERM_SESSION_ID', 'WT_SESSION'].find((variable) => env[variable])
  return name === undefined ? null : `${name} ${env[name]}`
}

/** The work that was put off. Opening the store tells what waited; the jobs come after it. */
async function work(jobs: HookJob[], env: HookSurroundings['env'], log: Log): Promise<void> {
  collectEarly()
  const ctx = await createContext({ env, cwd: '/' })
  for (const job of jobs) {
    try {
      await runHookJob(ctx, job)
    } catch (error) {
      log(error)
    }
  }
  await ctx.close()
}
