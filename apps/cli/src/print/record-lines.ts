import type { Screen } from './screen.js'
import { harmless, oneLine } from './text.js'

/** A name and a value of a record; `shown` is what a terminal has instead. */
export type Line = [name: string, value: string | number | null, shown?: string]

/** What a terminal has elsewhere: in the head, or as a text of its own. */
const APART = ['title', 'description']

/** A record: a pipe gets every line, a terminal the head, what is not empty, and then the texts. */
export function recordLines(head: string, lines: Line[], screen: Screen, texts: (string | null)[]): string {
  if (!screen.terminal) return lines.map(([name, value]) => `${name}\t${oneLine(String(value ?? ''))}\n`).join('')
  const width = Math.max(...lines.map(([name]) => name.length))
  const body = lines
    .filter(([name, value]) => !APART.includes(name) && value !== null && value !== '')
    .map(([name, value, shown]) => `${screen.paint('dim', name.padEnd(width))}  ${oneLine(harmless(shown ?? String(value)))}`)
  const below = texts.filter((text) => text !== null).map((text) => `\n${harmless(text)}`)
  return `${[screen.paint('bold', head), ...body, ...below].join('\n')}\n`
}
