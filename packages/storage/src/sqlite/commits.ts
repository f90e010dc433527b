import type { Commit, Session } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'
import { sessionQueries } from './session-queries.js'

const COLUMNS = 'hash, message, timestamp, author, branch, evidence, certainty'

export function commits(db: Connection): Store['commits'] {
  const { get } = sessionQueries(db)
  const insert = db.prepare(
    `INSERT INTO session_commits (session_id, ${COLUMNS})
     VALUES (@session_id, @hash, @message, @timestamp, @author, @branch, @evidence, @certainty)`,
  )

  return {
    async put(session_id, all) {
      db.transaction(() => {
        db.prepare('DELETE FROM session_commits WHERE session_id = ?').run(session_id)
        for (const commit of all) insert.run({ ...commit, session_id })
      }).immediate()
    },
    async ofSession(session_id) {
      return db.prepare(`SELECT ${COLUMNS} FROM session_commits WHERE session_id = ? ORDER BY timestamp DESC, id`).all(session_id) as Commit[]
    },
    async findByHash(hash) {
      const rows = db
        .prepare(
          `SELECT session_id, ${COLUMNS} FROM session_commits WHERE hash >= @hash AND hash < @hash || 'g'
           UNION ALL SELECT session_id, ${COLUMNS} FROM session_commits WHERE length(hash) < length(@hash) AND hash = substr(@hash, 1, length(hash))`,
        )
        .all({ hash }) as (Commit & { session_id: string })[]
      return rows.map(({ session_id, ...commit }) => ({ session: get(session_id) as Session, commit }))
    },
  }
}
