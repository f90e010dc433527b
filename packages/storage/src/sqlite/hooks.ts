import type { Store } from '../store.js'
import type { Connection } from './connection.js'

export function hooks(db: Connection): Store['hooks'] {
  const count = db.prepare(
    `INSERT INTO hook_events (source, event, known, count, last_at, last_ms, worst_ms) VALUES (@source, @event, @known, 1, @now, @ms, @ms)
     ON CONFLICT (source, event) DO UPDATE SET known = @known, count = count + 1, last_at = @now, last_ms = @ms, worst_ms = max(worst_ms, @ms)`,
  )
  return {
    async count({ known, ms, ...event }) {
      count.run({ ...event, known: known ? 1 : 0, ms: Math.round(ms) })
    },
    async list() {
      const rows = db.prepare('SELECT source, event, known, count, last_at, last_ms, worst_ms FROM hook_events ORDER BY source, event').all()
      return (rows as (Omit<Awaited<ReturnType<Store['hooks']['list']>>[number], 'known'> & { known: number })[]).map((row) => ({ ...row, known: row.known === 1 }))
    },
  }
}
