/** Reads what the hooks of every CLI are given: strict in what identifies a session, lenient in all else. */
import { existsSync, lstatSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { GobbyError } from '../errors.js'
import { real } from '../folder.js'
import { beginnings, type HookEvent, type HookKind } from './hook-event.js'
import { isRecord } from './normalise.js'

/** The fields of an event, by name. Those of a wrong type count as absent. */
export type HookInput = {
  text(key: string): string | undefined
  /** Text on one line, of at most 200 characters. */
  word(key: string): string | undefined
  has(key: string): boolean
  /** A transcript's path, whose file need not exist. @throws GobbyError `invalid` when it lies elsewhere */
  transcript(key: string): string | null
}

/** No id, name or path that a CLI made has one of these. */
const CONTROL = /[\p{Cc}\p{Cs}]/u
const MOST_PATH = 4096

/**
 * What all CLIs tell in the same fields, and the input, for what one of them tells besides.
 *
 * @throws GobbyError `invalid` when it is no event of a session, or names a transcript that is not this CLI's
 */
export function readEvent(
  input: unknown,
  folders: string[],
  kinds: ReadonlyMap<string, HookKind>,
  promptOf: (text: string) => string,
): { told: HookEvent; given: HookInput } {
  if (!isRecord(input)) throw new GobbyError('invalid', 'A hook event must be a JSON object.')
  const given = fieldsOf(input, folders)
  const { text, word, transcript } = given
  const external_id = word('session_id')
  if (external_id === undefined) {
    throw new GobbyError('invalid', 'The event has no session_id: text of 1 to 200 characters without control characters is expected.')
  }
  const event = word('hook_event_name') ?? 'unnamed'
  const kind = kinds.get(event) ?? null
  const cwd = text('cwd')
  const model = word('model')
  const told: HookEvent = { event, kind, external_id, transcript_path: transcript('transcript_path'), cwd: cwd !== undefined && isPath(cwd) ? resolve(cwd) : null }
  if (model !== undefined) told.model = model
  if (kind === 'start') told.beginning = beginnings.find((one) => one === text('source')) ?? 'startup'
  if (kind === 'prompt') told.prompt = promptOf(text('prompt') ?? '')
  if (kind === 'before_compaction') told.trigger = text('trigger') === 'manual' ? 'manual' : 'auto'
  if (kind === 'end') told.reason = text('reason') === 'clear' ? 'clear' : 'other'
  return { told, given }
}

function fieldsOf(input: Record<string, unknown>, folders: string[]): HookInput {
  const valueOf = (key: string): unknown => (Object.hasOwn(input, key) ? input[key] : undefined)
  const text = (key: string): string | undefined => {
    const value = valueOf(key)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    text,
    word(key) {
      const value = text(key)
      return value !== undefined && value.length <= 200 && value.trim() !== '' && !CONTROL.test(value) ? value : undefined
    },
    has: (key) => (valueOf(key) ?? null) !== null,
    transcript(key) {
      const path = text(key)
      return path === undefined ? null : inside(path, folders, key)
    },
  }
}

const isPath = (text: string): boolean => isAbsolute(text) && text.length <= MOST_PATH && !CONTROL.test(text)

/** The path without `..`, so that what is checked here is what is opened later. */
function inside(path: string, folders: string[], key: string): string {
  const full = isPath(path) ? resolve(path) : undefined
  if (full !== undefined && !leadsNowhere(full)) {
    const target = real(full)
    if (folders.some((folder) => isBelow(target, real(folder)))) return full
  }
  throw new GobbyError('invalid', `${key} lies outside the folders where this CLI keeps its transcripts: ${JSON.stringify(path.slice(0, 200))}`)
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Whether the path ends in a link to what is not there yet: that may come to lie anywhere. */
function leadsNowhere(path: string): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const isLink = linkAt(at)
    if (isLink !== undefined) return isLink && !existsSync(at)
  }
  return false
}

/** Undefined where there is nothing, or where the file system will not say. */
function linkAt(path: string): boolean | undefined {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return undefined
  }
}
