/** Brings a session's stored messages up to its transcript. */
import { setImmediate } from 'node:timers/promises'
import type { NewSession, Session, StoredIngestState } from '@gobby/storage'
import type { Context } from '../context.js'
import { refusalOf } from './file-errors.js'
import { fingerprint, statTranscript } from './fingerprint.js'
import { IngestRun } from './ingest-run.js'
import { revive } from '../lifecycle.js'
import { beforeCompaction, noticeCompaction } from './notice-compaction.js'
import { linkParent } from './parent.js'
import { sourceNamed } from '../sources/index.js'
import type { ReadStep, Resume, Source } from '../sources/source.js'
import { isCompressed, type TranscriptFile } from '../sources/transcript-file.js'

/** What one read of one transcript brought. */
export type IngestReport = {
  session: Session
  outcome: 'created' | 'updated' | 'unchanged'
  /** Messages added. */
  messages: number
  /** Lines passed over in what was read now, by reason. */
  skipped: Record<string, number>
}

/** Told of each step that was read, for progress. */
type OnStep = (step: Pick<ReadStep, 'offset'>) => void

/** Takes in what one stored session's transcript has gained. A file that is gone, or cannot be read, changes nothing. */
export async function ingestSession(ctx: Context, session: Session): Promise<Session> {
  const source = sourceNamed(session.source)
  const file = session.transcript_path ? safely(() => statTranscript(session.transcript_path as string)) : undefined
  if (!source || !file) return session
  const state = await ctx.store.ingest.state(session.id)
  if (state && isAt(state, file, source)) return session
  try {
    return (await ingestTranscript(ctx, source, file, session)).session
  } catch (error) {
    if (refusalOf(error) === undefined) throw error
    return session
  }
}

/** Whether the stored messages are up to the file, as far as can be told without opening it. */
export function isAt(state: Pick<StoredIngestState, 'size' | 'mtime_ms' | 'inode' | 'parser_version'>, file: TranscriptFile, source: Source): boolean {
  return state.size === file.size && state.mtime_ms === file.mtime_ms && state.inode === file.inode && state.parser_version === source.parser_version
}

/**
 * Reads a transcript from where the last read ended, or from its start when it is new, was rewritten, or another
 * parser read it. Each step is one transaction, so a reader killed at any moment loses nothing and doubles nothing.
 *
 * @param session the stored session, or what to register once the transcript shows a prompt or an answer; asked for
 *   only then, since the file may have grown meanwhile
 * @returns undefined when a new transcript holds neither
 */
export async function ingestTranscript(ctx: Context, source: Source, file: TranscriptFile, session: Session, onStep?: OnStep): Promise<IngestReport>
export async function ingestTranscript(ctx: Context, source: Source, file: TranscriptFile, session: () => Promise<NewSession>, onStep?: OnStep): Promise<IngestReport | undefined>
export async function ingestTranscript(ctx: Context, source: Source, file: TranscriptFile, session: Session | (() => Promise<NewSession>), onStep: OnStep = () => {}): Promise<IngestReport | undefined> {
  const { store } = ctx
  const known = typeof session === 'function' ? undefined : session
  const state = known && (await store.ingest.state(known.id))
  const started = state !== undefined && (state.next_index > 0 || state.byte_offset > 0 || state.generation > 0)
  const appended = started && !source.rereads && onlyGrew(state, file, source)
  if (known && appended && state.byte_offset === file.size) {
    await store.ingest.touch(known.id, file)
    return { session: known, outcome: 'unchanged', messages: 0, skipped: {} }
  }
  const resume: Resume | undefined = appended ? { offset: state.byte_offset, next_index: state.next_index, parser_state: state.parser_state } : undefined
  const run = new IngestRun(ctx, source, file, appended ? state : undefined)
  if (known && !started) await linkParent(ctx, source, known, file.path)
  const before = known && (await beforeCompaction(ctx, source, known))
  const elsewhere = (stored: Session): IngestReport => ({ session: stored, outcome: 'unchanged', messages: 0, skipped: {} })
  /** Steps read and not written yet: before a new session shows itself, all; then the one that may be the last. */
  const held: ReadStep[] = []
  let target = known
  let created = false
  for await (const step of source.read(file, resume)) {
    // A document caught while it is being written: nothing is known of it now, the next read will tell.
    if (source.rereads && !run.began && isTorn(step)) return target && elsewhere(target)
    held.push(step)
    onStep(step)
    if (!target) {
      if (typeof session !== 'function' || (!held.some(showsSession) && held.length < 8)) continue
      ;({ session: target, created } = await store.sessions.register(await session(), ctx.now().toISOString()))
    }
    if (!run.began) await run.begin(target, started && !appended, source.rereads === true)
    for (const ready of held.splice(0, held.length - 1)) if (!(await run.take(ready, false))) return elsewhere(target)
    // Signals and progress are heard between two steps.
    await setImmediate()
  }
  if (!target) return undefined
  for (const [i, ready] of held.entries()) if (!(await run.take(ready, i === held.length - 1))) return elsewhere(target)
  await run.finish()
  if (known) await noticeCompaction(ctx, source, known, before)
  const after = (await store.sessions.get(target.id)) ?? target
  await revive(ctx, after)
  const messages = Math.max(0, after.message_count - target.message_count)
  return { session: after, outcome: created ? 'created' : run.changed ? 'updated' : 'unchanged', messages, skipped: run.skipped }
}

function showsSession(step: ReadStep): boolean {
  return step.messages.some(({ role, content_type }) => role === 'assistant' || (role === 'user' && content_type === 'text'))
}

function isTorn(step: ReadStep): boolean {
  return step.offset === 0 && step.messages.length === 0 && step.skipped.length > 0
}

function onlyGrew(state: StoredIngestState, file: TranscriptFile, source: Source): boolean {
  if (isCompressed(file.path) || state.parser_version !== source.parser_version || file.size < state.byte_offset) return false
  if (state.inode !== 0 && state.inode !== file.inode) return false
  const now = fingerprint(file.path, state.byte_offset)
  return now.head_hash === state.head_hash && now.tail_hash === state.tail_hash
}

/** Undefined where the file system refuses. */
function safely<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
