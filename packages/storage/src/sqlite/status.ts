import type { Status } from '../model.js'
import { changeWriter } from './changes.js'
import type { Connection } from './connection.js'

export type StatusChange = { reason: string; actor: string; now: string }

/** Moves a session's status, with its audit row; call it inside a transaction. Gives whether it moved. */
export function statusMover(db: Connection) {
  const current = db.prepare('SELECT status FROM sessions WHERE id = ?').pluck()
  // A session that goes on has not ended; bookkeeping never moves last_activity_at.
  const move = db.prepare(
    `UPDATE sessions SET status = @to, updated_at = @now,
       ended_at = CASE WHEN @to IN ('active', 'paused') THEN NULL ELSE coalesce(ended_at, last_activity_at) END
     WHERE id = @id AND status = @from`,
  )
  const audit = statusAudit(db)
  const say = changeWriter(db)
  return (id: string, from: readonly Status[], to: Status, change: StatusChange): boolean => {
    const now = current.get(id) as Status | undefined
    if (now === undefined || now === to || !from.includes(now)) return false
    move.run({ id, from: now, to, now: change.now })
    audit(id, now, to, change)
    say({ type: 'session.updated', session_id: id, data: { status: to }, now: change.now })
    return true
  }
}

export function statusAudit(db: Connection) {
  const insert = db.prepare(
    `INSERT INTO session_status_audit (session_id, from_status, to_status, reason, actor, created_at)
     VALUES (@id, @from, @to, @reason, @actor, @now)`,
  )
  return (id: string, from: Status | null, to: Status, change: StatusChange): void => {
    insert.run({ id, from, to, ...change })
  }
}
