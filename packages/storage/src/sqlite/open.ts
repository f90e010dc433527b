/** The SQLite engine: one file, opened, brought up to date, its groups of questions put together. */
import { existsSync, statSync } from 'node:fs'
import type { Statement } from 'better-sqlite3'
import type { OpenOptions } from '../open-options.js'
import type { Store } from '../store.js'
import { changes } from './changes.js'
import { connect, translating, type Connection } from './connection.js'
import { buildIndex } from './index-build.js'
import { commits } from './commits.js'
import { handoffs } from './handoffs.js'
import { hooks } from './hooks.js'
import { ingest } from './ingest.js'
import { messages } from './messages.js'
import { migrate, refuseOlder, refuseOthers } from './migrate.js'
import { projects } from './projects.js'
import { runs } from './runs.js'
import { search } from './search.js'
import { sessions } from './sessions.js'
import { tasks } from './tasks.js'

export function openSqlite(url: string, path: string, options: OpenOptions = {}): Store {
  const db = connect(path, options, (opened) => {
    refuseOthers(opened, path)
    if (options.as_it_is) refuseOlder(opened, path)
  })
  try {
    translating(path, () => {
      migrate(db)
      buildIndex(db)
    })
  } catch (error) {
    db.close()
    throw error
  }
  const group = <T extends object>(make: (db: Connection) => T): T => guarded(path, () => make(db))
  return {
    url,
    projects: group(projects),
    sessions: group(sessions),
    messages: group(messages),
    search: group(search),
    ingest: group(ingest),
    handoffs: group(handoffs),
    commits: group(commits),
    tasks: group(tasks),
    runs: group(runs),
    hooks: group(hooks),
    changes: group(changes),
    version: versionOf(db),
    async check() {
      return translating(path, () => (db.pragma('quick_check') as { quick_check: string }[]).map(({ quick_check }) => quick_check).filter((found) => found !== 'ok'))
    },
    async info() {
      return translating(path, () => {
        const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
        const size = (file: string) => (existsSync(file) ? statSync(file).size : 0)
        return {
          path,
          size: size(path),
          wal_size: size(`${path}-wal`),
          version: db.pragma('user_version', { simple: true }) as number,
          sessions: count('sessions'),
          // Counted as sessions do: to count a million rows takes longer than any question.
          messages: db.prepare('SELECT coalesce(sum(message_count), 0) FROM sessions').pluck().get() as number,
        }
      })
    },
    async close() {
      db.close()
    },
  }
}

/** SQLite tells others' commits in `data_version`, our own in `total_changes`. */
function versionOf(db: Connection): () => Promise<string> {
  let statements: { others: Statement; own: Statement } | undefined
  return async () => {
    const { others, own } = (statements ??= { others: db.prepare('PRAGMA data_version').pluck(), own: db.prepare('SELECT total_changes()').pluck() })
    return `${String(others.get())}.${String(own.get())}`
  }
}

/**
 * A group whose statements are prepared when it is first used (a command uses one or two groups), and whose failures
 * come out as `GobbyError`.
 */
function guarded<T extends object>(path: string, make: () => T): T {
  let group: T | undefined
  return new Proxy({} as T, {
    get(_target, name) {
      group ??= translating(path, make)
      const method = Reflect.get(group, name) as ((...args: unknown[]) => Promise<unknown>) | undefined
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        try {
          return await method(...args)
        } catch (error) {
          return translating(path, () => {
            throw error
          })
        }
      }
    },
  })
}
