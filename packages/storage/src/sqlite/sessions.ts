/** Sessions: registered once, numbered per project, moved along by status. */
import { randomUUID } from 'node:crypto'
import type { Session, Tokens } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'
import { numberer } from './counters.js'
import { deletions } from './deletions.js'
import { sessionQueries, sessionReads } from './session-queries.js'
import { statusAudit, statusMover } from './status.js'
import { sessionStats } from './session-stats.js'

export function sessions(db: Connection): Store['sessions'] {
  const { get } = sessionQueries(db)
  const nextNumber = numberer(db)
  const idOf = db.prepare('SELECT id FROM sessions WHERE source = ? AND external_id = ?').pluck()
  const insert = db.prepare(
    `INSERT INTO sessions (id, seq_num, row_key, external_id, source, project_id, machine_id, transcript_path, parent_session_id,
       relation, agent_depth, created_at, last_activity_at, status, cwd, git_branch, model, title, updated_at, ended_at)
     VALUES (@id, @seq_num, @row_key, @external_id, @source, @project_id, @machine_id, @transcript_path, @parent_session_id,
       @relation, @agent_depth, @created_at, @last_activity_at, @status, @cwd, @git_branch, @model, @title, @now,
       CASE WHEN @status = 'expired' THEN @last_activity_at END)`,
  )
  const audit = statusAudit(db)
  const move = statusMover(db)

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
            seq_num: nextNumber(fields.project_id, 'session'),
            row_key: nextNumber('', 'row_key'),
            now,
          })
          audit(id, null, fields.status, { reason: 'registered', actor: 'ingest', now })
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
    async setStatus(id, from, to, change) {
      return db.transaction(() => move(id, from, to, change)).immediate()
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
