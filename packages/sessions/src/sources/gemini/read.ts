/**
 * From the file to steps. A history can change anywhere at every write (a message is replaced, a checkpoint replaces
 * all), so the file is read whole each time, twice: once to learn which lines make up the history, once to read those.
 */
import { open, readFile, type FileHandle } from 'node:fs/promises'
import type { SkippedLine } from '@gobby/storage'
import { isRecord } from '../normalise.js'
import { attempt, type Line, Lines, recordsOf } from '../read-records.js'
import { Draft, type ReadStep } from '../source.js'
import { chunksOf, headLines, type TranscriptFile } from '../transcript-file.js'
import { recordFrom } from './parts.js'
import { Replay, restored } from './replay.js'
import { Transcript, usageOf } from './transcript.js'

/** A file up to this size is held in memory as it was parsed; of a larger one only the places of its messages. */
const KEEP_BYTES = 8 << 20

/** Small enough that the garbage of a step is gone before the heap grows: a history is only bounded by its places. */
const STEP_BYTES = 512 << 10

/** Where a message stands: a line, which of its records, and which of that record's messages if it holds several. */
type Place = { offset: number; length: number; record: number; element: number | null; value?: unknown }

/** `offset` is 0 in all steps but the last, since nothing of a history is settled before its end. */
export async function* readTranscript(file: TranscriptFile, keepBytes = KEEP_BYTES): AsyncGenerator<ReadStep> {
  const replay = new Replay<Place>()
  const skipped: SkippedLine[] = []
  const end = isDocument(file.path)
    ? await scanDocument(file.path, replay, skipped)
    : await scanLog(file.path, replay, skipped, file.size <= keepBytes)

  const places = await Places.open(file.path)
  try {
    const transcript = new Transcript(replay.header)
    let draft = new Draft(0)
    let bytes = 0
    const step = (offset: number): ReadStep => {
      const { messages, amendments, usage } = draft
      const facts = transcript.facts
      draft = new Draft(draft.next_index)
      bytes = 0
      return { messages, amendments, usage, facts, skipped: skipped.splice(0), offset, parser_state: { compactions: replay.summaries.size } }
    }

    for (const [key, place] of replay.history) {
      const before = draft.messages.length
      const message = await places.message(place, replay.written.get(key))
      attempt(draft, () => transcript.message(message, draft, replay.summaries.has(key)))
      const { offset, length } = place
      for (const reason of draft.skips.splice(0)) skipped.push({ offset, length, reason })
      for (const { content, tool_input, tool_result } of draft.messages.slice(before)) {
        bytes += content.length + (tool_input?.length ?? 0) + (tool_result?.length ?? 0)
      }
      if (bytes >= STEP_BYTES) yield step(0)
    }
    // What a rewind or a compression took out of the history was paid for all the same.
    for (const [key, place] of replay.written) {
      if (replay.history.has(key)) continue
      const message = await places.read(place)
      const usage = isRecord(message) ? usageOf(message) : undefined
      if (usage) draft.usage.push(usage)
    }
    yield step(end)
  } finally {
    await places.close()
  }
}

/** The older form, one document over many lines. A document on one line reads like a log of one record. */
export function isDocument(path: string): boolean {
  for (const line of headLines(path)) {
    const text = line.replace(/^\uFEFF/, '').trim()
    if (text !== '') return text === '{'
  }
  return false
}

/** The bytes read: none when the CLI is just writing the document, so that what is stored of it stands. */
async function scanDocument(path: string, replay: Replay<Place>, skipped: SkippedLine[]): Promise<number> {
  const bytes = await readFile(path)
  const length = bytes.length
  const skip = (reason: string): void => void skipped.push({ offset: 0, length, reason })
  const document = recordFrom(bytes)
  if (document) replay.apply(document, (element, value) => ({ offset: 0, length, record: 0, element, value }), skip)
  else skip('not a whole JSON document')
  return document ? length : 0
}

/** Returns where the last whole line ends. */
async function scanLog(path: string, replay: Replay<Place>, skipped: SkippedLine[], keep: boolean): Promise<number> {
  let offset = 0
  for await (const { line, ended } of linesOf(path)) {
    const length = line.length + (ended ? 1 : 0)
    const at = offset
    const skip = (reason: string): void => void skipped.push({ offset: at, length, reason })
    const whole = ended ? undefined : recordFrom(line)
    const records = ended ? recordsOf(line, skip) : whole ? [whole] : []
    if (!ended && records.length === 0) return offset
    records.forEach((whole, record) => {
      const place = (element: number | null, value: unknown): Place =>
        keep ? { offset: at, length, record, element, value } : { offset: at, length, record, element }
      replay.apply(whole, place, skip)
    })
    offset += length
  }
  return offset
}

async function* linesOf(path: string): AsyncGenerator<Line> {
  const lines = new Lines()
  for await (const chunk of chunksOf(path)) yield* lines.in(chunk)
  const last = lines.rest()
  if (last) yield last
}

/** Reads messages again by their place. */
class Places {
  #handle: FileHandle
  /** Messages mostly stand one after the other, so each read takes what follows too, into the same memory. */
  #buffer = Buffer.allocUnsafe(1 << 20)
  #window = { offset: 0, bytes: Buffer.alloc(0) }
  /** All of a checkpoint's messages stand on one line, so its records are kept until another one is asked for. */
  #checkpoint: { offset: number; records: unknown[] } = { offset: -1, records: [] }

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  static async open(path: string): Promise<Places> {
    return new Places(await open(path, 'r'))
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  /** `own` is the line that the message once had to itself, if it had one. */
  async message(at: Place, own: Place | undefined): Promise<unknown> {
    const message = await this.read(at)
    const line = own && own !== at ? await this.read(own) : undefined
    return isRecord(message) && isRecord(line) ? restored(message, line) : message
  }

  async read(place: Place): Promise<unknown> {
    if ('value' in place) return place.value
    if (place.element === null) return (await this.#records(place))[place.record]
    if (this.#checkpoint.offset !== place.offset) this.#checkpoint = { offset: place.offset, records: await this.#records(place) }
    const record = this.#checkpoint.records[place.record]
    const holder = isRecord(record) && isRecord(record['$set']) ? record['$set'] : record
    const messages = isRecord(holder) ? holder['messages'] : undefined
    return Array.isArray(messages) ? messages[place.element] : undefined
  }

  async #records({ offset, length }: Place): Promise<unknown[]> {
    if (offset < this.#window.offset || offset + length > this.#window.offset + this.#window.bytes.length) {
      if (this.#buffer.length < length) this.#buffer = Buffer.allocUnsafe(length)
      const { bytesRead } = await this.#handle.read(this.#buffer, 0, this.#buffer.length, offset)
      this.#window = { offset, bytes: this.#buffer.subarray(0, bytesRead) }
    }
    const start = offset - this.#window.offset
    const line = this.#window.bytes.subarray(start, start + length)
    return recordsOf(line.at(-1) === 10 ? line.subarray(0, -1) : line, () => undefined)
  }
}
