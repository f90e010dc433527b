/** Turns the bytes of a transcript of lines into records, and says where each line that is none stands. */
import { isUtf8 } from 'node:buffer'
import type { SkippedLine } from '@gobby/storage'
import { Draft, type LineParser, type ReadStep, type Resume } from './source.js'
import { chunksOf, type TranscriptFile } from './transcript-file.js'

/** About as much transcript as one transaction takes in well under 200 ms. */
export const STEP_BYTES = 2 << 20

/**
 * Reads a file of JSON lines from `resume` to its end. Lines end with 0x0A and nothing else (JSON may hold a raw
 * U+2028). A last line without an end is taken when it is a whole record (some writers never end it); else it waits,
 * and no offset moves past it.
 */
export async function* readRecords(
  file: TranscriptFile,
  resume: Resume | undefined,
  parser: LineParser,
): AsyncGenerator<ReadStep> {
  let offset = resume?.offset ?? 0
  let draft = new Draft(resume?.next_index ?? 0)
  let skipped: SkippedLine[] = []
  let stepStart = offset
  const step = (): ReadStep => {
    parser.endStep?.(draft)
    const { messages, amendments, usage, facts } = draft
    const done = { messages, amendments, usage, facts, skipped, offset, parser_state: parser.save() }
    draft = new Draft(draft.next_index)
    skipped = []
    stepStart = offset
    return done
  }

  const take = ({ line, ended }: Line): boolean => {
    const values = ended ? recordsOf(line, (reason) => draft.skip(reason)) : wholeRecord(line)
    if (values.length === 0 && !ended) return false
    for (const value of values) attempt(draft, () => parser.record(value, draft))
    const length = line.length + (ended ? 1 : 0)
    for (const reason of draft.skips.splice(0)) skipped.push({ offset, length, reason })
    offset += length
    return true
  }
  const lines = new Lines()
  for await (const chunk of chunksOf(file.path, offset)) {
    for (const line of lines.in(chunk)) if (take(line) && offset - stepStart >= STEP_BYTES) yield step()
  }
  const last = lines.rest()
  if (last) take(last)
  if (offset > stepStart || resume === undefined) yield step()
}

/** A line without its end. Only the last one of a file may have none (`ended: false`). */
export type Line = { line: Buffer; ended: boolean }

/** Cuts chunks into lines; a line that goes on in the next chunk waits for it. */
export class Lines {
  #pending: Buffer[] = []

  /** What stands after the last line end. */
  rest(): Line | undefined {
    return this.#pending.length > 0 ? { line: Buffer.concat(this.#pending), ended: false } : undefined
  }

  *in(chunk: Buffer): Generator<Line> {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = chunk.subarray(start, end)
      yield { line: this.#pending.length > 0 ? Buffer.concat([...this.#pending.splice(0), line]) : line, ended: true }
      start = end + 1
    }
    if (start < chunk.length) this.#pending.push(Buffer.from(chunk.subarray(start)))
  }
}

/** A record may nest deeper than any stack reaches; all else that a parser throws is a defect of ours. */
export function attempt(draft: Draft, read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    draft.skip('nested too deeply')
  }
}

function wholeRecord(line: Buffer): unknown[] {
  const value = parse(line.toString('utf8'))
  return typeof value === 'object' && value !== null ? [value] : []
}

/** The records of one line: one as a rule, several where a writer lost the line end between them. */
export function recordsOf(bytes: Buffer, skip: (reason: string) => void): unknown[] {
  let start = 0
  let end = bytes.length
  if (end >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) start = 3
  // A run of NULs is a block that was never written before a crash.
  while (start < end && bytes[start] === 0) start++
  while (end > start && (bytes[end - 1] === 13 || bytes[end - 1] === 0)) end--
  if (start === end) {
    if (bytes.includes(0)) skip('NUL bytes')
    return []
  }
  const text = bytes.toString('utf8', start, end)
  if (!isUtf8(bytes)) skip('invalid UTF-8, replaced')
  try {
    return [JSON.parse(text)]
  } catch {
    return repaired(text, skip)
  }
}

/** Repairs cost a parse for each try, so only lines and tries of a sane number get them. */
const REPAIR_LIMIT = { characters: 8 << 20, tries: 20 }

function repaired(text: string, skip: (reason: string) => void): unknown[] {
  if (text.trim() === '') return []
  if (text.length > REPAIR_LIMIT.characters) {
    skip('not JSON')
    return []
  }
  const glued = split(text)
  if (glued) return glued
  // A record cut off in the middle, with a whole one written behind it.
  for (const start of starts(text)) {
    const value = parse(text.slice(start))
    if (value !== undefined) {
      skip('cut-off record')
      return [value]
    }
  }
  skip('not JSON')
  return []
}

/** Splits records that stand on one line without a separator; undefined unless every part is whole. */
function split(text: string): unknown[] | undefined {
  const values: unknown[] = []
  let from = 0
  let tries = 0
  for (let at = text.indexOf('}{'); at >= 0 && tries < REPAIR_LIMIT.tries; at = text.indexOf('}{', at + 1), tries++) {
    const value = parse(text.slice(from, at + 1))
    if (value === undefined) continue
    values.push(value)
    from = at + 1
  }
  const last = from > 0 ? parse(text.slice(from)) : undefined
  return last === undefined ? undefined : [...values, last]
}

const RECORD_STARTS = ['{"parentUuid"', '{"type"', '{"timestamp"', '{"id"']

/** Where a record may begin inside a line, the last first; at most a few tries, so that a huge line costs no more. */
function starts(text: string): number[] {
  return RECORD_STARTS.map((key) => text.lastIndexOf(key))
    .filter((at) => at > 0)
    .sort((a, b) => a - b)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
