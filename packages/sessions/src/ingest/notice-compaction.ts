/** Notices a compaction that no event tells of: the transcript dropped most of what it held. */
import type { Session } from '@gobby/storage'
import type { Context } from '../context.js'
import type { Source } from '../sources/source.js'

/** A person's rewind drops a few messages; a compaction keeps the last third or less. */
const DROPPED = 0.4
const AT_LEAST = 4

/** What is to be compared after the read; undefined where an event tells. */
export async function beforeCompaction(ctx: Context, source: Source, session: Session): Promise<number | undefined> {
  return source.hooks?.compacts_silently && session.last_event !== null ? ctx.store.messages.superseded(session.id) : undefined
}

/** The next prompt is given the handoff that was made before. */
export async function noticeCompaction(ctx: Context, session: Session, superseded: number | undefined): Promise<void> {
  if (superseded === undefined) return
  const dropped = (await ctx.store.messages.superseded(session.id)) - superseded
  if (dropped < AT_LEAST || dropped < session.message_count * DROPPED) return
  const handoff = await ctx.store.handoffs.newest(session.id)
  if (handoff) await ctx.store.runs.owe(session.id, handoff.id)
}
