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
/** Up to so many hits, taking all their ids at once is quicker than asking the index session by session. */
const HITS_AT_ONCE = 20_000
/** Up to so many sessions, looking each one up is quicker than walking all of them by last activity. */
const SESSIONS_AT_ONCE = 500
/** Hits ordered by score for each one that is wanted, where the message itself may still fail a filter. */
const RANKED_PER_RESULT = 50

type Found = { id: number; score: number }
type Timed = { id: number; time: string }
type FoundMessage = MessageRow & { session_id: string }

export function search(db: Connection): Store['search'] {
  // Ranking touches pages all over the file. Only here, because the system counts every page so read as the process's.
  db.pragma('mmap_size = 4294967296')
  const { get } = sessionQueries(db)
  const message = db.prepare(
    `SELECT id, session_id, message_index, role, content_type, tool_name, timestamp, content, tool_input, tool_result
     FROM session_messages WHERE id = ?`,
  )
  const place = db.prepare('SELECT role, tool_name, timestamp FROM session_messages WHERE id = ?')
  const hits = (order: 'ASC' | 'DESC') =>
    db.prepare(`SELECT rowid FROM message_search WHERE message_search MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid ${order} LIMIT ?`).pluck()
  const newestHits = hits('DESC')
  // The index walks forward several times faster than back.
  const hitsInOrder = hits('ASC')
  const activity = db.prepare('SELECT last_activity_at FROM sessions WHERE row_key = ?').pluck()
  const ranking = (inScope: string) => {
    const where = `message_search MATCH ? AND rowid BETWEEN ? AND ? ${inScope}`
    return {
      oldestRanked: db.prepare(`SELECT rowid FROM message_search WHERE ${where} ORDER BY rowid DESC LIMIT 1 OFFSET ${RANKED_HITS}`).pluck(),
      found: db.prepare(`SELECT rowid AS id, -bm25(message_search) AS score FROM message_search WHERE ${where} ORDER BY score DESC, rowid DESC LIMIT ? OFFSET ?`),
    }
  }
  const rankingOfAll = ranking('')
  const rankingOfSome = ranking(`AND rowid / ${ROWS_PER_SESSION} IN (SELECT value FROM json_each(?))`)

  /** Which sessions can hold a hit. `keys` is undefined when all of them can. */
  function scope(filter: SearchFilter): Range & { keys: Map<number, string> | undefined } {
    const conditions: [string, string | undefined][] = [
      ['project_id = ?', filter.project_id],
      ['id = ?', filter.session_id],
      ['source = ?', filter.source],
      ['last_activity_at >= ?', filter.since],
      ['created_at < ?', filter.until],
    ]
    const used = conditions.filter(([, value]) => value !== undefined)
    if (used.length === 0) return { first: 0n, last: BigInt(Number.MAX_SAFE_INTEGER), keys: undefined }
    const rows = db
      .prepare(`SELECT row_key, last_activity_at FROM sessions WHERE ${used.map(([sql]) => sql).join(' AND ')} ORDER BY row_key`)
      .raw()
      .all(...used.map(([, value]) => value)) as [number, string][]
    const { first } = rangeOf(rows[0]?.[0] ?? 0)
    const { last } = rangeOf(rows.at(-1)?.[0] ?? -1)
    return { first, last, keys: new Map(rows) }
  }

  function* ranked(match: string, filter: SearchFilter, limit: number): Generator<Found> {
    const { first, last, keys } = scope(filter)
    const ofSome = keys !== undefined && keys.size > 1
    const params = ofSome ? [JSON.stringify([...keys.keys()])] : []
    const { oldestRanked, found } = ofSome ? rankingOfSome : rankingOfAll
    const oldest = oldestRanked.get(match, first, last, ...params) as number | undefined
    const from = oldest === undefined ? first : BigInt(oldest)
    // To keep the best few costs half of sorting them all; only a filter that few messages pass asks for the rest.
    const some = isOfMessages(filter) ? limit * RANKED_PER_RESULT : limit
    const best = found.all(match, from, last, ...params, some, 0) as Found[]
    yield* best
    if (best.length === some) yield* found.iterate(match, from, last, ...params, -1, some) as Iterable<Found>
  }

  /** The newest hits: sessions from the last active one back, for nothing in a session is newer than its last activity. */
  function newest(match: string, filter: SearchFilter, limit: number): Found[] {
    const { first, last, keys } = scope(filter)
    const all = newestHits.all(match, first, last, HITS_AT_ONCE + 1) as number[]
    const grouped = all.length <= HITS_AT_ONCE ? bySession(all, keys) : undefined
    let best: Timed[] = []
    for (const [key, last_activity_at] of sessionsByActivity(grouped)) {
      if (keys && !keys.has(key)) continue
      if (best.length === limit && (best.at(-1) as Timed).time >= last_activity_at) break
      const { first, last } = rangeOf(key)
      const own = grouped ? (grouped.get(key) ?? []) : (hitsInOrder.all(match, first, last, -1) as number[]).reverse()
      best = [...best, ...newestOf(own, filter, limit, best)].sort(byTime).slice(0, limit)
    }
    return best.map(({ id }) => ({ id, score: 0 }))
  }

  function sessionsByActivity(grouped: Map<number, number[]> | undefined): Iterable<[number, string]> {
    if (grouped && grouped.size <= SESSIONS_AT_ONCE) {
      const sessions = [...grouped.keys()].map((key): [number, string] => [key, (activity.get(key) as string | undefined) ?? ''])
      return sessions.sort(([, a], [, b]) => (a < b ? 1 : -1))
    }
    return db.prepare('SELECT row_key, last_activity_at FROM sessions ORDER BY last_activity_at DESC').raw().iterate() as Iterable<[number, string]>
  }

  /**
   * Of one session's hits, the last first, those that may be among the newest. Times run almost in order: after `limit`
   * hits that are too old, no other is asked.
   */
  function newestOf(ids: number[], filter: SearchFilter, limit: number, best: Timed[]): Timed[] {
    const enough = best.length === limit ? (best.at(-1) as Timed).time : ''
    const oldest = filter.since !== undefined && filter.since > enough ? filter.since : enough
    const kept: Timed[] = []
    let tooOld = 0
    for (const id of ids) {
      const row = place.get(id) as Place | undefined
      const time = row?.timestamp ?? ''
      if (time < oldest && ++tooOld > limit) break
      if (row && passes(row, filter) && kept.push({ id, time }) >= limit * 10) break
    }
    return kept
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
      if ('invalid' in parsed) throw new GobbyError('invalid', `Nothing to search for: ${parsed.invalid}.`, 'Give at least one word that must be there: gobby session search -- parser -test')
      if ('empty' in parsed) return []
      const results: SearchHit[] = []
      for (const found of sort === 'newest' ? newest(parsed.match, filter, limit) : ranked(parsed.match, filter, limit)) {
        if (sort === 'relevance' && isOfMessages(filter) && !passes(place.get(found.id) as Place | undefined, filter)) continue
        const hit = hitOf(found, parsed.terms)
        if (hit) results.push(hit)
        if (results.length >= limit) break
      }
      return results
    },
    async check() {
      try {
        db.exec(`INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)`)
      } catch (error) {
        // A lock, or a disk that is read-only, is no damage: whoever hears of damage moves the database away.
        if (!String((error as { code?: unknown }).code).startsWith('SQLITE_CORRUPT')) throw error
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

type Place = Pick<MessageRow, 'role' | 'tool_name' | 'timestamp'>
type Range = { first: bigint; last: bigint }

/** The ids of a session's messages. As bigint: a number this large is bound as a float, and FTS5 seeks by integers only. */
function rangeOf(key: number): Range {
  return { first: BigInt(key * ROWS_PER_SESSION), last: BigInt((key + 1) * ROWS_PER_SESSION - 1) }
}

function bySession(ids: number[], keys: Map<number, string> | undefined): Map<number, number[]> {
  const grouped = new Map<number, number[]>()
  for (const id of ids) {
    const key = Math.floor(id / ROWS_PER_SESSION)
    if (keys && !keys.has(key)) continue
    const own = grouped.get(key)
    if (own) own.push(id)
    else grouped.set(key, [id])
  }
  return grouped
}

/** Whether it asks for what only the message itself tells. */
function isOfMessages({ role, tool_name, since, until }: SearchFilter): boolean {
  return role !== undefined || tool_name !== undefined || since !== undefined || until !== undefined
}

function passes(row: Place | undefined, { role, tool_name, since, until }: SearchFilter): boolean {
  return (
    row !== undefined &&
    (role === undefined || row.role === role) &&
    (tool_name === undefined || row.tool_name === tool_name) &&
    (since === undefined || (row.timestamp !== null && row.timestamp >= since)) &&
    (until === undefined || (row.timestamp !== null && row.timestamp < until))
  )
}

const byTime = (a: Timed, b: Timed) => (a.time === b.time ? b.id - a.id : a.time < b.time ? 1 : -1)
