/**
 * Edits TOML by whole tables: `[table]` and `[[list]]` with the lines below it, so that everything else stays as it is
 * written. A table that is written in another form (inline, by dotted keys) is not touched: the check of the whole
 * notices that the edit did nothing.
 */
import { parse, stringify } from 'smol-toml'
import type { Editor, Path } from './edit.js'
import { same } from './equal.js'
import { Refusal } from './refusal.js'

export const tomlEditor: Editor = {
  parse(text) {
    try {
      return parse(bare(text))
    } catch (error) {
      const line = (error as { line?: number }).line
      throw new Refusal(`it is not valid TOML${line === undefined ? '' : ` (line ${line})`}`, 'Correct it, and run gobby install again.')
    }
  },
  edit(text, edit) {
    if (edit.kind === 'append') return appended(text, tables([...edit.at, 0], edit.value))
    const found = unitAt(text, edit.at)
    if (edit.kind === 'remove') return found ? cut(text, found) : text
    if (!found) return typeof edit.at.at(-1) === 'number' ? text : appended(text, tables(edit.at, edit.value))
    return text.slice(0, found.from) + tables(edit.at, edit.value).replaceAll('\n', eolOf(text)) + text.slice(found.to)
  },
}

const bare = (text: string): string => text.replace(/^\uFEFF/, '')
const eolOf = (text: string): string => (/\r?\n/.exec(text)?.[0] ?? '\n')

/** The tables that hold `value` at a path; a number in the path is a place in a list of tables. */
function tables(at: Path, value: unknown): string {
  const list = at.findIndex((step) => typeof step === 'number')
  const names = (list < 0 ? at : at.slice(0, list)).map(String)
  const below = list < 0 ? [] : at.slice(list + 1)
  const inner = below.length === 0 ? value : { [String(below[0])]: [value] }
  const whole = names.reduceRight<unknown>((held, key) => ({ [key]: held }), list < 0 ? value : [inner])
  const text = stringify(whole as Record<string, unknown>)
  if (below.length === 0) return `${text.trim()}\n`
  // Of a handler inside a group that is there, only the handler's own table.
  return `${text.slice(text.indexOf(`[[${[...names, ...below.slice(0, 1)].join('.')}]]`)).trim()}\n`
}

function appended(text: string, added: string): string {
  const eol = eolOf(text)
  const before = bare(text) === '' ? text : `${text}${text.endsWith('\n') ? '' : eol}${eol}`
  return before + added.replaceAll('\n', eol)
}

/** A table with its lines: from its header to the end of its last key. */
type Unit = { from: number; to: number }
type Section = Unit & { path: string[]; list: boolean }

/** All tables of the text, in order. */
function sections(text: string): Section[] {
  const heads: (Section & { next: number })[] = []
  for (const match of text.matchAll(/^[ \t]*(\[\[?)[^\r\n]*$/gm)) {
    const path = headOf(match[0])
    // A line inside of a list or a long text only looks like a header: what stands before it is then unfinished.
    if (path && isComplete(text.slice(0, match.index))) heads.push({ path, list: match[1] === '[[', from: match.index, to: text.length, next: text.length })
  }
  return heads.map(({ path, list, from }, at) => ({ path, list, from, to: lastLine(text, from, heads[at + 1]?.from ?? text.length) }))
}

function headOf(line: string): string[] | undefined {
  try {
    const path: string[] = []
    for (let value: unknown = parse(line); ; ) {
      if (Array.isArray(value)) value = value[0]
      const [key] = Object.keys(value as object)
      if (key === undefined) return path
      path.push(key)
      value = (value as Record<string, unknown>)[key]
    }
  } catch {
    return undefined
  }
}

function isComplete(text: string): boolean {
  try {
    parse(bare(text))
    return true
  } catch {
    return false
  }
}

/** Comments and empty lines at the end belong to what follows. */
function lastLine(text: string, from: number, to: number): number {
  const lines = text.slice(from, to).match(/[^\n]*\n|[^\n]+$/g) ?? []
  while (lines.length > 1 && /^\s*(#.*)?\s*$/.test(lines.at(-1) ?? '')) lines.pop()
  return from + lines.join('').length
}

/** The lines that hold the table at a path, with all tables below it. */
function unitAt(text: string, at: Path): Unit | undefined {
  const all = sections(text)
  const list = at.findIndex((step) => typeof step === 'number')
  const names = (list < 0 ? at : at.slice(0, list)).map(String)
  if (list < 0) return extent(all, all.findIndex(({ path }) => same(path, names)), names, all.length)
  const starts = all.flatMap((section, index) => (section.list && same(section.path, names) ? [index] : []))
  const start = starts[Number(at[list])]
  if (start === undefined) return undefined
  const end = starts[Number(at[list]) + 1] ?? all.length
  const below = at.slice(list + 1)
  if (below.length === 0) return extent(all, start, names, end)
  const inner = [...names, String(below[0])]
  const handlers = all.flatMap((section, index) => (index > start && index < end && section.list && same(section.path, inner) ? [index] : []))
  const handler = handlers[Number(below[1])]
  return handler === undefined ? undefined : extent(all, handler, inner, handlers[Number(below[1]) + 1] ?? end)
}

function extent(all: Section[], start: number, names: string[], end: number): Unit | undefined {
  const first = all[start]
  if (!first) return undefined
  let last = first
  for (const section of all.slice(start + 1, end)) {
    if (section.path.length <= names.length || !same(section.path.slice(0, names.length), names)) break
    last = section
  }
  return { from: first.from, to: last.to }
}

/** Takes lines out, and the empty line that `appended` puts before them. */
function cut(text: string, { from, to }: Unit): string {
  const gap = /(?:^|\n)(\r?\n)$/.exec(text.slice(0, from))?.[1]?.length ?? 0
  return text.slice(0, from - gap) + text.slice(to)
}

