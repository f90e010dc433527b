import type { Handoff, Session } from '../model.js'
import type { Store } from '../store.js'
import { changeWriter } from './changes.js'
import type { Connection } from './connection.js'
import { newIds } from './new-id.js'
import { sessionQueries } from './session-queries.js'
import { statusMover } from './status.js'

const HANDOFF = `SELECT h.id, h.session_id, h.created_at, h.made_by, h.notes, h.context, h.markdown, h.sha256, h.masked, d.session_id AS delivered_to
  FROM handoffs h LEFT JOIN handoff_deliveries d ON d.handoff_id = h.id`

export function handoffs(db: Connection): Store['handoffs'] {
  const newId = newIds(db)
  const newest = db.prepare(`${HANDOFF} WHERE h.session_id = ? ORDER BY h.created_at DESC, h.rowid DESC LIMIT 1`)
  const insert = db.prepare(
    `INSERT INTO handoffs (id, session_id, created_at, made_by, notes, context, markdown, sha256, masked)
     VALUES (@id, @session_id, @created_at, @made_by, @notes, @context, @markdown, @sha256, @masked)`,
  )
  const mirror = db.prepare('UPDATE sessions SET compact_markdown = ?, updated_at = ? WHERE id = ?')
  const move = statusMover(db)
  const say = changeWriter(db)
  const { get: sessionOf } = sessionQueries(db)
  const deliveredSince = db.prepare(`${HANDOFF} WHERE h.session_id = ? AND d.delivered_at >= ? ORDER BY d.delivered_at DESC LIMIT 1`)
  const byId = db.prepare(`${HANDOFF} WHERE h.id = ?`)
  // Of each session only the newest counts: what it handed over before is overtaken.
  const claimable = db.prepare(
    `${HANDOFF} WHERE h.made_by IN ('person', 'agent') AND h.created_at >= @since AND d.session_id IS NULL AND h.session_id IN (
       SELECT s.id FROM sessions s WHERE s.project_id = @project_id AND s.id <> @to AND s.stop_reason IS NULL)
     AND NOT EXISTS (SELECT 1 FROM handoffs n WHERE n.session_id = h.session_id AND (n.created_at, n.rowid) > (h.created_at, h.rowid))
     ORDER BY h.created_at DESC, h.rowid DESC LIMIT 1`,
  )
  const deliver = db.prepare('INSERT OR IGNORE INTO handoff_deliveries (handoff_id, session_id, delivered_at) VALUES (?, ?, ?)')
  const link = db.prepare(`UPDATE sessions SET parent_session_id = ?, relation = 'handoff', updated_at = ? WHERE id = ? AND parent_session_id IS NULL`)
  const read = (row: unknown): Handoff | undefined => {
    const stored = row as (Handoff & { context: string }) | undefined
    return stored && { ...stored, context: JSON.parse(stored.context) as unknown }
  }

  return {
    async add(fields, now, { after, unless_delivered_since } = {}) {
      return db
        .transaction(() => {
          const { session_id } = fields
          const over = unless_delivered_since === undefined ? undefined : read(deliveredSince.get(session_id, unless_delivered_since))
          if (over) return { handoff: over, created: false }
          const before = read(newest.get(session_id))
          if (before && after !== undefined && (before.id !== after?.id || before.delivered_to !== after.delivered_to)) return { handoff: before, created: false, overtaken: true }
          const same = before?.sha256 === fields.sha256 && before.notes === fields.notes
          if (!same) {
            // `now` is from before the wait for the database, in which a later one may have been made: this one comes after it all the same.
            const created_at = before && before.created_at > now ? before.created_at : now
            insert.run({ ...fields, id: newId(), context: JSON.stringify(fields.context), created_at })
            mirror.run(fields.markdown, now, session_id)
          }
          const handoff = read(newest.get(session_id)) as Handoff
          if (!same) say({ type: 'handoff.created', session_id, data: { handoff_id: handoff.id, made_by: handoff.made_by }, now })
          if (handoff.delivered_to === null) move(session_id, ['expired'], 'handoff_ready', { reason: 'a handoff was made', actor: fields.made_by, now })
          return { handoff, created: !same }
        })
        .immediate()
    },
    async claim({ to, now, ...of }) {
      return db
        .transaction(() => {
          const handoff = read('from' in of ? newest.get(of.from) : claimable.get({ ...of, to }))
          if (!handoff || handoff.delivered_to !== null || deliver.run(handoff.id, to, now).changes === 0) return undefined
          const own = handoff.session_id === to
          if (!own) {
            link.run(handoff.session_id, now, to)
            move(handoff.session_id, ['handoff_ready'], 'expired', { reason: 'its handoff was received', actor: 'hook', now })
          }
          say({ type: 'handoff.delivered', session_id: handoff.session_id, data: { handoff_id: handoff.id, delivered_to: to }, now })
          return { handoff: { ...handoff, delivered_to: to }, parent: sessionOf(handoff.session_id) as Session }
        })
        .immediate()
    },
    async get(id) {
      return read(byId.get(id))
    },
    async newest(session_id) {
      return read(newest.get(session_id))
    },
    async newestOfProject(project_id) {
      const row = db
        .prepare(
          `${HANDOFF} JOIN sessions s ON s.id = h.session_id WHERE (@project_id IS NULL OR s.project_id = @project_id) AND s.relation IS NOT 'subagent'
           ORDER BY d.session_id IS NOT NULL, h.created_at DESC, h.rowid DESC LIMIT 1`,
        )
        .get({ project_id: project_id ?? null })
      return read(row)
    },
    async ofSession(session_id) {
      return db.prepare('SELECT id, created_at, made_by FROM handoffs WHERE session_id = ? ORDER BY created_at DESC, rowid DESC').all(session_id) as Pick<
        Handoff,
        'id' | 'created_at' | 'made_by'
      >[]
    },
  }
}
