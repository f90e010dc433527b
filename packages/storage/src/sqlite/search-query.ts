/** What a person types into the search, as an FTS5 expression that is always valid. */
import { readable } from './search-fold.js'
import { CHARACTER, Tokens } from './search-tokens.js'

/** What to look for and to highlight: tokens that follow each other; with `prefix` the last one only begins so. */
export type Term = { tokens: string[]; prefix: boolean }

export type Query = { match: string; terms: Term[] } | { empty: true } | { invalid: string }

// A pasted file is a query too: what goes beyond these is ignored, so that the database never has to walk it.
const MAX_CHARACTERS = 16 * 1024
const MAX_TERMS = 64
const MAX_TOKENS = 256

// Directly after the word, and one: `src/*.ts`, `foo_*` and `**bold**` are plain text.
const isStarred = (word: string): boolean => /[\p{L}\p{N}\p{M}]\*(?!\*)[^\p{L}\p{N}]*$/u.test(word)

type Piece = { text: string; negative: boolean; star: boolean }

/**
 * Words are ANDed; `"…"` is a phrase, `word*` a prefix, `-word` and `-"…"` exclude. `--flag` is the word `flag`.
 * Everything else (`AND`, parentheses, `column:`) is plain text. A word with punctuation inside is a phrase.
 *
 * At most 64 terms and 256 tokens within the first 16,384 characters count. `empty`: nothing in it can be found
 * (punctuation alone). `invalid`: there is nothing, or nothing but exclusions.
 */
export function parseQuery(input: string): Query {
  const pieces = split(cleaned(input))
  const wanted = new Map<string, Term>()
  const excluded = new Set<string>()
  let tokensLeft = MAX_TOKENS
  for (const piece of pieces) {
    if (wanted.size + excluded.size >= MAX_TERMS || tokensLeft <= 0) break
    const { term, phrase } = termOf(piece, tokensLeft)
    if (term.tokens.length === 0) continue
    tokensLeft -= term.tokens.length
    const expression = `"${phrase}"${term.prefix ? ' *' : ''}`
    if (piece.negative) excluded.add(expression)
    else wanted.set(expression, term)
  }
  if (wanted.size === 0) {
    if (excluded.size > 0) return { invalid: 'only exclusions' }
    return pieces.length > 0 ? { empty: true } : { invalid: 'the query is empty' }
  }
  const all = [...wanted.keys()].join(' AND ')
  const match = excluded.size === 0 ? all : `(${all}) NOT (${[...excluded].join(' OR ')})`
  return { match, terms: [...wanted.values()] }
}

function cleaned(input: string): string {
  let text = input.length > MAX_CHARACTERS + 1 ? input.slice(0, MAX_CHARACTERS + 1) : input
  if (text.length > MAX_CHARACTERS) {
    // Half a word at the cut would be another word.
    const border = text.search(/\s\S*$/)
    text = text.slice(0, border > 0 ? border : MAX_CHARACTERS)
  }
  // Quotes as keyboards and editors make them.
  return readable(text).replace(/[\u201c-\u201f\uff02]/g, '"')
}

function split(text: string): Piece[] {
  const pieces: Piece[] = []
  // A quote after a letter belongs to the word (`12"`). A dash excludes only what it stands directly before: not `--flag`, not `->`, not `- item`.
  const piece = /(?<minus>-(?![->=\s\0]))?(?:"(?<phrase>[^"]*)(?:"(?<star>\*)?|$)|(?<word>(?:[\p{L}\p{N}\p{M}_]"|[^\s\0"])+))/gu
  for (const { groups } of text.matchAll(piece)) {
    const { minus, phrase, star, word } = groups as Record<string, string | undefined>
    const negative = minus !== undefined
    if (phrase !== undefined) pieces.push({ text: phrase, negative, star: star !== undefined })
    else if (word !== undefined) pieces.push({ text: word, negative, star: isStarred(word) })
  }
  return pieces
}

function termOf(piece: Piece, limit: number): { term: Term; phrase: string } {
  const tokens: string[] = []
  const words = new Tokens(piece.text)
  let phrase = ''
  let done = 0
  while (tokens.length < limit && words.next()) {
    tokens.push(words.value())
    // As it was typed, not folded: the index knows an older Unicode than we do, and must see here what it saw there.
    const indexed = words.kind < CHARACTER ? piece.text.slice(words.from, words.to) : ` ${words.indexed()} `
    phrase += piece.text.slice(done, words.from) + indexed
    done = words.to
  }
  if (tokens.length < limit) phrase += piece.text.slice(done)
  // What is one character in the index has no longer form; a cut phrase has lost its end.
  const prefix = piece.star && words.kind < CHARACTER && tokens.length < limit
  return { term: { tokens, prefix }, phrase: phrase.replace(/["\0]/g, ' ') }
}
