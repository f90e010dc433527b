/** What a session that starts is given of those before it. */
import type { Handoff, Run, Session } from '@gobby/storage'
import type { Context } from '../context.js'
import { lookAt } from '../folder.js'
import { analysisOf } from '../handoff/handoff.js'
import type { HandoffContext } from '../handoff/handoff-context.js'
import { ingestSession } from '../ingest/ingest.js'
import { UNKNOWN_PROJECT } from '../project.js'
import { refOf } from '../refs.js'
import type { Beginning } from '../sources/hook-event.js'
import { ago } from '../time.js'
import { move } from './enter-session.js'
import { handoffOfEnd, runHookJob } from './hook-job.js'
import type { Handed } from './injection.js'
import { doneInTime, putOff, type Told } from './told.js'

/** How long a handoff that somebody asked for is given to the next session by itself. */
const ASKED_MS = 24 * 3_600_000
/** How long after a `/clear` its new session may come. */
const CLEARED_MS = 10 * 60_000
/** How many sessions back something open is looked for; and, in those that left no handoff, in how many messages. */
const SESSIONS_BACK = 5
const MESSAGES = 2_000

/** What the session is given; nothing it was given before. */
export async function handOn(ctx: Context, told: Told, session: Session, beginning: Beginning): Promise<Handed | undefined> {
  if (beginning === 'clear') return ofCleared(ctx, told, session)
  if (beginning === 'compact') return ofItself(ctx, told, session)
  // A folder that nobody knows is no place where work goes on.
  if (session.project === UNKNOWN_PROJECT || session.relation !== null) return undefined
  const since = before(ctx, ASKED_MS)
  return (await ctx.store.handoffs.claim({ to: session.id, project_id: session.project_id, since, now: ctx.now().toISOString() })) ?? pointer(ctx, session)
}

const before = (ctx: Context, ms: number): string => new Date(ctx.now().getTime() - ms).toISOString()

/** Its own handoff, made before the compaction; now, where that did not happen; with the next prompt, where that takes long. */
async function ofItself(ctx: Context, told: Told, session: Session): Promise<Handed | undefined> {
  const newest = () => ctx.store.handoffs.newest(session.id)
  if (!(await newest()) && !(await doneInTime(ctx, told, session, () => runHookJob(ctx, { session_id: session.id, what: 'handoff' })))) {
    told.later?.({ session_id: session.id, what: 'owed_handoff' })
    return undefined
  }
  const handoff = await newest()
  return handoff && { handoff }
}

async function ofCleared(ctx: Context, told: Told, session: Session): Promise<Handed | undefined> {
  const ofProject = session.cwd === null ? undefined : lookAt(session.cwd, ctx.config.user_home, 'pass over').file?.handoff?.on_clear
  const mode = ctx.config.on_clear.env ?? ofProject ?? ctx.config.on_clear.file ?? 'inject'
  const { parent, others } = await predecessor(ctx, told, session)
  if (parent) await endAtClear(ctx, told, parent)
  if (mode === 'off') return undefined
  if (!parent) {
    if (others.length === 0) return undefined
    const refs = others.map(refOf)
    return { line: `Cleared here a moment ago: ${refs.join(', ')}. To go on with one: get_handoff_context ${others[0]?.seq_num}` }
  }
  const fresh = (await ctx.store.sessions.get(parent.id)) ?? parent
  if (fresh.stop_reason !== null) return undefined
  if (mode === 'inject') await ctx.store.sessions.setParent(session.id, parent.id, 'handoff')
  const made = await madeOfEnd(ctx, told, fresh, mode === 'inject' ? session.id : undefined)
  if (made === 'later') return { line: `${refOf(parent)} was cleared: get_handoff_context ${parent.seq_num}` }
  if (mode === 'offer') return made && { line: `${refOf(parent)} left a handoff: get_handoff_context ${parent.seq_num}` }
  return made && ctx.store.handoffs.claim({ to: session.id, from: parent.id, now: ctx.now().toISOString() })
}

/**
 * The session that was cleared: the one before in the same process, else in the same terminal. Exactly one, or none;
 * `others` are those it may have been.
 */
async function predecessor(ctx: Context, { source, origin }: Told, session: Session): Promise<{ parent?: Session; others: Session[] }> {
  const { store } = ctx
  const cleared = await withoutHeir(ctx, session, await store.runs.endedSince(session.project_id, 'clear', before(ctx, CLEARED_MS)))
  if (origin.pid !== null) {
    const sameProcess = ({ pid, process_start }: Run) => pid === origin.pid && process_start === origin.process_start
    const runs = (await store.runs.ofPid(origin.pid)).filter((run) => sameProcess(run) && run.ended_at === null)
    const running = (await withoutHeir(ctx, session, runs)).filter(
      // Where a pid is all that is known, it may have been another process's before.
      (one) => one.session.project_id === session.project_id && (origin.process_start !== null || isRunning(one.session)),
    )
    // One after the other: the last that was heard of is the one before.
    const [last] = [...running, ...cleared.filter(({ run }) => sameProcess(run))].toSorted((a, b) => (lastOf(a.run) > lastOf(b.run) ? -1 : 1))
    if (last) return { parent: last.session, others: [] }
  }
  const [one, ...more] = origin.terminal === null ? [] : cleared.filter(({ run }) => run.terminal === origin.terminal)
  if (one && more.length === 0) return { parent: one.session, others: [] }
  // Sessions of processes that are known were cleared for others.
  const others = cleared.filter(({ run }) => origin.pid === null || run.pid === null).map(({ session: other }) => other)
  return { others: others.filter((other) => other.source === source.name) }
}

const lastOf = ({ seen_at, ended_at }: Run): string => (ended_at !== null && ended_at > seen_at ? ended_at : seen_at)

const isRunning = ({ status }: Session): boolean => status === 'active' || status === 'paused'

/** Those that may still be a parent: not the session itself, no sub-agent, none that handed over to another already. */
async function withoutHeir(ctx: Context, session: Session, runs: Run[]): Promise<{ run: Run; session: Session }[]> {
  const left: { run: Run; session: Session }[] = []
  for (const run of runs) {
    const other = run.session_id === session.id ? undefined : await ctx.store.sessions.get(run.session_id)
    if (!other || other.relation === 'subagent') continue
    const children = await ctx.store.sessions.children(other.id)
    if (!children.some(({ relation, created_at }) => relation === 'handoff' && created_at >= (run.ended_at ?? run.seen_at))) left.push({ run, session: other })
  }
  return left
}

/** What a start after a `/clear` means for the session before, where nobody reads an answer any more. */
export async function endPredecessor(ctx: Context, told: Told, session: Session): Promise<void> {
  const { parent } = await predecessor(ctx, told, session)
  if (!parent) return
  await endAtClear(ctx, told, parent)
  await putOff(ctx, told, { session_id: parent.id, what: 'end' })
}

/** Where no end was told, this start is the end of the one before. */
async function endAtClear(ctx: Context, { origin }: Told, parent: Session): Promise<void> {
  await ctx.store.runs.leave(parent.id, 'clear', origin.at)
  await move(ctx, parent, ['active', 'paused'], 'expired', 'the session ended: clear')
}

/**
 * The handoff of the cleared session, made here when its end has not made it yet; `later` when that would take too long:
 * `to` is then given it with its next prompt.
 */
async function madeOfEnd(ctx: Context, told: Told, parent: Session, to: string | undefined): Promise<Handoff | undefined | 'later'> {
  const ended_at = (await ctx.store.runs.get(parent.id))?.ended_at
  const newest = await ctx.store.handoffs.newest(parent.id)
  if (newest && ended_at && newest.created_at >= ended_at && parent.status === 'handoff_ready') return newest
  let made: Handoff | undefined
  const make = async () => (made = await handoffOfEnd(ctx, await ingestSession(ctx, parent)))
  if (await doneInTime(ctx, told, parent, make)) return made
  told.later?.({ session_id: parent.id, what: 'end', to })
  return 'later'
}

/** One line about the last session here that left something open, so that nobody must have asked for a handoff. */
async function pointer(ctx: Context, session: Session): Promise<Handed | undefined> {
  const last = await ctx.store.sessions.list({ project_id: session.project_id }, SESSIONS_BACK + 1)
  let messages = MESSAGES
  for (const other of last) {
    if (other.id === session.id || other.stop_reason !== null || other.status === 'active') continue
    const handoff = await ctx.store.handoffs.newest(other.id)
    // What that one left was taken up by another.
    if (handoff && handoff.delivered_to !== null) continue
    if (!handoff && (messages -= other.message_count) < 0) continue
    const left = leftOpen(handoff ? (handoff.context as HandoffContext) : { git_status: null, ...(await analysisOf(ctx, other)) })
    if (left === '') continue
    return { line: `Last session here: ${refOf(other)}, ${other.source}, ${ago(other.last_activity_at, ctx.now())}, ${left}: get_handoff_context ${other.seq_num}` }
  }
  return undefined
}

type Left = Pick<HandoffContext, 'todos' | 'git_status' | 'open_problems'>

function leftOpen({ todos, git_status, open_problems }: Left): string {
  const open = todos.filter(({ status }) => status !== 'completed').length
  const uncommitted = git_status?.split('\n').filter((line) => line.trim() !== '').length ?? 0
  return [counted(open, 'todo', 'open'), counted(uncommitted, 'file', 'uncommitted'), counted(open_problems.length, 'problem', 'open')].filter((part) => part !== '').join(', ')
}

const counted = (n: number, noun: string, state: string): string => (n === 0 ? '' : `${n} ${noun}${n === 1 ? '' : 's'} ${state}`)
