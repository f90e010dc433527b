/** One read of one transcript into the store, step by step. */
import type { IngestBatch, IngestState, Session, StoredIngestState } from '@gobby/storage'
import { CommitLinks } from './commit-links.js'
import type { Context } from '../context.js'
import { fingerprint } from './fingerprint.js'
import type { ReadStep, Source } from '../sources/source.js'
import { isCompressed, type TranscriptFile } from '../sources/transcript-file.js'

/** How many skipped lines are kept with their place. */
const SKIPPED_PLACES = 100

export class IngestRun {
  began = false
  changed = false
  skipped: Record<string, number> = {}
  #session_id = ''
  #generation = 0
  #rereading = false
  #place: { byte_offset: number; next_index: number }
  #reasons: Record<string, number>
  #places: IngestState['skipped_at']
  #last: ReadStep | undefined
  readonly #commits: CommitLinks
  readonly #ctx: Context
  readonly #source: Source
  readonly #file: TranscriptFile

  constructor(ctx: Context, source: Source, file: TranscriptFile, state: StoredIngestState | undefined) {
    this.#ctx = ctx
    this.#source = source
    this.#commits = new CommitLinks(source)
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

  /**
   * @param last whether the transcript ends with this step: only then is the session known to be up to the file
   * @returns false when another process reads the same transcript: what it writes stands
   */
  async take(step: ReadStep, last: boolean): Promise<boolean> {
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
      state: this.#state(step, last),
      now: this.#now(),
    }
    const written = this.#rereading ? await this.#ctx.store.ingest.appendReread(batch) : await this.#ctx.store.ingest.append(batch)
    this.#place = { byte_offset: step.offset, next_index: this.#place.next_index + messages.length }
    this.#last = step
    if (messages.length > 0) this.changed = true
    this.#commits.see(messages)
    return written
  }

  async finish(): Promise<void> {
    if (this.began) await this.#commits.save(this.#ctx, { id: this.#session_id })
    if (!this.#rereading || !this.#last) return
    const { next_index } = this.#place
    await this.#ctx.store.ingest.finishReread({
      session_id: this.#session_id,
      generation: this.#generation,
      next_index,
      state: this.#state(this.#last, true),
      now: this.#now(),
    })
  }

  #state(step: ReadStep, last: boolean): IngestState {
    const { path, size, mtime_ms, inode } = this.#file
    return {
      path,
      byte_offset: step.offset,
      // A read that is cut off must not look like one that reached the end.
      size: last ? size : -1,
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
