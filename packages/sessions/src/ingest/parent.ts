/** Where a session came from, as its transcript's first lines tell. */
import type { Relation, Session } from '@gobby/storage'
import type { Context } from '../context.js'
import type { Source, TranscriptHead } from '../sources/source.js'
import { headLines } from '../sources/transcript-file.js'
import { statTranscript } from './fingerprint.js'

/** The session that this one was forked from, or started as a sub-agent by, where it is stored. */
export async function parentOf(ctx: Context, source: Source, { parent, mark }: TranscriptHead): Promise<{ session: Session; relation: Relation } | undefined> {
  const { sessions } = ctx.store
  const session = parent ? await sessions.findByExternalId(source.name, parent.external_id) : mark ? await sessions.findByMark(source.name, mark) : undefined
  return session && { session, relation: parent?.relation ?? 'fork' }
}

/** The same of a transcript that may not be there yet, or be another session's. */
export async function parentIn(ctx: Context, source: Source, external_id: string, path: string): ReturnType<typeof parentOf> {
  const head = statTranscript(path) ? source.peek({ path, lines: headLines(path) }) : undefined
  return head?.external_id === external_id ? parentOf(ctx, source, head) : undefined
}

/** Links a session that was registered before its transcript was there; a parent that is set stays. */
export async function linkParent(ctx: Context, source: Source, session: Session, path: string): Promise<void> {
  if (session.parent_session_id !== null) return
  const found = await parentIn(ctx, source, session.external_id, path)
  if (found && found.session.id !== session.id) await ctx.store.sessions.setParent(session.id, found.session.id, found.relation)
}
