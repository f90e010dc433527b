/** Takes in every transcript that is new or has grown. */
import type { KnownFile, NewSession, Project, Session } from '@gobby/storage'
import type { Context } from '../context.js'
import { atPaths, type Candidate, inFolders, type Unreadable } from './discover.js'
import { ingestTranscript, isAt } from './ingest.js'
import { refusalOf } from './file-errors.js'
import { sweep } from '../lifecycle.js'
import { parentOf } from './parent.js'
import { projectFor } from '../project.js'
import { sources } from '../sources/index.js'
import type { Source, TranscriptHead } from '../sources/source.js'
import { headLines, type TranscriptFile } from '../sources/transcript-file.js'

/** What to sync. */
export type SyncOptions = {
  /** Files and folders to read instead of the CLIs' own. */
  paths?: string[]
  /** Only this source. */
  source?: string
  /** Bring back sessions that were deleted. */
  restore_deleted?: boolean
  onProgress?: (progress: SyncProgress) => void
}

/** Counts of what is to be read, not of what was found unchanged. */
export type SyncProgress = { files_done: number; files: number; bytes_done: number; bytes: number }

/** What a sync found of one CLI. */
export type SourceReport = {
  files: number
  created: number
  updated: number
  unchanged: number
  /** Messages added by this sync. */
  messages: number
  skipped_lines: number
  skipped_reasons: Record<string, number>
}

/** What a sync found and did. */
export type SyncReport = {
  sources: Record<string, SourceReport>
  skipped_files: { path: string; reason: string }[]
  /** Transcripts that hold bytes, and not one prompt or answer: a format that changed, most likely. */
  alarms: { path: string; source: string; reason: string }[]
  /** Paths that could not be read at all. */
  unreadable: Unreadable[]
}

type Found = { source: Source; file: TranscriptFile; head: TranscriptHead; named: boolean }

/**
 * Takes in every transcript that is new or has grown, and moves the status of silent sessions along.
 *
 * @throws GobbyError `busy` and `unavailable` as the store does; a transcript that cannot be read is reported, not thrown
 */
export async function sync(ctx: Context, options: SyncOptions = {}): Promise<SyncReport> {
  const { store } = ctx
  const now = ctx.now().toISOString()
  await store.ingest.finishDeletes(now)
  const wanted = sources.filter((source) => options.source === undefined || source.name === options.source)
  const { candidates, unreadable } = options.paths?.length ? atPaths(options.paths, ctx.config.cwd) : inFolders(wanted, ctx.config)
  const report: SyncReport = { sources: Object.fromEntries(wanted.map(({ name }) => [name, emptyReport()])), skipped_files: [], alarms: [], unreadable }
  const known = await store.ingest.knownFiles(readers())

  const found: Found[] = []
  const skip = async ({ file, named }: Pick<Candidate, 'file' | 'named'>, reason: string, already = false): Promise<void> => {
    if (!already) await store.ingest.rememberSkipped([{ ...file, reason }])
    if (named || !already) report.skipped_files.push({ path: file.path, reason })
  }
  for (const candidate of candidates) {
    const { file } = candidate
    const before = known.get(file.path)
    const settled = before && isSettled(before, file, options.restore_deleted === true)
    if (settled && before.session_id !== null) count(report, before.source ?? '', { outcome: 'unchanged', messages: 0, skipped: {} })
    else if (settled) await skip(candidate, before.reason ?? '', true)
    else {
      const looked = lookInto(candidate, wanted)
      if (typeof looked === 'string') await (looked.startsWith('cannot') ? unreadable.push({ path: file.path, reason: looked }) : skip(candidate, looked))
      else found.push({ ...looked, file, named: candidate.named })
    }
  }

  const { chosen, copies } = oneFileEach(found)
  for (const copy of copies) await skip(copy, 'another copy of the same session')
  chosen.sort(byStart)
  const progress: SyncProgress = { files_done: 0, files: chosen.length, bytes_done: 0, bytes: chosen.reduce((sum, { file }) => sum + file.size, 0) }
  const deleted = await store.ingest.deleted()
  // Most sessions share a few folders, and each look at one asks the disk a dozen times.
  const projects = new Map<string | null, Promise<Project>>()
  const projectOf = (cwd: string | null): Promise<Project> => {
    const project = projects.get(cwd) ?? projectFor(ctx, cwd)
    projects.set(cwd, project)
    return project
  }
  for (const one of chosen) {
    const bytes_before = progress.bytes_done
    const onStep = ({ offset }: { offset: number }) => {
      progress.bytes_done = bytes_before + Math.min(offset, one.file.size)
      options.onProgress?.(progress)
    }
    options.onProgress?.(progress)
    const gone = deleted.get(`${one.source.name} ${one.head.external_id}`)
    // What was written before the delete was meant by it, read or not.
    const goesOn = gone && one.file.size > gone.size && one.file.mtime_ms > Date.parse(gone.deleted_at)
    if (gone && !goesOn && !options.restore_deleted) await skip(one, DELETED)
    else await take(ctx, one, { report, skip, projectOf, onStep })
    if (gone && (options.restore_deleted || goesOn)) await store.ingest.forgetDeleted(one.source.name, one.head.external_id)
    progress.files_done++
    progress.bytes_done = bytes_before + one.file.size
  }
  options.onProgress?.(progress)
  await sweep(ctx)
  return report
}

/** Who reads files, in which version. */
export function readers(): string {
  return sources.map(({ name, parser_version }) => `${name} ${parser_version}`).join(', ')
}

const DELETED = 'deleted by you (--restore-deleted brings it back)'

/** Whether nothing can have changed since the file was last read or passed over. */
export function isSettled(before: KnownFile, file: TranscriptFile, restoring: boolean): boolean {
  if (before.session_id === null) {
    const same = before.size === file.size && before.mtime_ms === file.mtime_ms && before.inode === file.inode
    return same && !(restoring && before.reason === DELETED)
  }
  const source = sources.find(({ name }) => name === before.source)
  return source !== undefined && isAt(before, file, source)
}

/** Whose transcript a file is; or why it is none. */
function lookInto({ file, source }: Candidate, wanted: Source[]): { source: Source; head: TranscriptHead } | string {
  if (file.size === 0) return 'empty'
  try {
    for (const candidate of source ? [source] : wanted) {
      const head = candidate.peek({ path: file.path, lines: headLines(file.path) })
      if (head) return { source: candidate, head }
    }
    return 'not a transcript of a known CLI'
  } catch (error) {
    return `cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`
  }
}

/** Of several files of one session the one in the newer form, then the longer one, then the one written last. */
function oneFileEach(found: Found[]): { chosen: Found[]; copies: Found[] } {
  const best = new Map<string, Found>()
  const copies: Found[] = []
  for (const one of found) {
    const key = `${one.source.name} ${one.head.external_id}`
    const other = best.get(key)
    if (!other) best.set(key, one)
    else {
      const better = isBetter(one, other)
      best.set(key, better ? one : other)
      copies.push(better ? other : one)
    }
  }
  return { chosen: [...best.values()], copies }
}

function isBetter(a: Pick<Found, 'head' | 'file'>, b: Pick<Found, 'head' | 'file'>): boolean {
  const order = [a.head.preference - b.head.preference, a.file.size - b.file.size, a.file.mtime_ms - b.file.mtime_ms]
  return (order.find((difference) => difference !== 0) ?? 0) > 0
}

/** Sessions are numbered in the order of their start; one that came from another, after it. */
function byStart(a: Found, b: Found): number {
  const start = ({ head, file }: Found) => head.started_at ?? new Date(file.mtime_ms).toISOString()
  const [first, second] = [start(a), start(b)]
  if (first !== second) return first < second ? -1 : 1
  const rank = ({ head }: Found) => (head.parent ? 2 : head.follows ? 1 : 0)
  return rank(a) - rank(b) || a.file.mtime_ms - b.file.mtime_ms || (a.file.path < b.file.path ? -1 : 1)
}

type Taking = {
  report: SyncReport
  skip(one: Found, reason: string): Promise<void>
  projectOf(cwd: string | null): Promise<Project>
  onStep(step: { offset: number }): void
}

async function take(ctx: Context, found: Found, { report, skip, projectOf, onStep }: Taking): Promise<void> {
  const { source, file, head } = found
  const stored = await ctx.store.sessions.findByExternalId(source.name, head.external_id)
  if (stored && (await keepsItsOwnFile(ctx, stored, found))) return skip(found, 'another copy of the same session')
  try {
    const taken = stored
      ? await ingestTranscript(ctx, source, file, stored, onStep)
      : await ingestTranscript(ctx, source, file, () => newSession(ctx, looked(found), projectOf), onStep)
    if (taken) return count(report, source.name, { ...taken, outcome: stored && taken.outcome === 'created' ? 'updated' : taken.outcome })
    report.alarms.push({ path: file.path, source: source.name, reason: `${file.size} bytes, and no prompt or answer in them` })
    await ctx.store.ingest.rememberSkipped([{ ...file, reason: 'no prompt or answer in it' }])
  } catch (error) {
    const code = refusalOf(error)
    if (code === undefined) throw error
    report.unreadable.push({ path: file.path, reason: `cannot be read: ${code}` })
  }
}

/** Whether the file that the session was read from is still there and better than this one. */
async function keepsItsOwnFile(ctx: Context, stored: Session, found: Found): Promise<boolean> {
  const state = await ctx.store.ingest.state(stored.id)
  if (!state?.path || state.path === found.file.path) return false
  const other = lookInto({ file: { ...found.file, path: state.path, size: state.size, mtime_ms: state.mtime_ms }, source: found.source, named: false }, [])
  if (typeof other === 'string' || other.head.external_id !== found.head.external_id) return false
  return !isBetter(found, { head: other.head, file: { ...found.file, size: state.size, mtime_ms: state.mtime_ms } })
}

/** A file found while its first lines were being written tells its folder, and whose fork it is, only by now. */
function looked(found: Found): Found {
  const { source, file, head } = found
  return head.cwd === null ? { ...found, head: source.peek({ path: file.path, lines: headLines(file.path) }) ?? head } : found
}

async function newSession(ctx: Context, { source, file, head }: Found, projectOf: Taking['projectOf']): Promise<NewSession> {
  const now = ctx.now().toISOString()
  const start = head.started_at ?? new Date(file.mtime_ms).toISOString()
  const fields: NewSession = {
    external_id: head.external_id,
    source: source.name,
    project_id: (await projectOf(head.cwd)).id,
    machine_id: ctx.machineId(),
    transcript_path: file.path,
    parent_session_id: null,
    relation: null,
    agent_depth: 0,
    created_at: start,
    last_activity_at: start,
    status: 'active',
    cwd: head.cwd,
    git_branch: head.git_branch,
    model: null,
    title: null,
  }
  const found = await parentOf(ctx, source, head)
  if (head.parent?.relation !== 'subagent') return found ? { ...fields, parent_session_id: found.session.id, relation: found.relation } : fields
  // A sub-agent whose parent's transcript is gone, or not read yet, still belongs to it.
  const stub = { ...fields, external_id: head.parent.external_id, transcript_path: null }
  const parent = found?.session ?? (await ctx.store.sessions.register(stub, now)).session
  return { ...fields, parent_session_id: parent.id, relation: 'subagent', agent_depth: parent.agent_depth + 1, project_id: parent.project_id }
}

function count(report: SyncReport, source: string, taken: { outcome: 'created' | 'updated' | 'unchanged'; messages: number; skipped: Record<string, number> }): void {
  const into = (report.sources[source] ??= emptyReport())
  into.files++
  into[taken.outcome]++
  into.messages += taken.messages
  for (const [reason, n] of Object.entries(taken.skipped)) {
    into.skipped_lines += n
    into.skipped_reasons[reason] = (into.skipped_reasons[reason] ?? 0) + n
  }
}

function emptyReport(): SourceReport {
  return { files: 0, created: 0, updated: 0, unchanged: 0, messages: 0, skipped_lines: 0, skipped_reasons: {} }
}
