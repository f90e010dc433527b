import type { ApiUsage } from '../store.js'
import type { Connection } from './connection.js'

const KINDS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const

/** Forgets the tokens of a session, in transactions of well under 200 ms. */
export function usageEraser(db: Connection) {
  const some = db.prepare(
    'DELETE FROM session_usage WHERE session_id = @id AND key IN (SELECT key FROM session_usage WHERE session_id = @id LIMIT 10000)',
  )
  return (id: string): void => {
    const erase = db.transaction(() => some.run({ id }).changes > 0)
    while (erase.immediate());
  }
}

/**
 * Writes the tokens of API messages. A message may come several times (one line for each of its blocks, the first
 * with a partial count): the largest count of each kind stands. Gives what the session's sums grow by.
 */
export function usageWriter(db: Connection) {
  const get = db.prepare(`SELECT ${KINDS.join(', ')} FROM session_usage WHERE session_id = ? AND key = ?`)
  const put = db.prepare(
    `INSERT INTO session_usage (session_id, key, model, timestamp, ${KINDS.join(', ')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (session_id, key) DO UPDATE SET ${KINDS.map((kind) => `${kind} = max(${kind}, excluded.${kind})`).join(', ')}`,
  )

  return (session_id: string, usage: ApiUsage[]): number[] => {
    const largest = new Map<string, ApiUsage>()
    for (const entry of usage) {
      const known = largest.get(entry.key)
      if (!known) largest.set(entry.key, { ...entry })
      else for (const kind of KINDS) known[kind] = Math.max(known[kind], entry[kind])
    }
    const growth = [0, 0, 0, 0]
    for (const entry of largest.values()) {
      const stored = get.get(session_id, entry.key) as Record<(typeof KINDS)[number], number> | undefined
      KINDS.forEach((kind, i) => {
        growth[i] = (growth[i] ?? 0) + Math.max(0, entry[kind] - (stored?.[kind] ?? 0))
      })
      put.run(session_id, entry.key, entry.model, entry.timestamp, ...KINDS.map((kind) => entry[kind]))
    }
    return growth
  }
}
