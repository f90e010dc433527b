/**
 * Words as FTS5's unicode61 sees them, and what it does not see by itself: single characters of scripts written
 * without spaces, emoji, and names that live by their punctuation. Index, query and highlight all read through here,
 * so that they cannot disagree.
 */
import { fold } from './search-fold.js'

const UNKNOWN = 255
const GAP = 0
const LOWER = 1
const UPPER = 2
const DIGIT = 3
const LETTER = 4
const MARK = 5
/** A token of its own, whatever stands beside it. */
export const CHARACTER = 6
export const EMOJI = 7
export const NAMED = 8
const WORD = LETTER

// Inside functions: Node goes through a pattern of properties when it meets it, and most starts of the program meet none.
// Unassigned ones too: unicode61 takes them for letters.
const isWordCharacter = (character: string): boolean => /[\p{L}\p{N}\p{Co}\p{Cn}]/u.test(character)
const isUnspaced = (character: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Yi}\p{Co}\u30fc\uff70]/u.test(character)
const isPicture = (character: string): boolean => /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u2600-\u27bf]/u.test(character)

// The only letters of today that unicode61, which knows Unicode 6.1, passes over: they were marks then.
const LETTERS_SINCE = /[\u19b0-\u19c0\u19c8\u19c9\u1cf2\u1cf3]/

function classify(character: string): number {
  if (LETTERS_SINCE.test(character)) return GAP
  if (/\p{M}/u.test(character)) return MARK
  if (isPicture(character)) return EMOJI
  if (!isWordCharacter(character)) return GAP
  if (isUnspaced(character)) return CHARACTER
  if (/\p{Ll}/u.test(character)) return LOWER
  if (/\p{Lu}|\p{Lt}/u.test(character)) return UPPER
  return /[0-9]/.test(character) ? DIGIT : LETTER
}

// Filled as characters turn up: asking the regexes for all 65,536 would cost every start of the program.
const kinds = new Uint8Array(65536).fill(UNKNOWN)

function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  const known = kinds[code] as number
  if (known !== UNKNOWN) return known
  if (code >= 0xd800 && code <= 0xdfff) {
    const point = text.codePointAt(at) as number
    return point > 0xffff ? classify(String.fromCodePoint(point)) : GAP
  }
  return (kinds[code] = classify(text.charAt(at)))
}

// The marks that unicode61 takes as part of a word (its own bit masks); any other mark ends the word.
const isInnerMark = (code: number) =>
  code >= 768 && code <= 817 && ((code < 800 ? 0x08029fdf >> (code - 768) : 0x000361f8 >> (code - 800)) & 1) === 1

const code = (character: string) => character.charCodeAt(0)
const names = new Map([['c++', 'cplusplus'], ['c#', 'csharp'], ['f#', 'fsharp'], ['.net', 'dotnet']])

/** Goes through a text token by token. Plain fields and no array of tokens: it runs over every byte that is stored. */
export class Tokens {
  readonly text: string
  readonly end: number
  from = 0
  to: number
  kind = GAP
  /** The word has parts, as `parseUserInput` and `server2` have. */
  humps = false

  constructor(text: string, start = 0, end = text.length) {
    this.text = text
    this.to = start
    this.end = end
  }

  next(): boolean {
    const { text, end } = this
    let at = this.to
    let kind = GAP
    for (; at < end; at++) {
      kind = kindAt(text, at)
      if (kind !== GAP && kind !== MARK) break
    }
    if (at >= end) return false
    this.from = at
    this.humps = false
    if (kind > MARK) {
      this.kind = kind
      this.to = this.pastMarks(at + (text.charCodeAt(at) >> 10 === 0x36 ? 2 : 1))
      return true
    }
    this.kind = WORD
    let runStart = at
    // Only the words outside the BMP need two steps for one character.
    for (at += text.charCodeAt(at) >> 10 === 0x36 ? 2 : 1; at < end; at++) {
      const next = kindAt(text, at)
      if (next === kind && text.charCodeAt(at) < 0xd800) continue
      if (next === MARK && isInnerMark(text.charCodeAt(at))) continue
      if (next === GAP || next >= MARK) break
      if (next === DIGIT || kind === DIGIT || (next === UPPER && kind === LOWER)) this.humps ||= next !== kind
      else if (kind === UPPER && next === LOWER && at - runStart > 1) this.humps = true
      if (next !== kind) runStart = at
      kind = next
      if (text.charCodeAt(at) >> 10 === 0x36) at++
    }
    this.to = at < end && text.charCodeAt(at) > 127 ? this.pastMarks(at) : at
    if (at - this.from === 1 || at - this.from === 3) this.nameByPunctuation()
    return true
  }

  /** What the index is given for the token. */
  indexed(): string {
    const word = this.text.slice(this.from, this.to)
    if (this.kind === EMOJI) return `u${(word.codePointAt(0) as number).toString(16)}`
    return (this.kind === NAMED && names.get(word.toLowerCase())) || word
  }

  /** What the index makes of it; equal tokens have equal values. */
  value(): string {
    return this.kind === CHARACTER ? String.fromCodePoint(this.text.codePointAt(this.from) as number) : fold(this.indexed())
  }

  private pastMarks(at: number): number {
    while (at < this.end && kindAt(this.text, at) === MARK) at++
    return at
  }

  private nameByPunctuation() {
    const { text, from, to } = this
    const next = text.charCodeAt(to)
    let named = ''
    if (to - from === 1 && next === code('#')) named = text.slice(from, to + 1)
    else if (to - from === 1 && next === code('+')) named = text.slice(from, to + 2)
    else if (to - from === 3 && text.charCodeAt(from - 1) === code('.') && !(from > 1 && kindAt(text, from - 2) !== GAP)) named = text.slice(from - 1, to)
    if (named === '' || !names.has(named.toLowerCase())) return
    this.kind = NAMED
    if (named.startsWith('.')) {
      this.from--
      this.humps = true
    } else this.to = from + named.length
  }
}

/** The word that a place lies in; the place itself outside a word. */
export function wordAround(text: string, at: number): { from: number; to: number } {
  let from = at
  let to = at
  if (!isWord(text, at)) return { from, to }
  while (from > 0 && isWord(text, from - 1)) from--
  while (to < text.length && isWord(text, to)) to++
  return { from, to }
}

function isWord(text: string, at: number): boolean {
  const kind = kindAt(text, at)
  return kind !== GAP && kind <= MARK
}

const isHash = (word: string) => /^(?=[\da-f]+$)[a-f]+\d+[a-f]/i.test(word)

/**
 * Where the parts of an identifier lie: `HTTPServer2` has `HTTP`, `Server2`, `Server`, `2`. Ids and hashes have none:
 * their pieces mean nothing, and are many.
 */
export function partsOf(text: string, from: number, to: number): { from: number; to: number }[] {
  if (text[from] === '.') return [{ from: from + 1, to }]
  const parts: { from: number; to: number }[] = []
  if (to - from > 64 || kindAt(text, from) === DIGIT) return parts
  let numbers = 0
  let camelStart = from
  let start = from
  let kind = kindAt(text, from)
  const cut = (at: number, camel: boolean) => {
    if (at > start && !(at - start === 1 && text[start] === 's' && start > from)) parts.push({ from: start, to: at })
    if (camel && camelStart < start && !(camelStart === from && at === to)) parts.push({ from: camelStart, to: at })
    if (camel) camelStart = at
    start = at
  }
  for (let at = from + 1; at < to; at++) {
    const next = kindAt(text, at)
    if (next === kind || next === MARK || next === GAP) continue
    if (next === DIGIT) numbers++
    if (next === DIGIT) cut(at, false)
    else if (kind === DIGIT || next === UPPER) cut(at, true)
    else if (kind === UPPER && next === LOWER && at - start > 1) {
      const plural = text[at] === 's' && !(at + 1 < to && kindAt(text, at + 1) === LOWER)
      cut(plural ? at : at - 1, true)
    }
    kind = next
  }
  cut(to, true)
  const noise = parts.length < 2 && parts[0]?.to === to
  return noise || numbers > 2 || (numbers > 0 && isHash(text.slice(from, to))) ? [] : parts
}
