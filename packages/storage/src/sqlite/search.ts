/** Full-text search: the index finds, sessions narrow down, messages are looked at only when they may be shown. */
import { GobbyError } from '../errors.js'
import type { SearchFilter, SearchHit, Store } from '../store.js'
import type { Connection } from './connection.js'
import { type MessageRow, ROWS_PER_SESSION } from './rows.js'
import { parseQuery, type Term } from './search-query.js'
import { messageText } from './search-text.js'
import { sessionQueries } from './session-queries.js'
import { snippet } from './snippet.js'

/** More hits than this are not ranked: of a word that is everywhere, the newest are. */
const RANKED_HITS = 100_000
/** Up to here, ordering all hits by time is quicker than asking session by session. */
const HITS_TO_SORT = 20_000

type Found = { id: number; score: number }
type FoundMessage = MessageRow & { session_id: string }

export function search(db: Connection): Store['search'] {
  const { get } = sessionQueries(db)
  const message = db.prepare(
    `SELECT id, session_id, message_index, role, content_type, tool_name, timestamp, content, tool_input, tool_result
     FROM session_messages WHERE id = ?`,
  )
  const place = db.prepare('SELECT role, tool_name, timestamp FROM session_messages WHERE id = ?')
  // Bounds are bigints: FTS5 passes over those that come as floating point, which is what numbers are to the driver.
  const hits = db.prepare('SELECT rowid FROM message_search WHERE message_search MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?').pluck()

  /** Which sessions can hold a hit. `keys` is undefined when all of them can. */
  function scope(filter: SearchFilter): { first: bigint; last: bigint; keys: Map<number, string> | undefined } {
    const conditions: [string, string | undefined][] = [
      ['project_id = ?', filter.project_id],
      ['id = ?', filter.session_id],
      ['source = ?', filter.source],
      ['last_activity_at >= ?', filter.since],
      ['created_at < ?', filter.until],
    ]
    const used = conditions.filter(([, value]) => value !== undefined)
    const everything = { first: 0n, last: BigInt(Number.MAX_SAFE_INTEGER), keys: undefined }
    if (used.length === 0) return everything
    const rows = db
      .prepare(`SELECT row_key, last_activity_at FROM sessions WHERE ${used.map(([sql]) => sql).join(' AND ')} ORDER BY row_key`)
      .raw()
      .all(...used.map(([, value]) => value)) as [number, string][]
    const keys = new Map(rows)
    const first = BigInt(rows[0]?.[0] ?? 0) * BigInt(ROWS_PER_SESSION)
    const last = BigInt((rows.at(-1)?.[0] ?? -1) + 1) * BigInt(ROWS_PER_SESSION) - 1n
    return { first, last, keys }
  }

  /** What only the message itself tells. */
  function passes(id: number, filter: SearchFilter): boolean {
    const { role, tool_name, since, until } = filter
    if (role === undefined && tool_name === undefined && since === undefined && until === undefined) return true
    const row = place.get(id) as Pick<MessageRow, 'role' | 'tool_name' | 'timestamp'> | undefined
    if (!row) return false
    return (
      (role === undefined || row.role === role) &&
      (tool_name === undefined || row.tool_name === tool_name) &&
      (since === undefined || (row.timestamp !== null && row.timestamp >= since)) &&
      (until === undefined || (row.timestamp !== null && row.timestamp < until))
    )
  }

  function* ranked(match: string, filter: SearchFilter): Generator<Found> {
    const { first, last, keys } = scope(filter)
    const inScope = keys && keys.size > 1 ? `AND rowid / ${ROWS_PER_SESSION} IN (SELECT value FROM json_each(?))` : ''
    const params = inScope && keys ? [JSON.stringify([...keys.keys()])] : []
    const where = `message_search MATCH ? AND rowid BETWEEN ? AND ? ${inScope}`
    const oldestRanked = db
      .prepare(`SELECT rowid FROM message_search WHERE ${where} ORDER BY rowid DESC LIMIT 1 OFFSET ${RANKED_HITS}`)
      .pluck()
      .get(match, first, last, ...params) as number | undefined
    const found = db.prepare(`SELECT rowid AS id, -bm25(message_search) AS score FROM message_search WHERE ${where} ORDER BY score DESC, rowid DESC`)
    yield* found.iterate(match, oldestRanked === undefined ? first : BigInt(oldestRanked), last, ...params) as Iterable<Found>
  }

  function newest(match: string, filter: SearchFilter, limit: number): Found[] {
    const { first, last, keys } = scope(filter)
    const some = hits.all(match, first, last, HITS_TO_SORT + 1) as number[]
    const inScope = (id: number) => !keys || keys.has(Math.floor(id / ROWS_PER_SESSION))
    if (some.length <= HITS_TO_SORT) return byTime(some.filter((id) => inScope(id) && passes(id, filter)), limit)
    // Sessions from the last active one back: nothing in a session is newer than its last activity.
    const order = db.prepare('SELECT row_key, last_activity_at FROM sessions ORDER BY last_activity_at DESC').raw().iterate() as Iterable<[number, string]>
    let best: Found[] = []
    for (const [key, last_activity_at] of order) {
      if (keys && !keys.has(key)) continue
      const oldest = best[limit - 1]
      if (oldest && timeOf(oldest.id) >= last_activity_at) break
      const own = hits.all(match, BigInt(key * ROWS_PER_SESSION), BigInt((key + 1) * ROWS_PER_SESSION - 1), HITS_TO_SORT) as number[]
      const kept: number[] = []
      for (const id of own) if (passes(id, filter) && kept.push(id) >= limit * 10) break
      best = byTime([...best.map((found) => found.id), ...kept], limit)
    }
    return best
  }

  const timeOf = (id: number) => (place.get(id) as { timestamp: string | null } | undefined)?.timestamp ?? ''

  function byTime(ids: number[], limit: number): Found[] {
    const timed = ids.map((id) => ({ id, time: timeOf(id) }))
    timed.sort((a, b) => (a.time === b.time ? b.id - a.id : a.time < b.time ? 1 : -1))
    return timed.slice(0, limit).map(({ id }) => ({ id, score: 0 }))
  }

  function hitOf({ id, score }: Found, terms: Term[]): SearchHit | undefined {
    const row = message.get(id) as FoundMessage | undefined
    const session = row && get(row.session_id)
    if (!row || !session) return undefined
    const { message_index, role, content_type, tool_name, timestamp } = row
    return { session, message_index, role, content_type, tool_name, timestamp, snippet: snippet(messageText(row), terms).snippet, score }
  }

  return {
    async find(query, filter, { sort, limit }) {
      const parsed = parseQuery(query)
      if ('invalid' in parsed) throw new GobbyError('invalid', `Nothing to search for: ${parsed.invalid}.`, 'Give at least one word: gobby session search parser -test')
      if ('empty' in parsed) return []
      const results: SearchHit[] = []
      for (const found of sort === 'newest' ? newest(parsed.match, filter, limit) : ranked(parsed.match, filter)) {
        if (sort === 'relevance' && !passes(found.id, filter)) continue
        const hit = hitOf(found, parsed.terms)
        if (hit) results.push(hit)
        if (results.length >= limit) break
      }
      return results
    },
    async check() {
      try {
        db.exec(`INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)`)
      } catch {
        return false
      }
      const missing = db
        .prepare(`SELECT count(*) FROM session_messages m WHERE m.searchable AND NOT EXISTS (SELECT 1 FROM message_search WHERE rowid = m.id) AND content <> ''`)
        .pluck()
        .get() as number
      return missing === 0
    },
  }
}
