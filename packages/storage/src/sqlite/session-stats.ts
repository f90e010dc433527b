import type { Tokens } from '../model.js'
import { statuses } from '../words.js'
import type { Stats, Store } from '../store.js'
import type { Connection } from './connection.js'
import { type Condition, matching } from './session-queries.js'

const SUMS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens']
  .map((kind) => `coalesce(sum(${kind}), 0) AS ${kind}`)
  .join(', ')

/**
 * Counts sessions. Tokens are those of the counted sessions, each API message once even where a fork copied it, by the
 * day they were used.
 */
export function sessionStats(db: Connection): Store['sessions']['stats'] {
  return async (filter, timezone) => {
    const { since } = filter
    const { sql, params } = matching(filter)
    const all = <T>(query: string, ...more: unknown[]) => db.prepare(query).all(...params, ...more) as T[]
    const usage = `SELECT model, timestamp, ${SUMS.replaceAll('sum(', 'max(')} FROM session_usage
      WHERE session_id IN (SELECT s.id FROM sessions s WHERE ${sql}) ${since ? 'AND (timestamp IS NULL OR timestamp >= ?)' : ''}
      GROUP BY key, model`
    const more = since ? [since] : []
    const models = all<Tokens & { model: string }>(`SELECT model, ${SUMS} FROM (${usage}) GROUP BY model ORDER BY model`, ...more)
    const hours = all<Tokens & { hour: string }>(
      `SELECT substr(timestamp, 1, 15) || '0' AS hour, ${SUMS} FROM (${usage}) WHERE timestamp IS NOT NULL GROUP BY hour`,
      ...more,
    )
    const starts = all<{ created_at: string }>(`SELECT s.created_at FROM sessions s WHERE ${sql}`)
    const total = add(models)
    return {
      ...countsOf(db, { sql, params }),
      tokens: { ...total, by_model: Object.fromEntries(models.map(({ model, ...tokens }) => [model, tokens])) },
      by_day: byDay(starts.map((row) => row.created_at), hours, timezone),
    }
  }
}

/** The same without tokens and days. */
export function sessionCounts(db: Connection): Store['sessions']['counts'] {
  return async (filter) => countsOf(db, matching(filter))
}

function countsOf(db: Connection, { sql, params }: Condition): Awaited<ReturnType<Store['sessions']['counts']>> {
  const counts = db
    .prepare(
      `SELECT status, source, count(*) AS sessions, sum(message_count) AS messages, sum(tool_call_count) AS tool_calls
       FROM sessions s WHERE ${sql} GROUP BY status, source`,
    )
    .all(...params) as { status: string; source: string; sessions: number; messages: number; tool_calls: number }[]
  const sum = (key: 'sessions' | 'messages' | 'tool_calls', rows = counts) => rows.reduce((total, row) => total + row[key], 0)
  return {
    total: sum('sessions'),
    by_status: Object.fromEntries(statuses.map((status) => [status, sum('sessions', counts.filter((row) => row.status === status))])) as Stats['by_status'],
    by_source: Object.fromEntries(
      [...new Set(counts.map((row) => row.source))].sort().map((source) => [source, sum('sessions', counts.filter((row) => row.source === source))]),
    ),
    messages: sum('messages'),
    tool_calls: sum('tool_calls'),
  }
}

/**
 * Days of the person's time zone, which SQLite does not know: it groups by ten minutes (no zone's midnight falls inside
 * them), the rest is done here.
 */
function byDay(starts: string[], slots: (Tokens & { hour: string })[], timezone: string): Stats['by_day'] {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const days = new Map<string, { sessions: number; tokens: Tokens[] }>()
  const day = (instant: string) => {
    const name = format.format(new Date(instant))
    const known = days.get(name) ?? { sessions: 0, tokens: [] }
    days.set(name, known)
    return known
  }
  for (const start of starts) day(start).sessions++
  for (const slot of slots) day(`${slot.hour}:00.000Z`).tokens.push(slot)
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { sessions, tokens }]) => ({ day: name, sessions, ...add(tokens) }))
}

function add(all: Tokens[]): Tokens {
  const total = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_creation_tokens: 0 }
  for (const tokens of all) {
    total.input_tokens += tokens.input_tokens
    total.output_tokens += tokens.output_tokens
    total.cache_read_tokens += tokens.cache_read_tokens
    total.cache_creation_tokens += tokens.cache_creation_tokens
  }
  return total
}
