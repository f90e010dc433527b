/** Reading sessions: one shape of row for every question. */
import type { Statement } from 'better-sqlite3'
import type { Session } from '../model.js'
import type { SessionFilter, Store } from '../store.js'
import type { Connection } from './connection.js'

// Not a join: SQLite plans a join anew each time a parameter is bound, which takes ten times as long as the answer.
export const SESSION_COLUMNS = `s.id, s.seq_num, s.external_id, s.source, s.project_id,
  (SELECT name FROM projects WHERE id = s.project_id) AS project, s.machine_id, s.title, s.status,
  s.cwd, s.git_branch, s.model, s.transcript_path, s.parent_session_id, s.relation, s.agent_depth, s.message_count, s.turn_count,
  s.tool_call_count, s.input_tokens, s.output_tokens, s.cache_read_tokens, s.cache_creation_tokens, s.skipped_lines,
  s.summary_markdown, s.compact_markdown, s.created_at, s.updated_at, s.last_activity_at, s.ended_at,
  s.last_event, s.stop_reason`

const SESSION = `SELECT ${SESSION_COLUMNS} FROM sessions s`

/** An SQL condition over `sessions s` with its parameters. */
export type Condition = { sql: string; params: unknown[] }

/**
 * Sub-agents, and sessions that ended without a prompt, are left out unless asked for. A sub-agent has no prompt of a
 * person, so it never counts as empty.
 */
export function matching(filter: SessionFilter): Condition {
  const parts: [string, unknown?][] = []
  if (filter.project_id !== undefined) parts.push(['s.project_id = ?', filter.project_id])
  if (filter.status !== undefined) parts.push(['s.status = ?', filter.status])
  if (filter.source !== undefined) parts.push(['s.source = ?', filter.source])
  if (filter.since !== undefined) parts.push(['s.last_activity_at >= ?', filter.since])
  if (filter.until !== undefined) parts.push(['s.last_activity_at < ?', filter.until])
  if (!filter.include_subagents) parts.push([`s.relation IS NOT 'subagent'`])
  if (!filter.include_empty) parts.push([`(s.turn_count > 0 OR s.status IN ('active', 'paused') OR s.relation IS 'subagent')`])
  return {
    sql: parts.length > 0 ? parts.map(([sql]) => sql).join(' AND ') : '1',
    params: parts.filter((part) => part.length > 1).map((part) => part[1]),
  }
}

export function sessionQueries(db: Connection) {
  const prepared = new Map<string, Statement>()
  const where = (sql: string, ...params: unknown[]): Session[] => {
    let statement = prepared.get(sql)
    if (!statement) prepared.set(sql, (statement = db.prepare(`${SESSION} WHERE ${sql}`)))
    return statement.all(...params) as Session[]
  }
  return { get: (id: string) => where('s.id = ?', id)[0], where }
}

export function sessionReads(
  db: Connection,
): Pick<Store['sessions'], 'get' | 'findByNumber' | 'findById' | 'findByExternalId' | 'findByMark' | 'list' | 'children' | 'livedBetween' | 'quietSince' | 'staleHandoffs'> {
  const { get, where } = sessionQueries(db)
  return {
    async get(id) {
      return get(id)
    },
    async findByNumber(seq_num, project_id) {
      return project_id === undefined
        ? where('s.seq_num = ? ORDER BY project', seq_num)
        : where('s.seq_num = ? AND s.project_id = ?', seq_num, project_id)
    },
    async findById(text, limit) {
      const exact = where('s.id = ? OR s.external_id = ?', text, text)
      if (exact.length > 0) return exact
      // A range instead of LIKE: nothing to escape, and the index serves it. Ids are lower case.
      const from = text.toLowerCase()
      const to = `${from}\u{10ffff}`
      return where(
        `s.id IN (SELECT id FROM sessions WHERE id >= ? AND id < ? UNION SELECT id FROM sessions WHERE external_id >= ? AND external_id < ?)
         ORDER BY s.last_activity_at DESC LIMIT ?`,
        from,
        to,
        from,
        to,
        limit,
      )
    },
    async findByExternalId(source, external_id) {
      return where('s.source = ? AND s.external_id = ?', source, external_id)[0]
    },
    async findByMark(source, mark) {
      // The plus keeps SQLite from walking all sessions of the source.
      return where(
        '+s.source = ? AND s.id IN (SELECT session_id FROM session_marks WHERE mark = ?) ORDER BY s.created_at, s.row_key LIMIT 1',
        source,
        mark,
      )[0]
    },
    async list(filter, limit, after) {
      const { sql, params } = matching(filter)
      const place = after ? 'AND (s.last_activity_at, s.id) < (?, ?)' : ''
      return where(
        `${sql} ${place} ORDER BY s.last_activity_at DESC, s.id DESC LIMIT ?`,
        ...params,
        ...(after ? [after.last_activity_at, after.id] : []),
        limit,
      )
    },
    async children(id) {
      return where('s.parent_session_id = ? ORDER BY s.seq_num', id)
    },
    async livedBetween(project_id, from, to) {
      return where(`s.project_id = ? AND s.created_at <= ? AND s.last_activity_at >= ? AND s.relation IS NOT 'subagent'`, project_id, to, from)
    },
    async quietSince(before, from) {
      return db
        .prepare('SELECT id, last_activity_at FROM sessions WHERE last_activity_at < ? AND status IN (SELECT value FROM json_each(?))')
        .all(before, JSON.stringify(from)) as { id: string; last_activity_at: string }[]
    },
    async staleHandoffs(before) {
      return db
        .prepare(
          `SELECT s.id FROM sessions s WHERE s.status = 'handoff_ready' AND NOT EXISTS (
             SELECT 1 FROM handoffs h WHERE h.session_id = s.id AND h.created_at >= ? AND NOT EXISTS (SELECT 1 FROM handoff_deliveries d WHERE d.handoff_id = h.id))`,
        )
        .pluck()
        .all(before) as string[]
    },
  }
}

