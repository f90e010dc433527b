/** Sessions: registered once, numbered per project, moved along by status. */
import { randomUUID } from 'node:crypto'
import type { Session, Tokens } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'
import { nextNumber } from './counters.js'
import { deletions } from './deletions.js'
import { sessionQueries, sessionReads } from './session-queries.js'
import { sessionStats } from './session-stats.js'

export function sessions(db: Connection): Store['sessions'] {
  const { get } = sessionQueries(db)
  const idOf = db.prepare('SELECT id FROM sessions WHERE source = ? AND external_id = ?').pluck()
  const insert = db.prepare(
    `INSERT INTO sessions (id, seq_num, row_key, external_id, source, project_id, machine_id, transcript_path, parent_session_id,
       relation, agent_depth, created_at, last_activity_at, status, cwd, git_branch, model, title, updated_at, ended_at)
     VALUES (@id, @seq_num, @row_key, @external_id, @source, @project_id, @machine_id, @transcript_path, @parent_session_id,
       @relation, @agent_depth, @created_at, @last_activity_at, @status, @cwd, @git_branch, @model, @title, @now,
       CASE WHEN @status = 'expired' THEN @last_activity_at END)`,
  )
  const audit = db.prepare(
    `INSERT INTO session_status_audit (session_id, from_status, to_status, reason, actor, created_at)
     VALUES (@id, @from, @to, @reason, @actor, @now)`,
  )
  // A session that goes on has not ended; bookkeeping never moves last_activity_at.
  const move = db.prepare(
    `UPDATE sessions SET status = @to, updated_at = @now,
       ended_at = CASE WHEN @to IN ('active', 'paused') THEN NULL ELSE coalesce(ended_at, last_activity_at) END
     WHERE id = @id AND status = @from`,
  )
  const statusOf = db.prepare('SELECT status FROM sessions WHERE id = ?').pluck()

  return {
    ...sessionReads(db),
    ...deletions(db).forSessions,
    async register(fields, now) {
      return db
        .transaction(() => {
          const known = idOf.get(fields.source, fields.external_id) as string | undefined
          if (known !== undefined) return { session: get(known) as Session, created: false }
          const id = randomUUID()
          insert.run({
            ...fields,
            id,
            seq_num: nextNumber(db, fields.project_id, 'session'),
            row_key: nextNumber(db, '', 'row_key'),
            now,
          })
          audit.run({ id, from: null, to: fields.status, reason: 'registered', actor: 'ingest', now })
          return { session: get(id) as Session, created: true }
        })
        .immediate()
    },
    stats: sessionStats(db),
    async usageByModel(id) {
      const rows = db
        .prepare(
          `SELECT model, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens,
             sum(cache_creation_tokens) AS cache_creation_tokens FROM session_usage WHERE session_id = ? GROUP BY model ORDER BY model`,
        )
        .all(id) as (Tokens & { model: string })[]
      return Object.fromEntries(rows.map(({ model, ...tokens }) => [model, tokens]))
    },
    async setStatus(id, from, to, { reason, actor, now }) {
      return db
        .transaction(() => {
          const current = statusOf.get(id) as Session['status'] | undefined
          if (current === undefined || current === to || !from.includes(current)) return false
          move.run({ id, from: current, to, now })
          audit.run({ id, from: current, to, reason, actor, now })
          return true
        })
        .immediate()
    },
    async setParent(id, parent_session_id, relation) {
      db.prepare('UPDATE sessions SET parent_session_id = ?, relation = ? WHERE id = ? AND parent_session_id IS NULL AND id <> ?').run(
        parent_session_id,
        relation,
        id,
        parent_session_id,
      )
    },
  }
}
