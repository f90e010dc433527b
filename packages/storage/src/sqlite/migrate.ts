/** Brings a database file forward to today's layout, by the migrations that drizzle-kit made. */
import { readFileSync } from 'node:fs'
import { GobbyError } from '../errors.js'
import type { Connection } from './connection.js'

const folder = new URL('../../migrations/', import.meta.url)

type Journal = { entries: { idx: number; tag: string }[] }

/** The names of all migrations, oldest first. A database's version is how many of them it has. */
export function migrationTags(): string[] {
  const journal = JSON.parse(readFileSync(new URL('meta/_journal.json', folder), 'utf8')) as Journal
  return journal.entries.map((entry) => entry.tag)
}

/**
 * @throws GobbyError `unavailable` for a file of a newer gobby, or of another program
 */
export function refuseOthers(db: Connection, path: string): void {
  if (isForeign(db)) {
    throw new GobbyError('unavailable', `${path} is a database of another program.`, 'Name another file with GOBBY_DATABASE_URL.')
  }
  if (versionOf(db) > LATEST) {
    throw new GobbyError('unavailable', `The database ${path} was written by a newer gobby.`, 'Update gobby; the file is left as it is.')
  }
}

/**
 * @throws GobbyError `busy` for a file that has to be brought up to date first; a new one is made at once
 */
export function refuseOlder(db: Connection, path: string): void {
  const version = versionOf(db)
  if (version > 0 && version < LATEST) throw new GobbyError('busy', `The database ${path} has to be brought up to date first.`, 'Run: gobby session list')
}

/**
 * Applies what is missing, up to `target` (for tests; normally all), each migration in a transaction of its own that
 * takes the write lock before it looks at the version: two processes that open an old file do not both migrate it.
 */
export function migrate(db: Connection, target?: number): void {
  const version = versionOf(db)
  // Almost every time there is nothing to do, and then the journal is not even read.
  if (target === undefined && version === LATEST) return
  const tags = migrationTags()
  const end = target ?? tags.length
  const apply = (next: number): void => {
    const statements = readFileSync(new URL(`${tags[next]}.sql`, folder), 'utf8').split('--> statement-breakpoint')
    for (const statement of statements) db.exec(statement)
    db.pragma(`user_version = ${next + 1}`)
  }
  const together = (from: number, to: number): void => {
    db.transaction(() => {
      for (let next = from; next < to && versionOf(db) === next; next++) apply(next)
    }).immediate()
  }
  // A new file is made in one go: to a hook beside it, it must not look like an old one.
  if (version === 0) together(0, end)
  for (let next = versionOf(db); next < end; next++) together(next, next + 1)
}

/** Today's version, so that opening a database that is up to date reads no file. A test compares it with the journal. */
export const LATEST = 8

function versionOf(db: Connection): number {
  const recorded = () => db.pragma('user_version', { simple: true }) as number
  const version = recorded()
  if (version > 0) return version
  // A file from before versions were recorded has the first layout; asked again, since another process may just have made it.
  return hasTable(db, 'session_messages') ? recorded() || 1 : 0
}

function isForeign(db: Connection): boolean {
  // The Python program has tables of the same names; this column only ours has.
  const ours = db.prepare(`SELECT 1 FROM pragma_table_info('session_messages') WHERE name = 'is_prompt'`)
  // In this order: another process may be making the file.
  return db.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() !== undefined && ours.get() === undefined
}

function hasTable(db: Connection, name: string): boolean {
  return db.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`).get(name) !== undefined
}
