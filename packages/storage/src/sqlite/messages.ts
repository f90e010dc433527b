import type { Action } from '../model.js'
import type { MessageFilter, Step, Store } from '../store.js'
import type { Connection } from './connection.js'
import { MESSAGE_COLUMNS, messageOf, type MessageRow } from './rows.js'

export function messages(db: Connection): Store['messages'] {
  return {
    async list(session_id, filter, { limit, offset, tail }) {
      const { sql, params } = condition(session_id, filter)
      const total = db.prepare(`SELECT count(*) FROM session_messages WHERE ${sql}`).pluck().get(...params) as number
      const rows = db
        .prepare(
          `SELECT ${MESSAGE_COLUMNS} FROM session_messages WHERE ${sql} ORDER BY message_index ${tail ? 'DESC' : 'ASC'} LIMIT ? OFFSET ?`,
        )
        .all(...params, limit, offset) as MessageRow[]
      return { messages: (tail ? rows.reverse() : rows).map(messageOf), total }
    },
    async superseded(session_id) {
      return db.prepare('SELECT count(*) FROM session_messages WHERE session_id = ? AND superseded > 0').pluck().get(session_id) as number
    },
    async tools(session_id) {
      const rows = db
        .prepare(
          `SELECT tool_name, count(*) AS n FROM session_messages
           WHERE session_id = ? AND superseded = 0 AND content_type = 'tool_use' GROUP BY tool_name ORDER BY n DESC, tool_name`,
        )
        .all(session_id) as { tool_name: string | null; n: number }[]
      return Object.fromEntries(rows.map((row) => [row.tool_name ?? 'unknown', row.n]))
    },
    async steps(session_id) {
      const rows = db
        .prepare(
          `SELECT message_index, role, content_type, tool_name, tool_use_id, is_error, is_prompt, is_sidechain, timestamp, actions,
             CASE WHEN content_type = 'tool_use' THEN tool_input END AS tool_input,
             CASE WHEN is_prompt THEN content WHEN role = 'system' THEN substr(content, 1, 300) ELSE '' END AS content
           FROM session_messages WHERE session_id = ? AND superseded = 0
             AND (is_prompt OR role = 'system' OR content_type IN ('tool_use', 'tool_result')) ORDER BY message_index`,
        )
        .all(session_id) as MessageRow[]
      return rows.map((row): Step => ({
        message_index: row.message_index,
        role: row.role,
        content_type: row.content_type,
        tool_name: row.tool_name,
        tool_use_id: row.tool_use_id,
        is_error: row.is_error === 1,
        timestamp: row.timestamp,
        is_prompt: row.is_prompt === 1,
        is_sidechain: row.is_sidechain === 1,
        actions: row.actions === null ? null : (JSON.parse(row.actions) as Action[]),
        tool_input: row.tool_input === null ? null : JSON.parse(row.tool_input),
        content: row.content,
      }))
    },
    async results(session_id, message_indexes) {
      const one = db
        .prepare('SELECT tool_result FROM session_messages WHERE session_id = ? AND superseded = 0 AND message_index = ?')
        .pluck()
      return new Map(message_indexes.map((index) => [index, (one.get(session_id, index) as string | null | undefined) ?? '']))
    },
  }
}

function condition(session_id: string, filter: MessageFilter): { sql: string; params: unknown[] } {
  const columns = ['role', 'content_type', 'tool_name'] as const
  const used = columns.filter((column) => filter[column] !== undefined)
  return {
    sql: ['session_id = ? AND superseded = 0', ...used.map((column) => `${column} = ?`)].join(' AND '),
    params: [session_id, ...used.map((column) => filter[column])],
  }
}
