import { existsSync, statSync } from 'node:fs'
import { databasePath, GobbyError, type Store } from '@gobby/storage'
import type { Config } from '../config.js'
import { type Context, createContext } from '../context.js'
import { inFolders } from '../ingest/discover.js'
import { isSettled, readers } from '../ingest/sync.js'
import { sources } from '../sources/index.js'
import type { Problem } from './problem.js'

export type HookCounts = Awaited<ReturnType<Store['hooks']['list']>>

/** The database; what cannot be known is null. Sizes in bytes. */
export type DatabaseReport = {
  path: string
  /** False before the first sync or hook. */
  there: boolean
  size: number | null
  wal_size: number | null
  version: number | null
  /** `ok`, or what is wrong. */
  integrity: string | null
  sessions: number | null
  messages: number | null
  projects: number | null
  /** Transcripts that hold something gobby has not taken in; of these, as many were never read. */
  not_ingested: number
  never_read: number
}

/** A log that is not taken back into the file for so long that it grows past this. */
const LARGE_WAL = 256 * 1024 * 1024
/** A transcript that was written so lately belongs to a session at work: its hooks will have it taken in. */
const AT_WORK_MS = 10 * 60_000

export async function examineDatabase(config: Config): Promise<{ report: DatabaseReport; hooks: HookCounts; problems: Problem[] }> {
  const path = databasePath(config.database_url)
  const there = path !== ':memory:' && existsSync(path)
  const report: DatabaseReport = { path, there, size: null, wal_size: null, version: null, integrity: null, sessions: null, messages: null, projects: null, not_ingested: 0, never_read: 0 }
  const problems: Problem[] = []
  if (!there) {
    report.not_ingested = report.never_read = inFolders(sources, config).candidates.filter(({ file }) => file.size > 0).length
    return { report, hooks: [], problems: behind(report, report.never_read) }
  }
  report.size = statSync(path).size
  let ctx: Context | undefined
  try {
    ctx = await createContext({ env: config.env, cwd: config.cwd, database_url: config.database_url, replay: false })
    const { store } = ctx
    const { size, wal_size, version, sessions, messages } = await store.info()
    const [projects, faults, index, hooks] = [await store.projects.list(), await store.check(), await store.search.check(), await store.hooks.list()]
    const wrong = [...faults, ...(index ? [] : ['the search index does not fit the messages'])]
    Object.assign(report, { size, wal_size, version, sessions, messages, projects: projects.length, integrity: wrong.join('; ') || 'ok' })
    if (wrong.length > 0) problems.push({ what: `The database ${path} is damaged: ${wrong[0]}.`, do: `Move it away and take everything in anew: mv '${path}' '${path}.damaged' && gobby session sync` })
    if (wal_size > LARGE_WAL) problems.push({ what: `The log beside the database is ${Math.round(wal_size / 1024 / 1024)} MB: another program keeps the database open.`, do: `See which, and end it: fuser -v '${path}'` })
    const waiting = await transcriptsBehind(ctx)
    report.not_ingested = waiting.length
    report.never_read = waiting.filter(({ known }) => !known).length
    problems.push(...behind(report, waiting.filter(({ known, quiet }) => !known || quiet).length))
    return { report, hooks, problems }
  } catch (error) {
    if (!(error instanceof GobbyError)) throw error
    report.integrity = error.message
    return { report, hooks: [], problems: [{ what: error.message, do: error.hint ?? 'Mend that, and run gobby doctor again.' }] }
  } finally {
    await ctx?.close()
  }
}

async function transcriptsBehind({ store, config }: Context): Promise<{ known: boolean; quiet: boolean }[]> {
  const known = await store.ingest.knownFiles(readers())
  return inFolders(sources, config).candidates.flatMap(({ file }) => {
    const before = known.get(file.path)
    if (file.size === 0 || (before && isSettled(before, file, false))) return []
    return [{ known: before !== undefined, quiet: Date.now() - file.mtime_ms > AT_WORK_MS }]
  })
}

function behind({ never_read }: DatabaseReport, count: number): Problem[] {
  if (count === 0) return []
  return [{ what: `${count === 1 ? 'One transcript holds' : `${count} transcripts hold`} something that gobby has not taken in${never_read > 0 ? ` (${never_read} never read)` : ''}.`, do: 'gobby session sync' }]
}
