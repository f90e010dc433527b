/** Messages that vanished from a transcript, and come back into it. */
import type { NewMessage } from '../store.js'
import type { Connection } from './connection.js'
import type { MessageWriter, PreparedMessage } from './message-writer.js'
import type { MessageRow } from './rows.js'

export type StoredRow = Pick<MessageRow, 'id' | 'searchable'>

export type LostMessages = ReturnType<typeof lostMessages>

export function lostMessages(db: Connection, write: MessageWriter) {
  const place = db.prepare(
    `UPDATE session_messages SET superseded = 0, message_index = @message_index, tool_name = @tool_name, is_error = @is_error,
       is_prompt = @is_prompt, is_sidechain = @is_sidechain, searchable = @searchable, timestamp = @timestamp, model = @model,
       actions = @actions
     WHERE id = @id`,
  )
  const any = db.prepare('SELECT 1 FROM session_messages WHERE session_id = ? AND superseded > 0 LIMIT 1')
  // Sizes first: they stand at the front of a row, what is compared after them may lie far away.
  const same = db.prepare(
    `SELECT id, searchable FROM session_messages WHERE session_id = @session_id AND superseded > 0
       AND role = @role AND content_type = @content_type AND tool_use_id IS @tool_use_id
       AND octet_length(content) = octet_length(@content) AND content = @content
       AND tool_input IS @tool_input AND tool_result IS @tool_result ORDER BY id LIMIT 1`,
  )

  return {
    /** Whether a session has any. */
    any: (session_id: string): boolean => any.get(session_id) !== undefined,
    /** One that holds what `message` says. */
    like(session_id: string, message: NewMessage): StoredRow | undefined {
      const { role, content_type, tool_use_id, content, tool_input, tool_result } = message
      return same.get({ session_id, role, content_type, tool_use_id, content, tool_input, tool_result }) as StoredRow | undefined
    },
    /** Gives a row its place in the transcript, and what is newly known of it. */
    putBack({ id, searchable }: StoredRow, message_index: number, message: PreparedMessage): void {
      place.run({ ...fieldsOf(message), id, message_index })
      write.reindex(id, searchable === 1, message)
    },
  }
}

/** What of a message may be learned, or judged otherwise, later. */
export function fieldsOf(message: NewMessage) {
  return {
    tool_name: message.tool_name,
    is_error: message.is_error ? 1 : 0,
    is_prompt: message.is_prompt ? 1 : 0,
    is_sidechain: message.is_sidechain ? 1 : 0,
    searchable: message.searchable ? 1 : 0,
    timestamp: message.timestamp,
    model: message.model,
    actions: message.actions ? JSON.stringify(message.actions) : null,
  }
}
