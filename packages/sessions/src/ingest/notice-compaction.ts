/** Notices a compaction that no event tells of: the transcript tells of it, or dropped most of what it held. */
import type { Session } from '@gobby/storage'
import type { Context } from '../context.js'
import type { Source } from '../sources/source.js'

/** A person's rewind drops a few messages; a compaction keeps the last third or less. */
const DROPPED = 0.4
const AT_LEAST = 4

type Before = { superseded: number; compactions: number | undefined }

/** What is to be compared after the read; undefined where an event tells. */
export async function beforeCompaction(ctx: Context, source: Source, session: Session): Promise<Before | undefined> {
  if (!source.hooks?.compacts_silently || session.last_event === null) return undefined
  return { superseded: await ctx.store.messages.superseded(session.id), compactions: await compactionsOf(ctx, source, session) }
}

/** The next prompt is given the handoff that was made before. */
export async function noticeCompaction(ctx: Context, source: Source, session: Session, before: Before | undefined): Promise<void> {
  if (before === undefined) return
  const told = before.compactions !== undefined && ((await compactionsOf(ctx, source, session)) ?? 0) > before.compactions
  const dropped = (await ctx.store.messages.superseded(session.id)) - before.superseded
  if (!told && (dropped < AT_LEAST || dropped < session.message_count * DROPPED)) return
  const handoff = await ctx.store.handoffs.newest(session.id)
  if (handoff) await ctx.store.runs.owe(session.id, handoff.id)
}

async function compactionsOf(ctx: Context, source: Source, session: Session): Promise<number | undefined> {
  return source.hooks?.compactions?.((await ctx.store.ingest.state(session.id))?.parser_state)
}
