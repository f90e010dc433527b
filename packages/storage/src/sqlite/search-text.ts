/** What of a message goes into the search index. */
import { readable } from './search-fold.js'
import { CHARACTER, partsOf, Tokens, wordAround } from './search-tokens.js'

type Texts = { content: string; tool_input: string | null; tool_result: string | null }

const MAX_INDEXED = 256 * 1024
/** Of a longer message the end is indexed too: there a command says how it went. */
const MAX_TAIL = 32 * 1024
const LONGEST_WORD = 256
const BASE64_RUN = 256
const BASE64_LINE = 60
const DATA_URL = /\bdata:(?:image|audio|video|application|text|font)\/[^\s,"'<>()]{0,100},[^\s"'<>()]*/g

/** Stands between the parts of identifiers, so that no phrase is found that nobody wrote. */
const BETWEEN_PARTS = ' zqz '
// Two characters at most, whatever it catches too much: patterns of this shape are several times faster.
const HUMP = /[A-Za-z][A-Z0-9]/g
const NOT_ASCII = /[^\0-\x7f]/
const NAME = /[cC](?:\+\+|#)|[fF]#|\.[nN][eE][tT]/
const SPECIAL = /[^\0-\x7f]|[cC](?=\+\+|#)|[fF](?=#)|\.(?=[nN][eE][tT])/g

/** The text of a message in one piece: what is searched, and what a snippet is cut from. */
export function messageText(message: Texts): string {
  const pieces: string[] = []
  if (message.content !== '') pieces.push(message.content)
  if (message.tool_input !== null) pieces.push(...stringsIn(message.tool_input))
  if (message.tool_result) pieces.push(message.tool_result)
  return pieces.length === 1 ? (pieces[0] as string) : pieces.join('\n')
}

function stringsIn(json: string): string[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return [json]
  }
  const strings: string[] = []
  // A list of what is left, not recursion: a transcript may nest as deep as it likes.
  const left = [value]
  while (left.length > 0) {
    const one = left.pop()
    if (typeof one === 'string') strings.push(one)
    else if (one !== null && typeof one === 'object') for (const inner of Object.values(one).reverse()) left.push(inner)
  }
  return strings
}

/**
 * The text to index for one message. Characters of unspaced scripts are set apart, emoji and names such as `C++` become
 * words, base64 is left out, and the parts of identifiers follow at the end. A text with nothing of this is returned as
 * it is, without a copy.
 */
export function searchText(message: Texts): string {
  const text = readable(messageText(message))
  const pieces = withinLimits(text)
  const parts = new Set<string>()
  const seen = new Set<string>()
  let out = ''
  for (const piece of pieces) {
    collectParts(piece, seen, parts)
    const spaced = setApart(piece, seen, parts)
    out = out === '' ? spaced : `${out} ${spaced}`
  }
  return parts.size === 0 ? out : `${out}\n${[...parts].join(BETWEEN_PARTS)}`
}

function withinLimits(text: string): string[] {
  const pieces = withoutBase64(text.includes('data:') ? text.replace(DATA_URL, ' ') : text)
  const whole = pieces.length === 1 ? (pieces[0] as string) : pieces.join(' ')
  if (whole.length <= MAX_INDEXED) return [whole]
  const head = whole.slice(0, MAX_INDEXED - MAX_TAIL)
  const tail = whole.slice(-MAX_TAIL)
  // Half a word at a cut would be another word.
  const headEnd = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\n'), head.length - LONGEST_WORD)
  const tailStart = /\s/.exec(tail.slice(0, LONGEST_WORD))?.index ?? 0
  return [head.slice(0, headEnd), tail.slice(tailStart)]
}

const isBase64 = new Uint8Array(65536)
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=') isBase64[letter.charCodeAt(0)] = 1

/** What lies between the runs of base64. Looks at one character in sixty: no run that long can hide between them. */
function withoutBase64(text: string): string[] {
  const kept: string[] = []
  let done = 0
  for (let at = BASE64_LINE - 1; at < text.length; at += BASE64_LINE) {
    if (isBase64[text.charCodeAt(at)] === 0) continue
    let from = at
    while (from > done && isBase64[text.charCodeAt(from - 1)] === 1) from--
    let end = endOfRun(text, at)
    at = end
    if (end - from < BASE64_LINE) continue
    // Wrapped base64: line after line. Asks for all kinds of characters, since lists of checksums are worth finding.
    for (let start = from; isMixed(text, start, end); at = end) {
      start = text.startsWith('\r\n', end) ? end + 2 : end + 1
      const next = endOfRun(text, start)
      const isLast = text[next - 1] === '='
      if (text[start - 1] !== '\n' || !(isLast || isMixed(text, start, next))) break
      end = next
      if (isLast) break
    }
    if (end - from < BASE64_RUN) continue
    kept.push(text.slice(done, from))
    done = end
  }
  return done === 0 ? [text] : [...kept, text.slice(done)]
}

function endOfRun(text: string, at: number): number {
  while (at < text.length && isBase64[text.charCodeAt(at)] === 1) at++
  return at
}

function isMixed(text: string, from: number, to: number): boolean {
  if (to - from < BASE64_LINE) return false
  const line = text.slice(from, from + BASE64_LINE)
  return /[a-z]/.test(line) && /[A-Z]/.test(line) && /[0-9]/.test(line)
}

function collectParts(text: string, seen: Set<string>, parts: Set<string>) {
  HUMP.lastIndex = 0
  while (HUMP.test(text)) {
    const { from, to } = wordAround(text, HUMP.lastIndex - 1)
    addParts(text, from, to, seen, parts)
    HUMP.lastIndex = to
  }
}

function addParts(text: string, from: number, to: number, seen: Set<string>, parts: Set<string>) {
  const word = text.slice(from, to)
  if (seen.has(word)) return
  seen.add(word)
  for (const part of partsOf(text, from, to)) parts.add(text.slice(part.from, part.to).toLowerCase())
}

function setApart(text: string, seen: Set<string>, parts: Set<string>): string {
  if (!NOT_ASCII.test(text) && !NAME.test(text)) return text
  let out = ''
  let done = 0
  const replace = (from: number, to: number, by: string) => {
    out += `${text.slice(done, from)} ${by} `
    done = to
  }
  SPECIAL.lastIndex = 0
  while (SPECIAL.test(text)) {
    const reached = SPECIAL.lastIndex
    const tokens = new Tokens(text, Math.max(done, wordAround(text, reached - 1).from))
    let more = tokens.next()
    while (more && tokens.kind >= CHARACTER) {
      const { from, kind } = tokens
      let { to } = tokens
      if (tokens.humps) addParts(text, from, to, seen, parts)
      if (kind !== CHARACTER) replace(from, to, tokens.indexed())
      more = tokens.next()
      if (kind !== CHARACTER) continue
      while (more && tokens.kind === CHARACTER && tokens.from === to) {
        to = tokens.to
        more = tokens.next()
      }
      replace(from, to, Array.from(text.slice(from, to)).join(' '))
    }
    if (!more) break
    if (tokens.humps) addParts(text, tokens.from, tokens.to, seen, parts)
    SPECIAL.lastIndex = Math.max(tokens.to, reached)
  }
  return done === 0 ? text : out + text.slice(done)
}
