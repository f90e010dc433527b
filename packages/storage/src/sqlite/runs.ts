import type { Run, Status } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'

const RUN = 'SELECT r.session_id, r.pid, r.process_start, r.terminal, r.started_at, r.seen_at, r.ended_at, r.end_reason, r.owed_handoff_id'

export function runs(db: Connection): Store['runs'] {
  const enter = db.prepare(
    `INSERT INTO session_runs (session_id, pid, process_start, terminal, started_at, seen_at)
     VALUES (@session_id, @pid, @process_start, @terminal, @now, @now)
     ON CONFLICT (session_id) DO UPDATE SET pid = coalesce(@pid, pid), process_start = CASE WHEN @pid IS NULL THEN process_start ELSE @process_start END,
       terminal = coalesce(@terminal, terminal), seen_at = max(seen_at, @now), ended_at = NULL, end_reason = NULL`,
  )
  return {
    async get(session_id) {
      return db.prepare(`${RUN} FROM session_runs r WHERE r.session_id = ?`).get(session_id) as Run | undefined
    },
    async enter(run, now) {
      enter.run({ ...run, now })
    },
    async leave(session_id, reason, now) {
      db.prepare('UPDATE session_runs SET ended_at = ?, end_reason = ? WHERE session_id = ? AND ended_at IS NULL').run(now, reason, session_id)
    },
    async open() {
      return db
        .prepare(
          `${RUN}, (SELECT status FROM sessions WHERE id = r.session_id) AS status FROM session_runs r
           WHERE r.session_id IN (SELECT id FROM sessions WHERE status IN ('active', 'paused'))`,
        )
        .all() as (Run & { status: Status })[]
    },
    async ofPid(pid) {
      return db.prepare(`${RUN} FROM session_runs r WHERE r.pid = ? ORDER BY r.seen_at DESC, r.rowid DESC`).all(pid) as Run[]
    },
    async endedSince(project_id, reason, since) {
      return db
        .prepare(
          `${RUN} FROM session_runs r WHERE r.ended_at >= ? AND r.end_reason = ?
           AND (SELECT project_id FROM sessions WHERE id = r.session_id) = ? ORDER BY r.ended_at DESC, r.rowid DESC`,
        )
        .all(since, reason, project_id) as Run[]
    },
    async owe(session_id, handoff_id) {
      db.prepare('UPDATE session_runs SET owed_handoff_id = ? WHERE session_id = ?').run(handoff_id, session_id)
    },
    async takeOwed(session_id) {
      return db
        .transaction(() => {
          const owed = db.prepare('SELECT owed_handoff_id FROM session_runs WHERE session_id = ?').pluck().get(session_id) as string | null | undefined
          if (owed) db.prepare('UPDATE session_runs SET owed_handoff_id = NULL WHERE session_id = ?').run(session_id)
          return owed ?? undefined
        })
        .immediate()
    },
  }
}
