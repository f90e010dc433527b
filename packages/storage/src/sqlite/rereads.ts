/** A transcript that is read again from its start: rows are matched with what is stored, never doubled, never lost. */
import { createHash } from 'node:crypto'
import type { NewMessage, Store } from '../store.js'
import type { Connection } from './connection.js'
import type { Places } from './ingest.js'
import { type MessageWriter, type PreparedMessage, prepareMessages } from './message-writer.js'
import { holds, MESSAGE_COLUMNS, type MessageRow } from './rows.js'
import { usageEraser, type usageWriter } from './usage-writer.js'

/** Rows marked in one transaction, which keeps it far below 200 ms. */
const SUPERSEDE_ROWS = 5000

type Stored = Pick<MessageRow, 'id' | 'searchable'>

type Parts = {
  write: MessageWriter
  writeUsage: ReturnType<typeof usageWriter>
  places: Places
  takeFacts: (batch: Parameters<Store['ingest']['append']>[0]) => void
  nextId: (session_id: string) => { first: number; last: number; next: number }
}

export function rereads(
  db: Connection,
  { write, writeUsage, places, takeFacts, nextId }: Parts,
): Pick<Store['ingest'], 'beginReread' | 'appendReread' | 'finishReread'> {
  /** Superseded rows of the sessions being read again, by what they hold: filled when the first row differs. */
  const lost = new Map<string, Map<string, Stored[]>>()

  const begin = db.prepare(
    `INSERT INTO session_message_state (session_id, generation, updated_at) VALUES (@session_id, 1, @now)
     ON CONFLICT (session_id) DO UPDATE SET generation = generation + 1, byte_offset = 0, size = -1 RETURNING generation`,
  )
  const isThere = db.prepare('SELECT 1 FROM sessions WHERE id = ?')
  const generationOf = db.prepare('SELECT generation FROM session_message_state WHERE session_id = ?').pluck()
  const forgetUsage = usageEraser(db)
  const storedPage = db.prepare(
    `SELECT id, is_prompt, is_sidechain, searchable, actions, ${MESSAGE_COLUMNS} FROM session_messages
     WHERE session_id = ? AND superseded = 0 AND message_index BETWEEN ? AND ? ORDER BY message_index`,
  )
  const supersede = db.prepare(
    `UPDATE session_messages SET superseded = @generation WHERE id IN (
       SELECT id FROM session_messages WHERE session_id = @session_id AND superseded = 0 AND message_index >= @from
       ORDER BY message_index DESC LIMIT ${SUPERSEDE_ROWS})`,
  )
  const supersededRows = db.prepare(
    `SELECT id, is_prompt, is_sidechain, searchable, actions, ${MESSAGE_COLUMNS} FROM session_messages
     WHERE id BETWEEN ? AND ? AND superseded > 0 ORDER BY id DESC`,
  )
  const place = db.prepare(
    `UPDATE session_messages SET superseded = 0, message_index = @message_index, tool_name = @tool_name, is_error = @is_error,
       is_prompt = @is_prompt, is_sidechain = @is_sidechain, searchable = @searchable, timestamp = @timestamp, model = @model,
       actions = @actions
     WHERE id = @id`,
  )
  const countMessages = db.prepare(
    `SELECT count(*) AS messages, coalesce(sum(is_prompt), 0) AS turns,
       count(DISTINCT CASE WHEN content_type = 'tool_use' AND tool_use_id <> '' THEN tool_use_id END) AS calls
     FROM session_messages WHERE session_id = ? AND superseded = 0`,
  )
  const countTokens = db.prepare(
    `SELECT coalesce(sum(input_tokens), 0) AS input, coalesce(sum(output_tokens), 0) AS output,
       coalesce(sum(cache_read_tokens), 0) AS read, coalesce(sum(cache_creation_tokens), 0) AS creation
     FROM session_usage WHERE session_id = ?`,
  )
  const setCounts = db.prepare(
    `UPDATE sessions SET message_count = @messages, turn_count = @turns, tool_call_count = @calls, input_tokens = @input,
       output_tokens = @output, cache_read_tokens = @read, cache_creation_tokens = @creation WHERE id = @session_id`,
  )

  const isMine = (session_id: string, generation: number) => generationOf.get(session_id) === generation

  /** Marks every message from this index on as vanished, in small transactions; most of them come back in a moment. */
  function supersedeFrom(session_id: string, from: number, generation: number): void {
    const some = db.transaction(() => isMine(session_id, generation) && supersede.run({ session_id, from, generation }).changes > 0)
    while (some.immediate()) lost.delete(session_id)
  }

  function lostRows(session_id: string): Map<string, Stored[]> {
    let rows = lost.get(session_id)
    if (!rows) {
      rows = new Map()
      const { first, last } = nextId(session_id)
      for (const row of supersededRows.iterate(first, last) as Iterable<MessageRow>) {
        const key = digest(row)
        const { id, searchable } = row
        const same = rows.get(key)
        if (same) same.push({ id, searchable })
        else rows.set(key, [{ id, searchable }])
      }
      lost.set(session_id, rows)
    }
    return rows
  }

  function putBack({ id, searchable }: Stored, message_index: number, message: PreparedMessage): void {
    place.run({ ...fields(message), id, message_index })
    write.reindex(id, searchable === 1, message)
  }

  return {
    async beginReread(session_id, now) {
      lost.delete(session_id)
      const generation = db
        .transaction(() => (isThere.get(session_id) ? (begin.get({ session_id, now }) as { generation: number }).generation : 0))
        .immediate()
      forgetUsage(session_id, () => isMine(session_id, generation))
      return generation
    },
    async appendReread(batch) {
      const { session_id, first_index, expected } = batch
      const messages = prepareMessages(batch.messages)
      const stored = storedPage.all(session_id, first_index, first_index + messages.length - 1) as MessageRow[]
      const differs = messages.findIndex((message, i) => !stored[i] || !holds(stored[i], message))
      const same = differs < 0 ? messages.length : differs
      if (stored.length > same) supersedeFrom(session_id, first_index + same, expected.generation)
      const candidates = same < messages.length ? lostRows(session_id) : undefined
      return db
        .transaction(() => {
          if (!isMine(session_id, expected.generation)) return false
          messages.slice(0, same).forEach((message, i) => {
            const row = stored[i] as MessageRow
            if (!knows(row, message)) putBack(row, first_index + i, message)
          })
          const ids = nextId(session_id)
          messages.slice(same).forEach((message, i) => {
            const message_index = first_index + same + i
            const row = candidates?.get(digest(message))?.pop()
            if (row) putBack(row, message_index, message)
            else write.insert(ids.next++, session_id, message_index, message)
          })
          for (const { message_index, actions } of batch.amendments) write.amend(session_id, message_index, actions)
          writeUsage(session_id, batch.usage)
          takeFacts(batch)
          return true
        })
        .immediate()
    },
    async finishReread({ session_id, generation, next_index, state, now }) {
      supersedeFrom(session_id, next_index, generation)
      lost.delete(session_id)
      // Counted before the lock is taken: as long as the generation is ours, no one else writes this session's messages.
      const counts = { ...(countMessages.get(session_id) as object), ...(countTokens.get(session_id) as object) }
      return db
        .transaction(() => {
          if (!isMine(session_id, generation)) return false
          setCounts.run({ ...counts, session_id })
          places.put(session_id, state, next_index, generation, now)
          return true
        })
        .immediate()
    },
  }
}

/** Whether the row also has what may be learned later. */
function knows(row: MessageRow, message: NewMessage): boolean {
  const now = fields(message)
  return (
    row.tool_name === now.tool_name &&
    row.is_error === now.is_error &&
    row.is_prompt === now.is_prompt &&
    row.is_sidechain === now.is_sidechain &&
    row.searchable === now.searchable &&
    row.timestamp === now.timestamp &&
    row.model === now.model &&
    row.actions === now.actions
  )
}

function fields(message: NewMessage) {
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

function digest(message: Pick<NewMessage, 'role' | 'content_type' | 'content' | 'tool_input' | 'tool_result' | 'tool_use_id'>): string {
  const parts = [message.role, message.content_type, message.content, message.tool_input, message.tool_result, message.tool_use_id]
  return createHash('sha1').update(JSON.stringify(parts)).digest('base64url').slice(0, 16)
}

