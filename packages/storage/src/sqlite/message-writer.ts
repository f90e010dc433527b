/** Writes messages and their search index. Prepared once; called inside a transaction. */
import type { NewMessage } from '../store.js'
import type { Connection } from './connection.js'
import { wellFormed } from './rows.js'
import { searchText } from './search-text.js'

/** A message with everything computed that can be before the write lock is taken. */
export type PreparedMessage = NewMessage & { indexed: string }

export function prepareMessages(messages: NewMessage[]): PreparedMessage[] {
  return messages.map((message) => {
    const clean = {
      ...message,
      content: wellFormed(message.content),
      tool_name: wellFormed(message.tool_name),
      tool_use_id: wellFormed(message.tool_use_id),
      tool_input: wellFormed(message.tool_input),
      tool_result: wellFormed(message.tool_result),
    }
    return { ...clean, indexed: message.searchable ? searchText(clean) : '' }
  })
}

export type MessageWriter = ReturnType<typeof messageWriter>

export function messageWriter(db: Connection) {
  const insertRow = db.prepare(
    `INSERT INTO session_messages (id, session_id, message_index, role, content_type, tool_name, tool_use_id, is_error,
       is_prompt, is_sidechain, searchable, timestamp, model, actions, content, tool_input, tool_result)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertIndex = db.prepare('INSERT INTO message_search (rowid, text) VALUES (?, ?)')
  const deleteIndex = db.prepare('DELETE FROM message_search WHERE rowid = ?')
  const amend = db.prepare(
    `UPDATE session_messages SET actions = ? WHERE session_id = ? AND superseded = 0 AND message_index = ?`,
  )
  const actionsAt = db
    .prepare('SELECT actions FROM session_messages WHERE session_id = ? AND superseded = 0 AND message_index = ?')
    .pluck()

  return {
    insert(id: number, session_id: string, message_index: number, message: PreparedMessage): void {
      insertRow.run(
        id,
        session_id,
        message_index,
        message.role,
        message.content_type,
        message.tool_name,
        message.tool_use_id,
        message.is_error ? 1 : 0,
        message.is_prompt ? 1 : 0,
        message.is_sidechain ? 1 : 0,
        message.searchable ? 1 : 0,
        message.timestamp,
        message.model,
        message.actions ? JSON.stringify(message.actions) : null,
        message.content,
        message.tool_input,
        message.tool_result,
      )
      if (message.indexed !== '') insertIndex.run(id, message.indexed)
    },
    /** Puts a stored message into the search index, or takes it out, when it is searchable no more, or newly so. */
    reindex(id: number, was: boolean, message: PreparedMessage): void {
      if (was === message.searchable) return
      if (was) deleteIndex.run(id)
      else if (message.indexed !== '') insertIndex.run(id, message.indexed)
    },
    /** Adds to what is known of a message that was written before. */
    amend(session_id: string, message_index: number, actions: object[]): void {
      const known = actionsAt.get(session_id, message_index) as string | null | undefined
      const all = [...(known ? (JSON.parse(known) as object[]) : []), ...actions]
      amend.run(JSON.stringify(all), session_id, message_index)
    },
  }
}
