/** How a session's status moves. The only table of transitions. */
import type { Run, Session, Status } from '@gobby/storage'
import type { Context } from './context.js'
import { processState } from './process.js'

const SILENCE_MS = 30 * 60_000
const EXPIRY_MS = 24 * 3_600_000
/** A transcript that grows so long after the last event grows without hooks. */
const UNTOLD_MS = 60_000
/** How often those sweep who come by much more often. */
const SWEEP_EVERY_MS = 60_000

/** From each status, where a session may go. */
export const transitions: Record<Status, readonly Status[]> = {
  active: ['paused', 'handoff_ready', 'expired', 'archived'],
  paused: ['active', 'handoff_ready', 'expired', 'archived'],
  handoff_ready: ['active', 'expired', 'archived'],
  expired: ['active', 'handoff_ready', 'archived'],
  archived: ['active'],
}

/** The statuses from which a session may go to `to`. */
export function mayBecome(to: Status): Status[] {
  return (Object.keys(transitions) as Status[]).filter((from) => transitions[from].includes(to))
}

/** Sweeps, unless somebody did within the last minute. */
export async function sweepIfDue(ctx: Context): Promise<void> {
  if (await ctx.store.hooks.isDue('sweep', SWEEP_EVERY_MS, ctx.now().toISOString())) await sweep(ctx)
}

/**
 * Moves sessions along by evidence. One whose process is gone has ended. One of which no process is known expires after
 * 24 hours without activity (or becomes `handoff_ready`, when somebody asked for a handoff of it that nobody received);
 * one whose process runs never does. After 30 minutes of silence all of them are paused.
 */
export async function sweep(ctx: Context): Promise<void> {
  const { store } = ctx
  const now = ctx.now()
  const before = (ms: number) => new Date(now.getTime() - ms).toISOString()
  const move = (id: string, from: Status[], to: Status, reason: string) => store.sessions.setStatus(id, from, to, { reason, actor: 'sweep', now: now.toISOString() })
  const end = async (id: string, reason: string) => {
    const newest = await store.handoffs.newest(id)
    const asked = newest?.delivered_to === null && newest.made_by !== 'hook'
    await move(id, ['active', 'paused'], asked ? 'handoff_ready' : 'expired', reason)
  }

  const alive = new Set<string>()
  for (const run of await store.runs.open()) {
    const state = processState(run, now)
    if (state === 'alive' && run.ended_at === null) alive.add(run.session_id)
    if (state !== 'gone' || (await goesOnElsewhere(ctx, run))) continue
    await end(run.session_id, `its process ${run.pid} is gone`)
    await store.runs.leave(run.session_id, 'process gone', now.toISOString())
  }
  for (const { id } of await store.sessions.quietSince(before(EXPIRY_MS), ['active', 'paused'])) {
    if (!alive.has(id)) await end(id, 'no activity for 24 hours')
  }
  for (const { id } of await store.sessions.quietSince(before(SILENCE_MS), ['active'])) await move(id, ['active'], 'paused', 'no activity for 30 minutes')
  for (const id of await store.sessions.staleHandoffs(before(EXPIRY_MS))) await move(id, ['handoff_ready'], 'expired', 'nobody took its handoff for 24 hours')
  await store.changes.trim(now.toISOString())
}

/** Whether it was taken up again, after the end that was told, in a process that no hook told of. */
async function goesOnElsewhere({ store }: Context, { session_id, ended_at }: Run): Promise<boolean> {
  if (ended_at === null) return false
  const session = await store.sessions.get(session_id)
  return session !== undefined && isUntold(session, ended_at)
}

/** Whether it was at work long enough after this instant for hooks to have told of it, if there were any. */
const isUntold = ({ last_activity_at }: Session, since: string): boolean => Date.parse(last_activity_at) >= Date.parse(since) + UNTOLD_MS

/**
 * A session whose transcript has just grown is alive again, if what was added is recent. Where hooks tell what happens,
 * only when it goes on without them.
 */
export async function revive(ctx: Context, session: Session): Promise<void> {
  if (session.status === 'active' || ctx.now().getTime() - Date.parse(session.last_activity_at) >= SILENCE_MS) return
  const run = session.last_event === null ? undefined : await ctx.store.runs.get(session.id)
  if (run && !isUntold(session, laterOf(run.seen_at, run.ended_at))) return
  await ctx.store.sessions.setStatus(session.id, mayBecome('active'), 'active', {
    reason: 'its transcript goes on',
    actor: 'ingest',
    now: ctx.now().toISOString(),
  })
}

const laterOf = (a: string, b: string | null): string => (b !== null && b > a ? b : a)
