/** Changes one settings file, and remembers how it was. */
import { lstatSync, readFileSync, rmSync } from 'node:fs'
import type { Scope, SettingsFile } from '../sources/source-install.js'
import { editsFor, madeBy, type Wanted } from './entries.js'
import type { Entry, Ledger } from './ledger.js'
import { Refusal } from './refusal.js'
import { meaningOf, rewritten } from './rewrite.js'
import { dropLeftovers, type FileState, hashOf, isUnchanged, missingFolders, readState, removeEmpty, removeFile, writeWhole } from './settings-file.js'

/** What became of a settings file; in a dry run: what would. */
export type FileReport = {
  source: string
  scope: Scope
  path: string
  /** What gobby has, or had, there. */
  holds: ('hooks' | 'mcp')[]
  outcome: 'created' | 'changed' | 'unchanged' | 'removed' | 'refused'
  /** The file as it was before gobby. */
  backup: string | null
  /** Why it was refused, and what to do. */
  reason?: string
  hint?: string
  /** The lines that change; of a dry run only. */
  diff?: string
}

/** A file, and what it is to hold. */
export type Target = Pick<FileReport, 'source' | 'scope' | 'holds'> & { file: SettingsFile; wanted: Wanted }

/** The ledger, and how it is kept. */
export type Memory = { ledger: Ledger; save(): void }

type Result = Pick<FileReport, 'outcome' | 'backup' | 'diff'>

/** Puts gobby's entries in, or takes them out, where `wanted` says null. A file that may not be touched is reported. */
export async function change(target: Target, memory: Memory, dry_run: boolean): Promise<FileReport> {
  const { source, scope, holds, file } = target
  const report = { source, scope, path: file.path, holds }
  try {
    return { ...report, ...(await tried(target, memory, dry_run)) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { ...report, outcome: 'refused', backup: null, reason: error.message, hint: error.hint }
  }
}

/** How often a file that its CLI writes at the same moment is read anew. */
const ATTEMPTS = 5

async function tried(target: Target, memory: Memory, dry_run: boolean): Promise<Result> {
  const { file } = target
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const state = readState(file.path, target.scope === 'user' ? 0o600 : 0o644)
    const next = textAfter(target, state, memory.ledger.files[file.path])
    if (next === undefined) return { outcome: 'unchanged', backup: null }
    const outcome = next.bytes === null ? 'removed' : state.bytes === null ? 'created' : 'changed'
    if (dry_run) return { outcome, backup: null, diff: await diffOf(file.path, state.bytes, next.bytes) }
    if (!isUnchanged(state)) continue
    return { outcome, backup: isRemoval(target) ? takenOut(file.path, state, next, memory) : putIn(target, state, next, memory) }
  }
  throw new Refusal('another program keeps writing it', 'Close the CLI, and run it again.')
}

const isRemoval = ({ wanted }: Target): boolean => wanted.hooks === null || wanted.server?.entry === null

type Next = { bytes: Buffer | string | null; made: string[]; pristine: boolean }

/** The file as it is to be; undefined when it is. */
function textAfter({ file, wanted }: Target, { bytes }: FileState, entry: Entry | undefined): Next | undefined {
  const text = bytes?.toString() ?? ''
  const root = meaningOf(file.format, text)
  const edits = editsFor(root, wanted, entry?.made)
  if (edits.length === 0) return undefined
  const pristine = editsFor(root, { hooks: null, ...(wanted.server ? { server: { table: wanted.server.table, entry: null } } : {}) }).length === 0
  if (wanted.hooks === null || wanted.server?.entry === null) return { ...without(file, text, entry, () => rewritten(file.format, text, edits)), made: [], pristine }
  return { bytes: rewritten(file.format, text, edits), made: madeBy(root, edits), pristine }
}

/** As it was before, if nobody has written since; else what is left without gobby's entries. */
function without(file: SettingsFile, text: string, entry: Entry | undefined, edited: () => string): { bytes: Buffer | string | null } {
  const untouched = entry !== undefined && hashOf(text) === entry.after
  const backup = untouched && entry.before !== null ? backupOf(entry) : undefined
  if (backup) return { bytes: backup }
  const rest = edited()
  const isEmpty = Object.keys(meaningOf(file.format, rest) as object).length === 0 && /^[\s{}]*$/.test(rest)
  return { bytes: entry?.created && isEmpty ? null : rest }
}

function backupOf(entry: Entry): Buffer | undefined {
  try {
    const bytes = entry.backup === null ? undefined : readFileSync(entry.backup)
    return bytes && hashOf(bytes) === entry.before ? bytes : undefined
  } catch {
    return undefined
  }
}

/**
 * Remembers first, writes then: killed in between, an uninstall finds a file it has nothing to do with.
 * @returns where the file as it was is kept
 */
function putIn({ source, scope, file }: Target, state: FileState, next: Next, { ledger, save }: Memory): string | null {
  const known = ledger.files[file.path]
  const bytes = next.bytes ?? ''
  const hash = state.bytes === null ? null : hashOf(state.bytes)
  // A later install on top of an earlier one: what was there before both is what an uninstall brings back.
  const goes_on = known !== undefined && hash === known.after && (known.created || backupOf(known) !== undefined)
  const backup = goes_on ? known.backup : state.bytes === null ? null : (known?.backup ?? freeName(`${file.path}.gobby-backup`))
  ledger.folders = [...new Set([...ledger.folders, ...missingFolders(file.path)])]
  ledger.files[file.path] = {
    source,
    scope,
    created: goes_on ? known.created : hash === null || (known?.created === true && hash !== known.before),
    before: goes_on ? known.before : next.pristine ? hash : null,
    after: hashOf(bytes),
    backup,
    made: [...new Set([...(known?.made ?? []), ...next.made])],
  }
  save()
  if (backup !== null && !goes_on) writeWhole(backup, state.bytes ?? '', state.mode)
  writeWhole(file.path, bytes, state.mode)
  return backup
}

/** A backup that is not gobby's own is left. */
function freeName(name: string): string {
  let free = name
  for (let n = 2; lstatSync(free, { throwIfNoEntry: false }); n++) free = `${name}-${n}`
  return free
}

function takenOut(path: string, state: FileState, { bytes }: Next, { ledger, save }: Memory): null {
  if (bytes === null) removeFile(path)
  else writeWhole(path, bytes, state.mode)
  forget(path, ledger)
  save()
  return null
}

/** Forgets a file that holds nothing of gobby's any more, and drops its backup. */
export function forget(path: string, ledger: Ledger): void {
  const known = ledger.files[path]
  if (!known) return
  if (known.backup !== null) rmSync(known.backup, { force: true })
  delete ledger.files[path]
  dropLeftovers(path)
  ledger.folders = removeEmpty(ledger.folders)
}

async function diffOf(path: string, before: Buffer | null, after: Buffer | string | null): Promise<string> {
  const { createTwoFilesPatch } = await import('diff')
  const name = (there: boolean): string => (there ? path : '/dev/null')
  const patch = createTwoFilesPatch(name(before !== null), name(after !== null), before?.toString() ?? '', after?.toString() ?? '', undefined, undefined, { context: 1 })
  // Without the lines above the names, which say the same.
  return patch.slice(patch.indexOf('--- '))
}
