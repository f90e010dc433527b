/** Sessions: registered once, numbered per project, moved along by status. */
import type { Session, Tokens } from '../model.js'
import type { Store } from '../store.js'
import { changeWriter } from './changes.js'
import type { Connection } from './connection.js'
import { numberer } from './counters.js'
import { deletions } from './deletions.js'
import { newIds } from './new-id.js'
import { sessionQueries, sessionReads } from './session-queries.js'
import { statusAudit, statusMover } from './status.js'
import { sessionCounts, sessionStats } from './session-stats.js'

export function sessions(db: Connection): Store['sessions'] {
  const newId = newIds(db)
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
  // What a transcript says of itself is better than what a hook says of it, so nothing that is there is replaced.
  const hear = db.prepare(
    `UPDATE sessions SET last_event = @event, last_activity_at = max(last_activity_at, @at), title = coalesce(title, @title), model = coalesce(model, @model),
       transcript_path = coalesce(transcript_path, @transcript_path), stop_reason = CASE WHEN @prompt THEN NULL ELSE stop_reason END, updated_at = @now
     WHERE id = @id`,
  )
  const setParent = db.prepare(
    `UPDATE sessions SET parent_session_id = @parent_session_id, relation = @relation,
       agent_depth = CASE WHEN @relation = 'subagent' THEN 1 + (SELECT agent_depth FROM sessions WHERE id = @parent_session_id) ELSE agent_depth END
     WHERE id = @id AND parent_session_id IS NULL AND id <> @parent_session_id`,
  )
  const audit = statusAudit(db)
  const move = statusMover(db)
  const say = changeWriter(db)

  return {
    ...sessionReads(db),
    ...deletions(db).forSessions,
    async register(fields, now, actor = 'ingest') {
      return db
        .transaction(() => {
          const known = idOf.get(fields.source, fields.external_id) as string | undefined
          if (known !== undefined) return { session: get(known) as Session, created: false }
          const id = newId()
          insert.run({
            ...fields,
            id,
            seq_num: nextNumber(fields.project_id, 'session'),
            row_key: nextNumber('', 'row_key'),
            now,
          })
          audit(id, null, fields.status, { reason: 'registered', actor, now })
          say({ type: 'session.created', session_id: id, project_id: fields.project_id, now })
          return { session: get(id) as Session, created: true }
        })
        .immediate()
    },
    async heard(id, { event, at, now, title, model, transcript_path, prompt }) {
      return db
        .transaction(() => {
          const known = get(id)
          if (!known) return undefined
          hear.run({ id, event, at, now, title: title ?? null, model: model ?? null, transcript_path: transcript_path ?? null, prompt: prompt ? 1 : 0 })
          if (title !== undefined && known.title === null) say({ type: 'session.updated', session_id: id, project_id: known.project_id, data: { title }, now })
          return get(id)
        })
        .immediate()
    },
    async setStopReason(id, stop_reason, now) {
      db.transaction(() => {
        db.prepare('UPDATE sessions SET stop_reason = ?, updated_at = ? WHERE id = ?').run(stop_reason, now, id)
        say({ type: 'session.updated', session_id: id, data: { stop_reason }, now })
      }).immediate()
    },
    async setTitle(id, title, now) {
      db.transaction(() => {
        db.prepare('UPDATE sessions SET title = ?, updated_at = ? WHERE id = ?').run(title, now, id)
        say({ type: 'session.updated', session_id: id, data: { title }, now })
      }).immediate()
    },
    async setSummary(id, summary_markdown, now) {
      db.transaction(() => {
        db.prepare('UPDATE sessions SET summary_markdown = ?, updated_at = ? WHERE id = ?').run(summary_markdown, now, id)
        say({ type: 'session.updated', session_id: id, data: { summary: true }, now })
      }).immediate()
    },
    stats: sessionStats(db),
    counts: sessionCounts(db),
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
      setParent.run({ id, parent_session_id, relation })
    },
  }
}
