/** Text as a terminal may have it. */
import { stripVTControlCharacters } from 'node:util'
import getTruncatedWidth from 'fast-string-truncated-width'

const CONTROL = /[^\P{Cc}\n\t]/gu

/** Without escape sequences and control characters, which a transcript may hold and a terminal would obey. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replaceAll('\r\n', '\n').replace(CONTROL, '')
}

/** In one line. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** How many columns a terminal needs for it. */
export function widthOf(text: string): number {
  return getTruncatedWidth(text, { limit: Infinity, ellipsis: '' }).width
}

/** Cut to so many columns, with `…` where something is missing. */
export function fit(text: string, columns: number): string {
  const { index, truncated, ellipsed } = getTruncatedWidth(text, { limit: columns, ellipsis: '…', ellipsisWidth: 1 })
  return truncated ? `${text.slice(0, index)}${ellipsed ? '…' : ''}` : text
}

/** A word that a shell takes as it stands. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** `3 sessions`, `1 session`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

/** The session's ref, for a hint that works from every folder: `orchard#3`. */
export function refForShell({ project, ref }: { project: string; ref: string }): string {
  return `${project}${ref.startsWith('#') ? ref : ` ${ref}`}`
}
