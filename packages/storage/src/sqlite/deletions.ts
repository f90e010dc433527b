/** Deleting sessions: many small transactions, and a note first, so that a deletion that was cut off is completed. */
import type { Session } from '../model.js'
import type { Store } from '../store.js'
import { changeWriter } from './changes.js'
import type { Connection } from './connection.js'
import { ROWS_PER_SESSION } from './rows.js'
import { sessionQueries } from './session-queries.js'
import { taskReleaser } from './task-claims.js'
import { usageEraser } from './usage-writer.js'

const ROWS_AT_ONCE = 2000

type Deletions = {
  forSessions: Pick<Store['sessions'], 'delete'>
  forIngest: Pick<Store['ingest'], 'deleted' | 'forgetDeleted' | 'finishDeletes'>
}

/** Prepared at the first delete: nearly no start of the program has one. */
export function deletions(db: Connection): Deletions {
  let prepared: Deletions | undefined
  const later = (): Deletions => (prepared ??= prepareDeletions(db))
  return {
    forSessions: { delete: (...args) => later().forSessions.delete(...args) },
    forIngest: {
      deleted: () => later().forIngest.deleted(),
      forgetDeleted: (...args) => later().forIngest.forgetDeleted(...args),
      finishDeletes: (...args) => later().forIngest.finishDeletes(...args),
    },
  }
}

function prepareDeletions(db: Connection): Deletions {
  const { get } = sessionQueries(db)
  const forgetUsage = usageEraser(db)
  const say = changeWriter(db)
  const releaseTasks = taskReleaser(db)
  const withSubagents = db
    .prepare(
      `WITH RECURSIVE tree(id) AS (
         SELECT value FROM json_each(?) UNION
         SELECT s.id FROM sessions s JOIN tree ON s.parent_session_id = tree.id WHERE s.relation = 'subagent')
       SELECT id FROM tree`,
    )
    .pluck()
  const remember = db.prepare(
    `INSERT INTO deleted_sessions (source, external_id, path, size, deleted_at, unfinished_session_id)
     SELECT s.source, s.external_id, st.path, coalesce(st.size, 0), @now, s.id
     FROM sessions s LEFT JOIN session_message_state st ON st.session_id = s.id WHERE s.id = @id
     ON CONFLICT (source, external_id) DO UPDATE SET path = excluded.path, size = excluded.size, deleted_at = excluded.deleted_at,
       unfinished_session_id = excluded.unfinished_session_id`,
  )
  const unfinished = db.prepare('SELECT unfinished_session_id FROM deleted_sessions WHERE unfinished_session_id IS NOT NULL').pluck()
  // Upwards: at every step down FTS5 flushes what it holds, which takes fifty times as long.
  const someRows = db.prepare(`SELECT id FROM session_messages WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ${ROWS_AT_ONCE}`).pluck()
  const deleteIndex = db.prepare('DELETE FROM message_search WHERE rowid = ?')
  const deleteRow = db.prepare('DELETE FROM session_messages WHERE id = ?')
  const deleteSession = db.prepare('DELETE FROM sessions WHERE id = ?')
  const finished = db.prepare('UPDATE deleted_sessions SET unfinished_session_id = NULL WHERE unfinished_session_id = ?')
  const rowKey = db.prepare('SELECT row_key FROM sessions WHERE id = ?').pluck()

  // Else the index would clean up after so many deletes at once by merging, for seconds, inside our transactions. What
  // is dead in it goes with the merges that new messages bring.
  const mergeLater = db.prepare(`INSERT INTO message_search (message_search, rank) VALUES ('deletemerge', 0)`)

  function erase(id: string): void {
    const key = rowKey.get(id) as number | undefined
    if (key !== undefined) {
      mergeLater.run()
      const first = key * ROWS_PER_SESSION
      const some = db.transaction(() => {
        const ids = someRows.all(first, first + ROWS_PER_SESSION - 1) as number[]
        for (const row of ids) {
          deleteIndex.run(row)
          deleteRow.run(row)
        }
        return ids.length > 0
      })
      while (some.immediate());
    }
    forgetUsage(id)
    db.transaction(() => {
      deleteSession.run(id)
      finished.run(id)
    }).immediate()
  }

  return {
    forSessions: {
      async delete(ids, now) {
        const all = db
          .transaction(() => {
            const found = (withSubagents.all(JSON.stringify(ids)) as string[]).map((id) => get(id)).filter((s): s is Session => s !== undefined)
            for (const { id, project_id, seq_num, source, external_id } of found) {
              remember.run({ id, now })
              releaseTasks(id, now)
              say({ type: 'session.deleted', session_id: id, project_id, data: { seq_num, source, external_id }, now })
            }
            return found
          })
          .immediate()
        for (const session of all) erase(session.id)
        return all
      },
    },
    forIngest: {
      async deleted() {
        const rows = db.prepare('SELECT source, external_id, size, path, deleted_at FROM deleted_sessions').all() as {
          source: string
          external_id: string
          size: number
          path: string | null
          deleted_at: string
        }[]
        return new Map(rows.map((row) => [`${row.source} ${row.external_id}`, { size: row.size, path: row.path, deleted_at: row.deleted_at }]))
      },
      async forgetDeleted(source, external_id) {
        db.prepare('DELETE FROM deleted_sessions WHERE source = ? AND external_id = ?').run(source, external_id)
      },
      async finishDeletes() {
        for (const id of unfinished.all() as string[]) erase(id)
      },
    },
  }
}
