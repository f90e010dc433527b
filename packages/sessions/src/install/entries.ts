/** Which edits put gobby's entries into a settings file, and which take them out. Pure. */
import { isRecord } from '../sources/normalise.js'
import { applied, type Edit, type Path, valueAt } from './edit.js'
import { same } from './equal.js'

/** The name that the MCP server has in every CLI. */
export const SERVER = 'gobby-sessions'

/** What a file is to hold. What is left out stays as it is; a null takes out what gobby put there. */
export type Wanted = {
  /** The group of each event, with one handler. */
  hooks?: Record<string, Group> | null
  server?: { table: string; entry: Record<string, unknown> } | { table: string; entry: null }
}

export type Group = { matcher?: string; hooks: [Record<string, unknown>] }

/** Also in a form that an earlier or later gobby would write. */
const programIn = (name: string): RegExp => new RegExp(`(^|[\\s'"\\\\/])${name}(\\.m?js)?(?=['"\\s;]|$)`)
const HOOK = programIn('gobby-hook')
const MCP = programIn('gobby-mcp')

/** Whether a command is one that gobby installed. */
export function isHookCommand(command: string): boolean {
  return HOOK.test(command)
}

const isOurs = (handler: unknown): boolean => isRecord(handler) && isHookCommand(wordsOf(handler))
const isOurServer = (entry: unknown): boolean => isRecord(entry) && MCP.test(wordsOf(entry))

function wordsOf({ command, args }: Record<string, unknown>): string {
  return [command, ...(Array.isArray(args) ? args : [])].filter((word) => typeof word === 'string').join(' ')
}

/** Whether a file holds any hook of gobby's. */
export function holdsHooks(root: unknown): boolean {
  return hookEdits(root, null).length > 0
}

/** What stands under the server's name: gobby's own entry, another one, or nothing. */
export function serverIn(root: unknown, table: string): 'ours' | 'other' | 'none' {
  const held = valueAt(root, [table, SERVER])
  return held === undefined ? 'none' : isOurServer(held) ? 'ours' : 'other'
}

/**
 * The edits that make a file hold what is wanted; none when it does.
 *
 * @param made the objects and lists that gobby made in this file: they go when they are empty; undefined where nobody remembers
 */
export function editsFor(root: unknown, { hooks, server }: Wanted, made?: string[]): Edit[] {
  const edits = [...(hooks === undefined ? [] : hookEdits(root, hooks)), ...(server === undefined ? [] : serverEdits(root, server))]
  return [...edits, ...tidying(root, edits, made)]
}

function hookEdits(root: unknown, wanted: Record<string, Group> | null): Edit[] {
  const held = valueAt(root, ['hooks'])
  const events = new Set([...Object.keys(isRecord(held) ? held : {}), ...Object.keys(wanted ?? {})])
  return [...events].flatMap((event) => eventEdits(valueAt(root, ['hooks', event]), ['hooks', event], wanted?.[event]))
}

/** One entry of gobby's stays, at its place and as it is to be; further ones go. */
function eventEdits(groups: unknown, at: Path, wanted: Group | undefined): Edit[] {
  const edits: Edit[] = []
  const gone: Path[] = []
  let placed = wanted === undefined
  for (const [place, group] of (Array.isArray(groups) ? groups : []).entries()) {
    const handlers: unknown[] = isRecord(group) && Array.isArray(group.hooks) ? group.hooks : []
    const ours = handlers.flatMap((handler, index) => (isOurs(handler) ? [index] : []))
    if (ours.length === 0) continue
    if (ours.length === handlers.length) {
      if (placed) gone.push([...at, place])
      else if (!same(group, wanted)) edits.push({ kind: 'set', at: [...at, place], value: wanted })
      placed = true
      continue
    }
    // Somebody put a hook of their own into the same group.
    for (const index of ours) {
      const path = [...at, place, 'hooks', index]
      if (placed) gone.push(path)
      else if (wanted && !same(handlers[index], wanted.hooks[0])) edits.push({ kind: 'set', at: path, value: wanted.hooks[0] })
      placed = true
    }
  }
  // From the end, so that the places before stay right.
  edits.push(...gone.toReversed().map((path): Edit => ({ kind: 'remove', at: path })))
  if (!placed && wanted) edits.push({ kind: 'append', at, value: wanted })
  return edits
}

function serverEdits(root: unknown, { table, entry }: NonNullable<Wanted['server']>): Edit[] {
  const at = [table, SERVER]
  const held = valueAt(root, at)
  // One of that name that a person made.
  if (held !== undefined && !isOurServer(held)) return []
  if (entry === null) return held === undefined ? [] : [{ kind: 'remove', at }]
  if (!isRecord(held)) return [{ kind: 'set', at, value: entry }]
  // What else a person set there (variables, limits) stays.
  const current = same(held.command, entry.command) && same(held.args ?? [], entry.args ?? [])
  return current ? [] : [{ kind: 'set', at, value: { ...held, command: entry.command, args: entry.args } }]
}

/** Takes out the objects and lists that the edits leave empty, from the inside to the outside. */
function tidying(root: unknown, edits: Edit[], made: string[] | undefined): Edit[] {
  const removed = edits.filter(({ kind }) => kind === 'remove')
  const above = new Set(removed.flatMap(({ at }) => at.slice(0, -1).map((_, depth) => keyOf(at.slice(0, depth + 1)))))
  const tidy: Edit[] = []
  let now = applied(root, edits)
  for (const key of [...above].sort((a, b) => b.length - a.length)) {
    const at = JSON.parse(key) as Path
    const value = valueAt(now, at)
    const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0
    if (!empty || typeof at.at(-1) === 'number' || !(made?.includes(key) ?? true)) continue
    const edit: Edit = { kind: 'remove', at }
    tidy.push(edit)
    now = applied(now, [edit])
  }
  return tidy
}

/** How a path is remembered. */
export function keyOf(at: Path): string {
  return JSON.stringify(at)
}

/** The objects and lists that edits make on their way, as remembered. */
export function madeBy(root: unknown, edits: Edit[]): string[] {
  const made = edits.flatMap((edit) => (edit.kind === 'remove' ? [] : edit.at.slice(0, edit.kind === 'append' ? undefined : -1).map((_, depth) => edit.at.slice(0, depth + 1))))
  return [...new Set(made.filter((at) => valueAt(root, at) === undefined).map(keyOf))]
}
