/** How messages lie in the database. */
import type { Message } from '../model.js'
import type { NewMessage } from '../store.js'

/**
 * The id of a message is its session's `row_key` times this, plus a running number. Messages of one session lie side
 * by side, and search can tell the session of a hit without looking at the message.
 */
export const ROWS_PER_SESSION = 1 << 24

export type MessageRow = {
  id: number
  message_index: number
  role: Message['role']
  content_type: Message['content_type']
  tool_name: string | null
  tool_use_id: string | null
  is_error: 0 | 1
  is_prompt: 0 | 1
  is_sidechain: 0 | 1
  searchable: 0 | 1
  timestamp: string | null
  model: string | null
  actions: string | null
  content: string
  tool_input: string | null
  tool_result: string | null
}

export const MESSAGE_COLUMNS =
  'message_index, role, content_type, tool_name, tool_use_id, is_error, timestamp, model, content, tool_input, tool_result'

/** Whether a stored row holds what `message` says: not its place nor what may be learned later, such as its outcome. */
export function holds(row: MessageRow, message: NewMessage): boolean {
  return (
    row.role === message.role &&
    row.content_type === message.content_type &&
    row.content === message.content &&
    row.tool_input === message.tool_input &&
    row.tool_result === message.tool_result &&
    row.tool_use_id === message.tool_use_id
  )
}

export function messageOf(row: MessageRow): Message {
  return {
    message_index: row.message_index,
    role: row.role,
    content_type: row.content_type,
    content: row.content,
    tool_name: row.tool_name,
    tool_input: row.tool_input === null ? null : JSON.parse(row.tool_input),
    tool_result: row.tool_result,
    tool_use_id: row.tool_use_id,
    is_error: row.is_error === 1,
    timestamp: row.timestamp,
    model: row.model,
  }
}

/** SQLite takes no lone surrogates; one-byte strings, the most, are known to have none without a look. */
export function wellFormed<T extends string | null>(text: T): T {
  return text === null || text.isWellFormed() ? text : (text.toWellFormed() as T)
}
