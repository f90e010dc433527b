/**
 * The history that an event log of the Gemini CLI describes. Pure, and knows nothing of files: what it keeps of a
 * message is only its place `P`, so that a log of any size fits in memory.
 */
import { createHash } from 'node:crypto'
import { isRecord, textOf } from '../normalise.js'
import { partsOf, recordsIn, textIn } from './parts.js'

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
   * The last line that each message had to itself, those included that a rewind removed. A checkpoint made after a
   * resume has lost the model, tokens, thoughts, tool calls and times, and only this line still has them.
   */
  readonly written = new Map<string, P>()
  /** Messages of type `user` that hold the summary of a compression. */
  readonly summaries = new Set<string>()
  /** What each written message says, as a hash. */
  readonly #sayings = new Map<string, string>()

  apply(record: unknown, placeOf: PlaceOf<P>, skip: (reason: string) => void): void {
    if (!isRecord(record)) return skip('not an object')
    if (typeof record['$rewindTo'] === 'string') return this.#rewind(record['$rewindTo'])
    if (typeof record['id'] === 'string') return this.#write(keyOf(record), placeOf(null, record), record)
    if (isRecord(record['$set'])) return this.#set(record['$set'], placeOf, skip)
    if (typeof record['sessionId'] === 'string') return this.#describe(record, placeOf, skip)
    const event = Object.keys(record).find((name) => name.startsWith('$'))
    skip(event ? `unknown event ${event.slice(0, 40)}` : 'unknown record')
  }

  #write(key: string, place: P, message: Record<string, unknown>): void {
    this.#sayings.set(key, sayingOf(message))
    this.written.set(key, place)
    this.history.set(key, place)
  }

  #set(fields: Record<string, unknown>, placeOf: PlaceOf<P>, skip: (reason: string) => void): void {
    this.#merge(fields, skip)
    if (!Array.isArray(fields['messages'])) return
    const messages: unknown[] = fields['messages']
    const now = new Map<string, P>()
    messages.forEach((message: unknown, element) => {
      if (!isRecord(message) || typeof message['id'] !== 'string') return skip('message without an id')
      now.set(keyOf(message), placeOf(element, message))
    })
    const isLeftOut = (key: string): boolean => !now.has(key) && this.written.has(key)
    const leftOut = [...this.history.keys()].filter(isLeftOut)
    if (leftOut.length > 0) this.#dropRepeated(messages.filter(isRecord), leftOut, now)
    this.#replace(new Map(this.history), isLeftOut, now)
  }

  /** A compression says its last messages again, under new ids, behind a summary of the rest. */
  #dropRepeated(messages: Record<string, unknown>[], leftOut: string[], now: Map<string, P>): void {
    const sayings = leftOut.map((key) => `${typeOf(key)} ${this.#sayings.get(key) ?? ''}`)
    const seen = new Set<string>()
    for (const [at, message] of [...messages.entries()].reverse()) {
      const key = keyOf(message)
      // Of a message that it holds twice, the last counts.
      if (seen.has(key) || this.written.has(key) || this.history.has(key)) continue
      seen.add(key)
      const twin = sayings.lastIndexOf(`${typeOf(key)} ${sayingOf(message)}`)
      if (twin >= 0) {
        sayings.splice(twin, 1)
        now.delete(key)
      } else if (typeOf(key) === 'user' && textIn(partsOf(messages[at + 1]?.['content'])).startsWith(ACKNOWLEDGED)) this.summaries.add(key)
    }
  }

  /**
   * A checkpoint holds what the model is to see from now on: a compression leaves out what it sums up, a resume every
   * prompt that begins with what a hook added. What had a line of its own was said all the same, and keeps its place.
   */
  #replace(before: Map<string, P>, isLeftOut: (key: string) => boolean, now: Map<string, P>): void {
    const following = new Map<string | undefined, [string, P][]>([[undefined, []]])
    let group = following.get(undefined)
    for (const [key, place] of before) {
      if (now.has(key)) following.set(key, (group = []))
      else if (isLeftOut(key)) group?.push([key, place])
    }
    this.history.clear()
    for (const [key, place] of following.get(undefined) ?? []) this.history.set(key, place)
    for (const [key, place] of now) {
      this.history.set(key, place)
      for (const [left, at] of following.get(key) ?? []) this.history.set(left, at)
    }
  }

  /** The header line, which is the whole document in the older form. A resume writes it again. */
  #describe(record: Record<string, unknown>, placeOf: PlaceOf<P>, skip: (reason: string) => void): void {
    this.#merge(record, undefined)
    if (!Array.isArray(record['messages'])) return
    record['messages'].forEach((message: unknown, element) => {
      if (!isRecord(message)) return skip('message that is not an object')
      const key = keyOf(message)
      this.#write(typeof message['id'] === 'string' ? key : `${key}#${element}`, placeOf(element, message), message)
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

/** How the CLI has the model answer the summary of a compression. */
const ACKNOWLEDGED = 'Got it. Thanks for the additional context'

/** The same for a message's own line and for what a checkpoint makes of it. */
function sayingOf(message: Record<string, unknown>): string {
  const parts = partsOf(message['content'])
  const calls = Array.isArray(message['toolCalls']) ? message['toolCalls'].filter(isRecord) : recordsIn(parts, 'functionCall')
  const ids = [...calls, ...recordsIn(parts, 'functionResponse')].map((part) => textOf(part['id']) ?? '')
  return createHash('sha1').update(`${textIn(parts).trim()}\n${ids.sort().join(' ')}`).digest('base64')
}

const typeOf = (key: string): string => key.slice(0, key.indexOf('\n'))

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
