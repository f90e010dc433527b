import type { Connection } from './connection.js'

/**
 * Gives the next number of a scope; call it inside the transaction that uses the number. Numbers only grow: one that was
 * given out never comes again, not even after a delete.
 */
export function numberer(db: Connection) {
  const next = db
    .prepare(
      `INSERT INTO counters (scope, kind, value) VALUES (?, ?, 1)
       ON CONFLICT (scope, kind) DO UPDATE SET value = value + 1 RETURNING value`,
    )
    .pluck()
  return (scope: string, kind: 'session' | 'task' | 'row_key'): number => next.get(scope, kind) as number
}
