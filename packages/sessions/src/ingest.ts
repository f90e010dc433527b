/** Brings a session's stored messages up to its transcript. */
import type { IngestBatch, IngestState, NewSession, Session, StoredIngestState } from '@gobby/storage'
import { linkReportedCommits } from './commit-links.js'
import { mayCommit } from './commit-output.js'
import type { Context } from './context.js'
import { fingerprint, statTranscript } from './fingerprint.js'
import { revive } from './lifecycle.js'
import { sourceNamed } from './sources/index.js'
import type { ReadStep, Resume, Source } from './sources/source.js'
import { isCompressed, type TranscriptFile } from './sources/transcript-file.js'

export type IngestReport = {
  session: Session
  outcome: 'created' | 'updated' | 'unchanged'
  /** Messages added. */
  messages: number
  /** Lines passed over in what was read now, by reason. */
  skipped: Record<string, number>
}

/** How many skipped lines are kept with their place. */
const SKIPPED_PLACES = 100

/** Takes in what one stored session's transcript has gained. A file that is gone, or cannot be read, changes nothing. */
export async function ingestSession(ctx: Context, session: Session): Promise<Session> {
  const source = sourceNamed(session.source)
  const file = session.transcript_path ? safely(() => statTranscript(session.transcript_path as string)) : undefined
  if (!source || !file) return session
  const state = await ctx.store.ingest.state(session.id)
  if (state && isAt(state, file, source)) return session
  const report = await ingestTranscript(ctx, source, file, session)
  return report.session
}

/** Whether the stored messages are up to the file, as far as can be told without opening it. */
export function isAt(state: Pick<StoredIngestState, 'size' | 'mtime_ms' | 'inode' | 'parser_version'>, file: TranscriptFile, source: Source): boolean {
  return state.size === file.size && state.mtime_ms === file.mtime_ms && state.inode === file.inode && state.parser_version === source.parser_version
}

/**
 * Reads a transcript from where the last read ended, or from its start when it is new, was rewritten, or another
 * parser read it. Each step is one transaction, so a reader killed at any moment loses nothing and doubles nothing.
 *
 * @param session the stored session, or what to register once the transcript shows a prompt or an answer
 * @returns undefined when a new transcript holds neither
 */
export async function ingestTranscript(ctx: Context, source: Source, file: TranscriptFile, session: Session): Promise<IngestReport>
export async function ingestTranscript(ctx: Context, source: Source, file: TranscriptFile, session: NewSession): Promise<IngestReport | undefined>
export async function ingestTranscript(ctx: Context, source: Source, file: TranscriptFile, session: Session | NewSession): Promise<IngestReport | undefined> {
  const { store } = ctx
  const state = 'id' in session ? await store.ingest.state(session.id) : undefined
  const started = state !== undefined && (state.next_index > 0 || state.byte_offset > 0 || state.generation > 0)
  const appended = started && !source.rereads && onlyGrew(state, file, source)
  if (appended && state.byte_offset === file.size && 'id' in session) {
    await store.ingest.touch(session.id, file)
    return { session, outcome: 'unchanged', messages: 0, skipped: {} }
  }
  const resume: Resume | undefined = appended ? { offset: state.byte_offset, next_index: state.next_index, parser_state: state.parser_state } : undefined
  const run = new Run(ctx, source, file, appended ? state : undefined)
  const held: ReadStep[] = []
  let target = 'id' in session ? session : undefined
  let created = false
  for await (const step of source.read(file, resume)) {
    // A document caught while it is being written: nothing is known of it now, the next read will tell.
    if (source.rereads && !run.began && isTorn(step)) return target && { session: target, outcome: 'unchanged', messages: 0, skipped: {} }
    held.push(step)
    if (!target) {
      if (!held.some(showsSession) && held.length < 8) continue
      ;({ session: target, created } = await store.sessions.register(session as NewSession, ctx.now().toISOString()))
    }
    if (!run.began) await run.begin(target, started && !appended, source.rereads === true)
    for (const ready of held.splice(0)) if (!(await run.take(ready))) return { session: target, outcome: 'unchanged', messages: 0, skipped: {} }
  }
  if (!target) return undefined
  await run.finish()
  const after = (await store.sessions.get(target.id)) ?? target
  await revive(ctx, after)
  if (run.commits) await linkReportedCommits(ctx, after)
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

/** One read of one transcript, step by step. */
class Run {
  began = false
  changed = false
  /** Whether a command was read that may have made a commit. */
  commits = false
  skipped: Record<string, number> = {}
  #session_id = ''
  #generation = 0
  #rereading = false
  #place: { byte_offset: number; next_index: number }
  #reasons: Record<string, number>
  #places: IngestState['skipped_at']
  #last: ReadStep | undefined
  readonly #ctx: Context
  readonly #source: Source
  readonly #file: TranscriptFile

  constructor(ctx: Context, source: Source, file: TranscriptFile, state: StoredIngestState | undefined) {
    this.#ctx = ctx
    this.#source = source
    this.#file = file
    this.#place = { byte_offset: state?.byte_offset ?? 0, next_index: state?.next_index ?? 0 }
    this.#generation = state?.generation ?? 0
    this.#reasons = { ...state?.skipped_reasons }
    this.#places = [...(state?.skipped_at ?? [])]
  }

  async begin(session: Session, rewritten: boolean, rereads: boolean): Promise<void> {
    this.began = true
    this.#session_id = session.id
    this.#rereading = rewritten || rereads
    if (this.#rereading) this.#generation = await this.#ctx.store.ingest.beginReread(session.id, this.#now())
  }

  /** @returns false when another process reads the same transcript: what it writes stands */
  async take(step: ReadStep): Promise<boolean> {
    for (const line of step.skipped) {
      this.skipped[line.reason] = (this.skipped[line.reason] ?? 0) + 1
      this.#reasons[line.reason] = (this.#reasons[line.reason] ?? 0) + 1
      if (this.#places.length < SKIPPED_PLACES) this.#places.push(line)
    }
    const { messages, amendments, usage, facts } = step
    const batch: IngestBatch = {
      session_id: this.#session_id,
      expected: { byte_offset: this.#place.byte_offset, generation: this.#generation },
      first_index: this.#place.next_index,
      messages,
      amendments,
      usage,
      facts,
      state: this.#state(step),
      now: this.#now(),
    }
    const written = this.#rereading ? await this.#ctx.store.ingest.appendReread(batch) : await this.#ctx.store.ingest.append(batch)
    this.#place = { byte_offset: step.offset, next_index: this.#place.next_index + messages.length }
    this.#last = step
    if (messages.length > 0) this.changed = true
    this.commits ||= messages.some(({ tool_input }) => tool_input !== null && tool_input.length < 20_000 && mayCommit(tool_input))
    return written
  }

  async finish(): Promise<void> {
    if (!this.#rereading || !this.#last) return
    const { next_index } = this.#place
    await this.#ctx.store.ingest.finishReread({
      session_id: this.#session_id,
      generation: this.#generation,
      next_index,
      state: this.#state(this.#last),
      now: this.#now(),
    })
  }

  #state(step: ReadStep): IngestState {
    const { path, size, mtime_ms, inode } = this.#file
    return {
      path,
      byte_offset: step.offset,
      size,
      mtime_ms,
      inode,
      // In a compressed file the offset is not a place on the disk; such a file is always read again.
      ...(isCompressed(path) ? { head_hash: '', tail_hash: '' } : fingerprint(path, step.offset)),
      parser_version: this.#source.parser_version,
      parser_state: step.parser_state,
      skipped_reasons: this.#reasons,
      skipped_at: this.#places,
    }
  }

  #now(): string {
    return this.#ctx.now().toISOString()
  }
}

/** Undefined where the file system refuses. */
function safely<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
