/**
 * The history that an event log of the Gemini CLI describes. Pure, and knows nothing of files: what it keeps of a
 * message is only its place `P`, so that a log of any size fits in memory.
 */
import { isRecord, textOf } from '../normalise.js'
import { partsOf, recordsIn } from './parts.js'

/** What the log says about the session. */
export type Header = {
  started_at?: string
  last_updated?: string
  kind?: string
  summary?: string
}

const KNOWN_FIELDS = new Set([
  'sessionId', 'projectHash', 'startTime', 'lastUpdated', 'kind', 'summary', 'directories', 'memoryScratchpad', 'messages',
])

/** Tells where the record stands, or one of the messages inside it. */
type PlaceOf<P> = (element: number | null, value: unknown) => P

export class Replay<P> {
  readonly header: Header = {}
  /** A replaced message stays where its first version stood, as a Map does and the CLI relies on. */
  readonly history = new Map<string, P>()
  /**
   * The last line that each message had to itself, those included that a checkpoint or a rewind removed. A checkpoint
   * made after a resume has lost the model, tokens, thoughts, tool calls and times, and only this line still has them.
   */
  readonly written = new Map<string, P>()

  apply(record: unknown, placeOf: PlaceOf<P>, skip: (reason: string) => void): void {
    if (!isRecord(record)) return skip('not an object')
    if (typeof record['$rewindTo'] === 'string') return this.#rewind(record['$rewindTo'])
    if (typeof record['id'] === 'string') return this.#write(keyOf(record), placeOf(null, record))
    if (isRecord(record['$set'])) return this.#set(record['$set'], placeOf, skip)
    if (typeof record['sessionId'] === 'string') return this.#describe(record, placeOf, skip)
    const event = Object.keys(record).find((name) => name.startsWith('$'))
    skip(event ? `unknown event ${event.slice(0, 40)}` : 'unknown record')
  }

  #write(key: string, place: P): void {
    this.written.set(key, place)
    this.history.set(key, place)
  }

  #set(fields: Record<string, unknown>, placeOf: PlaceOf<P>, skip: (reason: string) => void): void {
    this.#merge(fields, skip)
    if (!Array.isArray(fields['messages'])) return
    this.history.clear()
    fields['messages'].forEach((message: unknown, element) => {
      if (!isRecord(message) || typeof message['id'] !== 'string') return skip('message without an id')
      this.history.set(keyOf(message), placeOf(element, message))
    })
  }

  /** The header line, which is the whole document in the older form. A resume writes it again. */
  #describe(record: Record<string, unknown>, placeOf: PlaceOf<P>, skip: (reason: string) => void): void {
    this.#merge(record, undefined)
    if (!Array.isArray(record['messages'])) return
    record['messages'].forEach((message: unknown, element) => {
      if (!isRecord(message)) return skip('message that is not an object')
      const key = keyOf(message)
      this.#write(typeof message['id'] === 'string' ? key : `${key}#${element}`, placeOf(element, message))
    })
  }

  #rewind(id: string): void {
    let found = false
    for (const key of this.history.keys()) {
      if (idOf(key) === id) found = true
      if (found) this.history.delete(key)
    }
    // The CLI reads an id it does not know as "from the very beginning".
    if (!found) this.history.clear()
  }

  #merge(fields: Record<string, unknown>, skip: ((reason: string) => void) | undefined): void {
    const { header } = this
    header.started_at ??= textOf(fields['startTime'])
    header.last_updated = textOf(fields['lastUpdated']) ?? header.last_updated
    header.kind = textOf(fields['kind']) ?? header.kind
    header.summary = textOf(fields['summary']) ?? header.summary
    const unknown = skip && Object.keys(fields).find((name) => !KNOWN_FIELDS.has(name))
    if (unknown) skip(`unknown field $set.${unknown.slice(0, 40)}`)
  }
}

/** A message and the user message that answers it may share an id. */
function keyOf(message: Record<string, unknown>): string {
  return `${textOf(message['type']) ?? ''}\n${textOf(message['id']) ?? ''}`
}

function idOf(key: string): string {
  return key.slice(key.indexOf('\n') + 1)
}

/**
 * A message of a checkpoint with what its own line still knows. The own line wins, times and results included: the
 * checkpoint carries the time of the resume, and may have outputs masked to save context.
 */
export function restored(kept: Record<string, unknown>, own: Record<string, unknown>): Record<string, unknown> {
  const calls = own['toolCalls']
  // The CLI writes a message before its calls have ended; killed in between, only the checkpoint has the calls.
  const onlyKept = recordsIn(partsOf(kept['content']), 'functionCall').length > 0 && !(Array.isArray(calls) && calls.length > 0)
  return { ...kept, ...own, content: onlyKept ? kept['content'] : own['content'] }
}
