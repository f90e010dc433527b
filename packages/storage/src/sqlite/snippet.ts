/** The place of a message that shows best why it was found. */
import { fold, readable } from './search-fold.js'
import type { Term } from './search-query.js'
import { partsOf, Tokens } from './search-tokens.js'

/** Around what matched. Control characters, which are taken out of the text before, so they stand for nothing else. */
export const MARK_START = '\u0002'
/** See {@link MARK_START}. */
export const MARK_END = '\u0003'

type Hit = { from: number; to: number; term: number }

const AROUND = 160
const MAX_SCAN = 512 * 1024
const SCANNED_TAIL = 32 * 1024
/** Characters that may be read ahead for phrases, in all: a text of one repeated word would be read once per word. */
const MAX_AHEAD = 256 * 1024

/**
 * About `around` characters (160) of the text, where the most terms meet: blanks folded, cut at word borders, `…` at a
 * cut end, every match between `MARK_START` and `MARK_END`.
 */
export function snippet(text: string, terms: Term[], options: { around?: number } = {}): { snippet: string } {
  const around = options.around ?? AROUND
  const plain = readable(text)
  const hits = findHits(plain, terms, around)
  const core = bestPlace(hits, around)
  const reach = around * 4
  const from = Math.max(0, core.from - reach)
  const to = Math.min(plain.length, Math.min(core.to, core.from + reach) + reach)
  return { snippet: render(plain, { from, to }, core, hits, around) }
}

function findHits(text: string, terms: Term[], around: number): Hit[] {
  const hits: Hit[] = []
  const search = new HitSearch(text, terms)
  const head = text.length <= MAX_SCAN ? text.length : MAX_SCAN - SCANNED_TAIL
  if (!search.collect(hits, 0, head, around) && head < text.length) search.collect(hits, text.length - SCANNED_TAIL, text.length, around)
  return hits.sort((a, b) => a.from - b.from || b.to - a.to)
}

class HitSearch {
  private readonly text: string
  private readonly terms: Term[]
  private ahead = MAX_AHEAD
  /** First characters that can begin a match; most words are passed over by this alone. */
  private readonly initials = new Uint8Array(128)
  private readonly byFirst = new Map<string, number[]>()
  private readonly prefixes: number[] = []

  constructor(text: string, terms: Term[]) {
    this.text = text
    this.terms = terms
    for (const [index, { tokens, prefix }] of terms.entries()) {
      const first = tokens[0] ?? ''
      if (first === '') continue
      if (prefix && tokens.length === 1) this.prefixes.push(index)
      else this.byFirst.set(first, [...(this.byFirst.get(first) ?? []), index])
      for (const letter of [first.charAt(0), first.charAt(0).toUpperCase()]) if (letter < '\x80') this.initials[letter.charCodeAt(0)] = 1
    }
    // Names that stand in the index under another word.
    for (const letter of '.cCfF') this.initials[letter.charCodeAt(0)] = 1
  }

  /** Adds the hits between two places; true when a place where all terms meet was found, and passed. */
  collect(hits: Hit[], start: number, end: number, around: number): boolean {
    const { text, terms } = this
    const tokens = new Tokens(text, start, end)
    const lastSeen = new Map<number, number>()
    let enough = Infinity
    while (tokens.next()) {
      if (tokens.from > enough) return true
      const initial = text.charCodeAt(tokens.from)
      if (initial < 128 && this.initials[initial] === 0 && !tokens.humps) continue
      const before = hits.length
      this.matchWord(tokens, hits)
      for (let i = before; i < hits.length; i++) lastSeen.set((hits[i] as Hit).term, tokens.from)
      if (enough === Infinity && hits.length > before && lastSeen.size === terms.length && Math.min(...lastSeen.values()) > tokens.from - around)
        enough = tokens.to + around * 5
    }
    return enough !== Infinity
  }

  private matchWord(tokens: Tokens, hits: Hit[]) {
    const value = tokens.value()
    for (const term of this.byFirst.get(value) ?? []) {
      const to = this.endOfPhrase(tokens, this.terms[term] as Term)
      if (to > 0) hits.push({ from: tokens.from, to, term })
    }
    for (const term of this.prefixes) if (value.startsWith(this.terms[term]?.tokens[0] as string)) hits.push({ from: tokens.from, to: tokens.to, term })
    if (!tokens.humps) return
    for (const { from, to } of partsOf(this.text, tokens.from, tokens.to)) {
      const part = fold(this.text.slice(from, to))
      for (const term of this.byFirst.get(part) ?? []) if (this.terms[term]?.tokens.length === 1) hits.push({ from, to, term })
      for (const term of this.prefixes) if (part.startsWith(this.terms[term]?.tokens[0] as string)) hits.push({ from, to, term })
    }
  }

  private endOfPhrase(at: Tokens, { tokens, prefix }: Term): number {
    if (tokens.length === 1) return at.to
    const words = new Tokens(this.text, at.to, Math.min(this.text.length, at.to + this.ahead))
    for (let i = 1; i < tokens.length; i++) {
      const found = words.next()
      const value = found ? words.value() : ''
      const wanted = tokens[i] as string
      if (!found || !(value === wanted || (prefix && i === tokens.length - 1 && value.startsWith(wanted)))) {
        this.ahead -= found ? words.to - at.to : Math.min(this.ahead, this.text.length - at.to)
        return 0
      }
    }
    this.ahead -= words.to - at.to
    return words.to
  }
}

/** The stretch of at most `around` characters with the most different terms; the first of equals. */
function bestPlace(hits: Hit[], around: number): { from: number; to: number } {
  const inside = new Map<number, number>()
  let best = { from: 0, to: 0 }
  let most = 0
  let first = 0
  for (const hit of hits) {
    inside.set(hit.term, (inside.get(hit.term) ?? 0) + 1)
    for (; first < hits.length; first++) {
      const oldest = hits[first] as Hit
      if (oldest === hit || hit.to - oldest.from <= around) break
      const left = (inside.get(oldest.term) ?? 0) - 1
      if (left > 0) inside.set(oldest.term, left)
      else inside.delete(oldest.term)
    }
    if (inside.size > most) {
      most = inside.size
      best = { from: (hits[first] as Hit).from, to: hit.to }
    }
  }
  return best
}

function render(text: string, segment: { from: number; to: number }, core: { from: number; to: number }, hits: Hit[], around: number): string {
  const { clean, places } = foldBlanks(text, segment.from, segment.to)
  const place = (at: number) => places[Math.min(Math.max(at, segment.from), segment.to) - segment.from] as number
  const [coreFrom, coreTo] = [place(core.from), place(core.to)]
  const spare = Math.max(0, around - (coreTo - coreFrom))
  let from = Math.max(0, coreFrom - Math.floor(spare / 2))
  const to = toBorder(clean, Math.min(clean.length, Math.max(coreTo, from + around)), coreTo)
  from = fromBorder(clean, Math.max(0, Math.min(from, to - around)), coreFrom)
  let out = segment.from > 0 || from > 0 ? '…' : ''
  let done = from
  for (const hit of hits) {
    const start = Math.max(place(hit.from), done)
    const end = Math.min(place(hit.to), to)
    if (hit.to <= segment.from || start >= end) continue
    out += clean.slice(done, start) + MARK_START + clean.slice(start, end) + MARK_END
    done = end
  }
  out += clean.slice(done, to)
  return segment.to < text.length || to < clean.length ? `${out}…` : out
}

// oxlint-disable-next-line no-control-regex
const BLANK = /[\s\0-\x1f\x7f-\x9f]/

/** A stretch with every run of blanks and control characters as one space, and where each of its characters went. */
function foldBlanks(text: string, from: number, to: number): { clean: string; places: number[] } {
  let clean = ''
  const places: number[] = []
  for (let at = from; at < to; at++) {
    const blank = BLANK.test(text.charAt(at))
    const again = blank && (clean === '' || clean.endsWith(' '))
    places.push(again ? Math.max(0, clean.length - (clean === '' ? 0 : 1)) : clean.length)
    if (!again) clean += blank ? ' ' : text.charAt(at)
  }
  places.push(clean.length)
  return { clean: clean.trimEnd(), places }
}

/** How far a cut may move to spare a word. */
const WORD_REACH = 24

/** Moves a cut at the front to the right, past the word it fell into. */
function fromBorder(text: string, at: number, latest: number): number {
  if (at === 0 || text[at - 1] === ' ') return at
  const space = text.indexOf(' ', at)
  if (space >= 0 && space < latest && space - at <= WORD_REACH) return space + 1
  return isLowSurrogate(text, at) ? at - 1 : at
}

/** Moves a cut at the end to the left, before the word it fell into. */
function toBorder(text: string, at: number, earliest: number): number {
  if (at >= text.length) return text.length
  const space = text[at] === ' ' ? at : text.lastIndexOf(' ', at)
  if (space >= earliest && at - space <= WORD_REACH) return space
  return isLowSurrogate(text, at) ? at + 1 : at
}

const isLowSurrogate = (text: string, at: number) => text.charCodeAt(at) >> 10 === 0x37
