/** How a session's status moves. The only table of transitions. */
import type { Status } from '@gobby/storage'
import type { Context } from './context.js'

const SILENCE_MS = 30 * 60_000
const EXPIRY_MS = 24 * 3_600_000

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

/**
 * Moves sessions along that have been silent: active ones are paused after 30 minutes, and expire after 24 hours (or
 * become `handoff_ready`, when they left a handoff that nobody received).
 * Known are only their transcripts, so silence is all the evidence there is.
 */
export async function sweep(ctx: Context): Promise<void> {
  const now = ctx.now()
  const before = (ms: number) => new Date(now.getTime() - ms).toISOString()
  const move = async (to: Status, from: Status[], limit: string, reason: string) => {
    for (const { id } of await ctx.store.sessions.quietSince(limit, from)) {
      const handsOver = to === 'expired' && (await ctx.store.handoffs.newest(id))?.delivered_to === null
      await ctx.store.sessions.setStatus(id, from, handsOver ? 'handoff_ready' : to, { reason, actor: 'sweep', now: now.toISOString() })
    }
  }
  await move('expired', ['active', 'paused'], before(EXPIRY_MS), 'no activity for 24 hours')
  await move('paused', ['active'], before(SILENCE_MS), 'no activity for 30 minutes')
}

/** A session whose transcript has just grown is alive again, if what was added is recent. */
export async function revive(ctx: Context, session: { id: string; status: Status; last_activity_at: string }): Promise<void> {
  if (session.status === 'active' || ctx.now().getTime() - Date.parse(session.last_activity_at) >= SILENCE_MS) return
  await ctx.store.sessions.setStatus(session.id, mayBecome('active'), 'active', {
    reason: 'its transcript goes on',
    actor: 'ingest',
    now: ctx.now().toISOString(),
  })
}
