import { randomUUID } from 'node:crypto'
import type { Handoff } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'
import { statusMover } from './status.js'

const HANDOFF = `SELECT h.id, h.session_id, h.created_at, h.made_by, h.notes, h.context, h.markdown, h.sha256, h.masked, d.session_id AS delivered_to
  FROM handoffs h LEFT JOIN handoff_deliveries d ON d.handoff_id = h.id`

export function handoffs(db: Connection): Store['handoffs'] {
  const newest = db.prepare(`${HANDOFF} WHERE h.session_id = ? ORDER BY h.created_at DESC, h.rowid DESC LIMIT 1`)
  const insert = db.prepare(
    `INSERT INTO handoffs (id, session_id, created_at, made_by, notes, context, markdown, sha256, masked)
     VALUES (@id, @session_id, @now, @made_by, @notes, @context, @markdown, @sha256, @masked)`,
  )
  const mirror = db.prepare('UPDATE sessions SET compact_markdown = ?, updated_at = ? WHERE id = ?')
  const move = statusMover(db)
  const read = (row: unknown): Handoff | undefined => {
    const stored = row as (Handoff & { context: string }) | undefined
    return stored && { ...stored, context: JSON.parse(stored.context) as unknown }
  }

  return {
    async add(fields, now) {
      return db
        .transaction(() => {
          const { session_id } = fields
          const before = read(newest.get(session_id))
          const same = before?.sha256 === fields.sha256 && before.notes === fields.notes
          if (!same) {
            insert.run({ ...fields, id: randomUUID(), context: JSON.stringify(fields.context), now })
            mirror.run(fields.markdown, now, session_id)
          }
          const handoff = read(newest.get(session_id)) as Handoff
          if (handoff.delivered_to === null) move(session_id, ['expired'], 'handoff_ready', { reason: 'a handoff was made', actor: fields.made_by, now })
          return { handoff, created: !same }
        })
        .immediate()
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
