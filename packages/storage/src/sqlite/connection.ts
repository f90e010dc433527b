/** The open SQLite file, and its failures in words. */
import { chmodSync, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { GobbyError } from '../errors.js'
import { makeFolder } from '../make-folder.js'
import type { OpenOptions } from '../open-options.js'

export type Connection = Database.Database

const BUSY_TIMEOUT_MS = 5000

/**
 * Opens the file, made private to the user when it is new. Not migrated yet.
 *
 * @param inspect looks at the file before anything in it is changed, and throws when it is not to be used
 * @throws GobbyError `unavailable`: not a database, no permission, damaged.
 */
export function connect(path: string, { busy_timeout_ms = BUSY_TIMEOUT_MS }: OpenOptions, inspect: (db: Connection) => void): Connection {
  return translating(path, () => {
    const fresh = path !== ':memory:' && !existsSync(path)
    if (fresh) makeFolder(dirname(path))
    const db = new Database(path, { timeout: busy_timeout_ms })
    try {
      if (fresh) chmodSync(path, 0o600)
      inspect(db)
      configure(db, busy_timeout_ms)
    } catch (error) {
      db.close()
      throw error
    }
    return db
  })
}

function configure(db: Connection, busy_timeout_ms: number): void {
  // WAL: readers never wait. NORMAL keeps the file sound at a crash; only a power cut may lose the last commits,
  // and those are read again from the transcripts.
  useWal(db, busy_timeout_ms)
  db.pragma('synchronous = NORMAL')
  db.pragma('foreign_keys = ON')
  db.pragma('cache_size = -32000')
  db.pragma('temp_store = MEMORY')
  // 16 MB between checkpoints: pages of the index change again and again, and each is then moved once (a tenth of an ingest).
  db.pragma('wal_autocheckpoint = 4000')
}

/** Of two processes that make the file at once, SQLite lets neither wait here for the other. */
function useWal(db: Connection, busy_timeout_ms: number): void {
  for (const end = Date.now() + busy_timeout_ms; ; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)) {
    try {
      if (db.pragma('journal_mode', { simple: true }) !== 'wal') db.pragma('journal_mode = WAL')
      return
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'SQLITE_BUSY' || Date.now() >= end) throw error
    }
  }
}

/** Runs `action`; a failure of SQLite comes out as a `GobbyError` that says what to do. */
export function translating<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw translated(path, error)
  }
}

function translated(path: string, error: unknown): unknown {
  const code = (error as { code?: unknown }).code
  if (error instanceof GobbyError || typeof code !== 'string') return error
  const fail = (kind: 'busy' | 'unavailable', message: string, hint: string) => new GobbyError(kind, message, hint, { cause: error })
  const known: [RegExp, () => GobbyError][] = [
    [
      /^SQLITE_(BUSY|LOCKED)/,
      () => fail('busy', `The database ${path} is held by another process.`, `Try again; see who holds it with: fuser -v ${path}`),
    ],
    [/^SQLITE_(READONLY|PERM)/, () => fail('unavailable', `The database ${path} cannot be written: it is read-only.`, `Check its owner and mode: ls -l ${path}`)],
    [/^SQLITE_CANTOPEN|^EACCES|^EPERM|^ENOENT|^ENOTDIR|^EISDIR|^EROFS|^EEXIST|^ENAMETOOLONG/, () => fail('unavailable', `The database ${path} cannot be opened.`, `Check that its folder exists and that you may write there.`)],
    [/^SQLITE_FULL|^ENOSPC|^SQLITE_IOERR_WRITE/, () => fail('unavailable', `The disk with ${path} is full.`, 'Free some space and run it again; nothing is lost.')],
    [/^SQLITE_NOTADB/, () => fail('unavailable', `${path} is not a database.`, 'Move it away, or name another one with GOBBY_DATABASE_URL.')],
    [/^SQLITE_CORRUPT/, () => fail('unavailable', `The database ${path} is damaged.`, `Keep a copy, then try: sqlite3 ${path} .recover`)],
    [/^SQLITE_IOERR/, () => fail('unavailable', `Reading or writing ${path} failed.`, 'Check the disk.')],
  ]
  return known.find(([pattern]) => pattern.test(code))?.[1]() ?? error
}
