/** What changed, written in the transaction of the change, for a live stream. */
import type { Change } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'

const KEPT_MS = 24 * 3_600_000
const KEPT_ROWS = 100_000

type Said = Pick<Change, 'type' | 'session_id'> & { project_id?: string | null; data?: Change['data']; now: string }

/** Notes a change; call it inside the transaction that makes it. The project is the session's where none is given. */
export function changeWriter(db: Connection): (said: Said) => void {
  const insert = db.prepare(
    `INSERT INTO outbox (type, created_at, project_id, session_id, data)
     VALUES (@type, @now, coalesce(@project_id, (SELECT project_id FROM sessions WHERE id = @session_id)), @session_id, @data)`,
  )
  return ({ project_id = null, data = {}, ...said }) => {
    insert.run({ ...said, project_id, data: JSON.stringify(data) })
  }
}

export function changes(db: Connection): Store['changes'] {
  const read = db.prepare('SELECT id, type, created_at, project_id, session_id, data FROM outbox WHERE id > ? ORDER BY id LIMIT ?')
  const range = db.prepare(
    `SELECT coalesce((SELECT id FROM outbox ORDER BY id LIMIT 1), 0) AS first, coalesce((SELECT id FROM outbox ORDER BY id DESC LIMIT 1), 0) AS last`,
  )
  // A few at a time: nobody waits long for the lock.
  const old = db.prepare('DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE created_at < ? OR id <= ? ORDER BY id LIMIT 5000)')
  return {
    async after(id, limit) {
      return (read.all(id, limit) as (Omit<Change, 'data'> & { data: string })[]).map((row) => ({ ...row, data: JSON.parse(row.data) as Change['data'] }))
    },
    async range() {
      return range.get() as { first: number; last: number }
    },
    async trim(now) {
      const before = new Date(Date.parse(now) - KEPT_MS).toISOString()
      const { last } = range.get() as { last: number }
      while (old.run(before, last - KEPT_ROWS).changes > 0);
    },
  }
}
