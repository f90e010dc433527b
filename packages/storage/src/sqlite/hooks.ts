import type { Store } from '../store.js'
import type { Connection } from './connection.js'

export function hooks(db: Connection): Store['hooks'] {
  const count = db.prepare(
    `INSERT INTO hook_events (source, event, known, count, last_at, last_ms, worst_ms) VALUES (@source, @event, @known, 1, @now, @ms, @ms)
     ON CONFLICT (source, event) DO UPDATE SET known = @known, count = count + 1, last_at = @now, last_ms = @ms, worst_ms = max(worst_ms, @ms)`,
  )
  const last = db.prepare('SELECT 1 FROM settings WHERE key = ? AND value > ? AND value <= ?')
  const due = db.prepare(
    `INSERT INTO settings (key, value) VALUES (@name, @now) ON CONFLICT (key) DO UPDATE SET value = @now WHERE value <= @before OR value > @now`,
  )
  return {
    async count({ known, ms, ...event }) {
      count.run({ ...event, known: known ? 1 : 0, ms: Math.round(ms) })
    },
    async isDue(name, every_ms, now) {
      // A clock that was set back makes it due, too.
      const before = new Date(Date.parse(now) - every_ms).toISOString()
      if (last.get(name, before, now) !== undefined) return false
      return due.run({ name, before, now }).changes > 0
    },
    async list() {
      const rows = db.prepare('SELECT source, event, known, count, last_at, last_ms, worst_ms FROM hook_events ORDER BY source, event').all()
      return (rows as (Omit<Awaited<ReturnType<Store['hooks']['list']>>[number], 'known'> & { known: number })[]).map((row) => ({ ...row, known: row.known === 1 }))
    },
  }
}
