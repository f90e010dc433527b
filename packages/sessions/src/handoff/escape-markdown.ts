/** Foreign text on a page of Markdown: it can be read, and it cannot end, open or hide anything of the page. */
import { stripVTControlCharacters } from 'node:util'

/** Control characters, and the invisible ones that turn or hide what a reader sees. */
const unseen = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu

/** The text without terminal codes and control characters, in lines that end in `\n`; tabs stay. */
export function plain(text: string): string {
  return stripVTControlCharacters(text.toWellFormed())
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(unseen, (character) => (character === '\n' || character === '\t' ? character : ''))
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '')
}

/** One line of at most `most` characters, ended on a word. */
export function oneLine(text: string, most = Infinity): string {
  const line = plain(text).replace(/\s+/g, ' ').trim()
  return line.length <= most ? line : `${shorten(line, most - 1)}…`
}

/** The beginning of a text: whole lines when that costs little, else whole words, never half a character. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text
  const head = text.slice(0, Math.max(0, most))
  const last = (pattern: RegExp): number => head.search(pattern)
  const end = [last(/\n[^\n]*$/), last(/\s\S*$/)].find((at) => at >= most * 0.7)
  return head.slice(0, end ?? head.length).replace(/[\ud800-\udbff]$/, '').trimEnd()
}

/** Within a line: no tag, comment or image opens, and no code span stays open. The code spans of the text are left as they are. */
export function inline(line: string): string {
  const tag = /<(?=[a-z!?/])/gi
  const unclosed = new Set<number>()
  const next = /(`+)|\\[!-/:-@[-`{-~]|[^`\\]+|\\/y
  let safe = ''
  for (let found = next.exec(line); found !== null; found = next.exec(line)) {
    const [part, ticks] = found
    const end = ticks === undefined || unclosed.has(ticks.length) ? -1 : spanEnd(line, next.lastIndex, ticks.length)
    if (end >= 0) {
      safe += line.slice(found.index, end)
      next.lastIndex = end
    } else if (ticks === undefined) {
      safe += part === '\\<' ? '&lt;' : part.startsWith('\\') ? part : part.replace(tag, '&lt;').replace(/!(?=\[)/g, '!\\')
    } else {
      unclosed.add(ticks.length)
      safe += ticks.replaceAll('`', '\\`')
    }
  }
  return safe
}

function spanEnd(line: string, from: number, length: number): number {
  const runs = /`+/g
  runs.lastIndex = from
  for (let run = runs.exec(line); run !== null; run = runs.exec(line)) if (run[0].length === length) return runs.lastIndex
  return -1
}

/** What opens a block when a line starts with it, but for lists. */
const opensBlock = /^\s*(?:#{1,6}(?:\s|$)|>|~{3}|<|=+$|([-_*])(?:\s*\1)*$|\[[^\]]*\]:)/
const opensList = /^\s*(?:[-+*](?:\s|$)|\d{1,9}[.)](?:\s|$)|\[[ x]\]\s)/i
const listMarks = /^(?:(?:[-+*]|\d{1,9}[.)])\s+)+/

/** The text of a list item or of a paragraph of one line. */
export function item(line: string): string {
  const safe = inline(line)
  if (!opensBlock.test(safe) && !opensList.test(safe)) return safe
  return safe.replace(/^\s*(\d*)/, '$1\\')
}

/** A code span with more backticks than any run inside. */
export function code(text: string): string {
  const ticks = '`'.repeat(longestRun(text) + 1)
  const pad = /^`|`$|^ .* $/s.test(text) ? ' ' : ''
  return `${ticks}${pad}${text}${pad}${ticks}`
}

/** A path, as it is where Markdown leaves it alone, else as code. A line break in a name is shown, not made. */
export function path(name: string): string {
  const shown = name.toWellFormed().replace(unseen, (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`)
  const safe = /^[^\s#>~`<*&[\]\\|+-][^\s`<*&[\]\\|]*$/.test(shown) && !/^\d+[.)]$|~~|(?:^|[^a-z\d])_|_(?:[^a-z\d]|$)/i.test(shown)
  return safe ? shown : code(shown)
}

/** A block of code whose fence is longer than any run inside. */
export function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}\n${text}\n${fence}`
}

/**
 * Words of a person, to the letter: a harmless line as it is, harmless lines as a quotation, all else as code in a
 * quotation. The mark on every line lets a reader who is shown a part of the page still tell whose words they are.
 */
export function quoted(text: string): string {
  const lines = text.split('\n')
  // Three backticks may begin a code span, but a hasty reader takes them for a fence.
  const harmless = lines.every((line) => inline(line) === line && !/<[a-z!?/]|^\s*`{3}/i.test(line) && !opensBlock.test(line.trimStart().replace(listMarks, '')))
  if (harmless && lines.length === 1 && item(text) === text) return text
  return (harmless ? lines : fenced(text).split('\n')).map((line) => (line === '' ? '>' : `> ${line}`)).join('\n')
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0)
}
