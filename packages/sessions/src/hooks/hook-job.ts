/** The long work that events bring. */
import type { Handoff, Session } from '@gobby/storage'
import type { Context } from '../context.js'
import { GobbyError } from '../errors.js'
import { makeHandoff } from '../handoff/handoff.js'
import { ingestSession } from '../ingest/ingest.js'

/**
 * Take in the transcript; make a handoff too; make one that the next prompt is given; or all that a session's end brings.
 * Every job may be done twice.
 */
export type HookJob = {
  session_id: string
  what: 'ingest' | 'handoff' | 'owed_handoff' | 'end'
  /** With `end`: the session that is given the handoff with its next prompt. */
  to?: string | undefined
  /** With `ingest`: the handoff that was given already for a compaction which the transcript tells of. */
  given?: string | undefined
}

/** Does the work of an event. A session that was deleted meanwhile has none. */
export async function runHookJob(ctx: Context, { session_id, what, to, given }: HookJob): Promise<void> {
  const session = await ctx.store.sessions.get(session_id)
  if (!session) return
  const fresh = await ingestSession(ctx, session)
  if (what === 'ingest') {
    if (given !== undefined && (await ctx.store.runs.get(session_id))?.owed_handoff_id === given) await ctx.store.runs.owe(session_id, null)
  } else if (what === 'end') {
    const handoff = await handoffOfEnd(ctx, fresh)
    const claimed = handoff && to !== undefined ? await ctx.store.handoffs.claim({ to, from: session_id, now: ctx.now().toISOString() }) : undefined
    if (claimed && to !== undefined) await ctx.store.runs.owe(to, claimed.handoff.id)
  } else {
    const handoff = await handoffByHook(ctx, fresh)
    if (handoff && what === 'owed_handoff') await ctx.store.runs.owe(session_id, handoff.id)
  }
}

/** The handoff of a session that has ended; unless it was marked as complete, or handed over already. */
export async function handoffOfEnd(ctx: Context, session: Session): Promise<Handoff | undefined> {
  if (session.stop_reason !== null) return undefined
  const run = await ctx.store.runs.get(session.id)
  return handoffByHook(ctx, session, run?.ended_at ?? undefined)
}

/**
 * The session's facts as they are now. Where somebody asked for a handoff that nobody received yet, it is that one,
 * brought up to date: with its notes, and still asked for.
 */
async function handoffByHook(ctx: Context, session: Session, unless_delivered_since?: string): Promise<Handoff | undefined> {
  const newest = (await ctx.store.handoffs.newest(session.id)) ?? null
  const asked = newest?.delivered_to === null && newest.made_by !== 'hook' ? newest : undefined
  try {
    const { handoff, overtaken } = await makeHandoff(ctx, session, asked?.made_by ?? 'hook', asked?.notes ?? null, { after: newest, unless_delivered_since })
    return overtaken ? handoffByHook(ctx, session, unless_delivered_since) : handoff
  } catch (error) {
    if (error instanceof GobbyError && error.code === 'nothing_to_hand_over') return undefined
    throw error
  }
}
