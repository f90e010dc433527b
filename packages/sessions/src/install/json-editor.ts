/** Edits JSON, with or without comments, so that every byte outside the edit stays: comments, order, indentation, line ends. */
import { findNodeAtLocation, type Node, type ParseError, parse, parseTree, visit } from 'jsonc-parser'
import type { Edit, Editor, Path } from './edit.js'
import { Refusal } from './refusal.js'

const BOM = '\uFEFF'
const LENIENT = { allowTrailingComma: true }

export const jsonEditor: Editor = {
  parse(text) {
    const body = withoutBom(text)
    if (body.trim() === '') return {}
    const errors: ParseError[] = []
    const value: unknown = parse(body, errors, LENIENT)
    const [first] = errors
    if (first) throw new Refusal(`it is not valid JSON (line ${body.slice(0, first.offset).split('\n').length})`, 'Correct it, and run gobby install again.')
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal('it is not a JSON object', 'Correct it, and run gobby install again.')
    return value
  },
  edit(text, edit) {
    const bom = text.startsWith(BOM) ? BOM : ''
    const body = withoutBom(text)
    return bom + (edit.kind === 'remove' ? removed(body, edit.at) : put(body, edit))
  },
}

const withoutBom = (text: string): string => (text.startsWith(BOM) ? text.slice(1) : text)

/** What a file holds beyond plain JSON. */
export function formOf(text: string): { comments: boolean; trailing_comma: boolean; bom: boolean } {
  let [comments, trailing_comma, after_comma] = [false, false, false]
  const value = (): void => {
    after_comma = false
  }
  const end = (): void => {
    trailing_comma ||= after_comma
    after_comma = false
  }
  const onSeparator = (character: string): void => {
    after_comma = character === ','
  }
  const onComment = (): void => {
    comments = true
  }
  visit(withoutBom(text), { onComment, onSeparator, onObjectProperty: value, onLiteralValue: value, onObjectBegin: value, onArrayBegin: value, onObjectEnd: end, onArrayEnd: end }, LENIENT)
  return { comments, trailing_comma, bom: text.startsWith(BOM) }
}

function put(text: string, edit: Extract<Edit, { value: unknown }>): string {
  const style = styleOf(text)
  const root = text.trim() === '' ? undefined : parseTree(text, [], LENIENT)
  const missing = [...edit.at]
  if (!root) return `${rendered(nested(missing, edit), style, '')}${style.eol}`
  const there: Path = []
  let node = root
  for (const step of edit.at) {
    const next = findNodeAtLocation(root, [...there, step])
    // What is no container gives way to one.
    if (!next) break
    there.push(step)
    missing.shift()
    node = next
  }
  if (missing.length === 0 && edit.kind === 'set') return replaced(text, node, edit.value, style)
  if (node.type !== 'object' && node.type !== 'array') return replaced(text, node, nested(missing, edit), style)
  const [key, ...below] = missing
  const value = key === undefined ? edit.value : nested(below, edit)
  return inserted(text, node, node.type === 'object' ? String(key) : undefined, value, style)
}

/** The value that stands for the missing part of a path. */
function nested(missing: Path, edit: Extract<Edit, { value: unknown }>): unknown {
  return missing.reduceRight<unknown>((inner, key) => ({ [key]: inner }), edit.kind === 'append' ? [edit.value] : edit.value)
}

type Style = { eol: string; indent: string }

function styleOf(text: string): Style {
  return { eol: /\r?\n/.exec(text)?.[0] ?? '\n', indent: /\n([ \t]+)["\]}[{]/.exec(text)?.[1] ?? '  ' }
}

function rendered(value: unknown, { eol, indent }: Style, margin: string): string {
  return JSON.stringify(value, null, indent).replaceAll('\n', `${eol}${margin}`)
}

/** The white space that the line of `offset` begins with. */
function marginAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0] ?? ''
}

const isOneLine = (text: string, { offset, length }: Node): boolean => !text.slice(offset, offset + length).includes('\n')
const endOf = ({ offset, length }: Node): number => offset + length
const splice = (text: string, from: number, to: number, by: string): string => text.slice(0, from) + by + text.slice(to)

function replaced(text: string, node: Node, value: unknown, style: Style): string {
  const by = text.trim().includes('\n') ? rendered(value, style, marginAt(text, node.offset)) : JSON.stringify(value)
  return splice(text, node.offset, endOf(node), by)
}

/** Adds a last member, before what white space stands at the end; comments there stay where they are. */
function inserted(text: string, holder: Node, key: string | undefined, value: unknown, style: Style): string {
  const close = endOf(holder) - 1
  const last = holder.children?.at(-1)
  const label = key === undefined ? '' : `${JSON.stringify(key)}: `
  const comma = last ? commaIn(text, endOf(last), close) : undefined
  const between = last && comma === undefined ? ',' : ''
  const after_comma = comma === undefined ? '' : ','
  if (isOneLine(text, holder) && last) {
    const at = close - (/[ \t]*$/.exec(text.slice(endOf(last), close))?.[0].length ?? 0)
    return splice(splice(text, at, at, `${comma === undefined ? '' : ' '}${label}${JSON.stringify(value)}${after_comma}`), endOf(last), endOf(last), between === '' ? '' : ', ')
  }
  const margin = marginAt(text, isOneLine(text, holder) ? holder.offset : close)
  const inner = last && !isOneLine(text, holder) ? marginAt(text, last.offset) : margin + style.indent
  const start = last ? endOf(last) : holder.offset + 1
  const at = close - (/\s*$/.exec(text.slice(start, close))?.[0].length ?? 0)
  const tail = text.slice(at, close).includes('\n') ? '' : style.eol + margin
  const member = `${style.eol}${inner}${label}${rendered(value, style, inner)}${after_comma}${tail}`
  const with_member = splice(text, at, at, member)
  return last ? splice(with_member, endOf(last), endOf(last), between) : with_member
}

/** Where the comma stands between two offsets. */
function commaIn(text: string, from: number, to: number): number | undefined {
  let found: number | undefined
  const onSeparator = (character: string, offset: number): void => {
    if (character === ',' && offset >= from && offset < to) found ??= offset
  }
  visit(text, { onSeparator }, LENIENT)
  return found
}

function removed(text: string, at: Path): string {
  const root = parseTree(text, [], LENIENT)
  const value = root && findNodeAtLocation(root, at)
  const node = value?.parent?.type === 'property' ? value.parent : value
  const holder = node?.parent
  if (!node || !holder) return text
  const siblings = holder.children ?? []
  const before = siblings[siblings.indexOf(node) - 1]
  const next = siblings[siblings.indexOf(node) + 1]
  const comma = commaIn(text, endOf(node), next?.offset ?? endOf(holder) - 1)
  const [from, to] = comma !== undefined && text.slice(endOf(node), comma).trim() === '' ? wholeLines(text, node.offset, comma + 1) : wholeLines(text, node.offset, endOf(node))
  if (comma !== undefined) {
    const gone = splice(text, from, to, '')
    return text.slice(endOf(node), comma).trim() === '' ? gone : splice(gone, comma - (to - from), comma - (to - from) + 1, '')
  }
  const gone = splice(text, from, to, '')
  const extra = before && commaIn(text, endOf(before), node.offset)
  return extra === undefined ? gone : splice(gone, extra, extra + 1, '')
}

/** Widened to the line end before, if nothing else stands on these lines; else by the space on the left. */
function wholeLines(text: string, from: number, to: number): [number, number] {
  const left = /(\r?\n)?[ \t]*$/.exec(text.slice(0, from))?.[0] ?? ''
  const right = /^[ \t]*(?=\r?\n|$)/.exec(text.slice(to))?.[0]
  if (right !== undefined && left.includes('\n')) return [from - left.length, to + right.length]
  return [from - (/[ \t]*$/.exec(text.slice(0, from))?.[0].length ?? 0), to]
}
