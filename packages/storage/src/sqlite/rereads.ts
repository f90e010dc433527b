/** A transcript that is read again from its start: rows are matched with what is stored, never doubled, never lost. */
import { createHash } from 'node:crypto'
import type { NewMessage, Store } from '../store.js'
import type { changeWriter } from './changes.js'
import type { Connection } from './connection.js'
import type { Places } from './ingest.js'
import { fieldsOf, type LostMessages, type StoredRow } from './lost-messages.js'
import { type MessageWriter, prepareMessages } from './message-writer.js'
import { holds, MESSAGE_COLUMNS, type MessageRow } from './rows.js'
import type { usageWriter } from './usage-writer.js'

/** Rows marked in one transaction, which keeps it far below 200 ms. */
const SUPERSEDE_ROWS = 5000
const USAGE_ROWS = 5000

type Parts = {
  write: MessageWriter
  vanished: LostMessages
  writeUsage: ReturnType<typeof usageWriter>
  places: Places
  takeFacts: (batch: Parameters<Store['ingest']['append']>[0]) => void
  nextId: (session_id: string) => { first: number; last: number; next: number }
  say: ReturnType<typeof changeWriter>
}

export function rereads(
  db: Connection,
  { write, vanished, writeUsage, places, takeFacts, nextId, say }: Parts,
): Pick<Store['ingest'], 'beginReread' | 'appendReread' | 'finishReread'> {
  /** Usage met in the rereads under way, by session. What is not met goes at the end: a reread may never get there. */
  const met = new Map<string, Set<string>>()
  /** Superseded rows of the sessions being read again, by what they hold: filled when the first row differs. */
  const lost = new Map<string, LostRows>()

  const begin = db.prepare(
    `INSERT INTO session_message_state (session_id, generation, updated_at) VALUES (@session_id, 1, @now)
     ON CONFLICT (session_id) DO UPDATE SET generation = generation + 1, byte_offset = 0, size = -1 RETURNING generation`,
  )
  const isThere = db.prepare('SELECT 1 FROM sessions WHERE id = ?')
  const generationOf = db.prepare('SELECT generation FROM session_message_state WHERE session_id = ?').pluck()
  const usageKeys = db.prepare('SELECT key FROM session_usage WHERE session_id = ?').pluck()
  const forgetUsage = db.prepare('DELETE FROM session_usage WHERE session_id = ? AND key = ?')
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

  function forgetUnmet(session_id: string, generation: number): void {
    const keys = met.get(session_id)
    met.delete(session_id)
    const gone = (usageKeys.all(session_id) as string[]).filter((key) => !keys?.has(key))
    const some = db.transaction((part: string[]) => isMine(session_id, generation) && part.forEach((key) => forgetUsage.run(session_id, key)))
    while (gone.length > 0) some.immediate(gone.splice(-USAGE_ROWS))
  }

  function lostRows(session_id: string): LostRows {
    let rows = lost.get(session_id)
    if (!rows) {
      rows = new LostRows()
      const { first, last } = nextId(session_id)
      for (const row of supersededRows.iterate(first, last) as Iterable<MessageRow>) {
        rows.add(row)
      }
      lost.set(session_id, rows)
    }
    return rows
  }

  return {
    async beginReread(session_id, now) {
      lost.delete(session_id)
      met.set(session_id, new Set())
      return db
        .transaction(() => (isThere.get(session_id) ? (begin.get({ session_id, now }) as { generation: number }).generation : 0))
        .immediate()
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
            if (!knows(row, message)) vanished.putBack(row, first_index + i, message)
          })
          const ids = nextId(session_id)
          const added: number[] = []
          messages.slice(same).forEach((message, i) => {
            const message_index = first_index + same + i
            const row = candidates?.take(message)
            if (row) vanished.putBack(row, message_index, message)
            else {
              write.insert(ids.next++, session_id, message_index, message)
              added.push(message_index)
            }
          })
          if (added.length > 0) say({ type: 'session.message', session_id, data: { first_index: added[0], count: added.length }, now: batch.now })
          for (const { message_index, actions } of batch.amendments) write.amend(session_id, message_index, actions)
          for (const { key } of batch.usage) {
            if (met.get(session_id)?.has(key)) continue
            met.get(session_id)?.add(key)
            forgetUsage.run(session_id, key)
          }
          writeUsage(session_id, batch.usage)
          takeFacts(batch)
          return true
        })
        .immediate()
    },
    async finishReread({ session_id, generation, next_index, state, now }) {
      supersedeFrom(session_id, next_index, generation)
      forgetUnmet(session_id, generation)
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
  const now = fieldsOf(message)
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

/** Superseded rows by what they hold. A number each, since there may be hundreds of thousands: the id, and whether it is searchable. */
class LostRows {
  readonly #rows = new Map<string, number | number[]>()

  /** The first added is the last taken. */
  add(row: MessageRow): void {
    const key = digest(row)
    const packed = row.id * 2 + row.searchable
    const same = this.#rows.get(key)
    if (same === undefined) this.#rows.set(key, packed)
    else if (typeof same === 'number') this.#rows.set(key, [same, packed])
    else same.push(packed)
  }

  take(message: NewMessage): StoredRow | undefined {
    const key = digest(message)
    const same = this.#rows.get(key)
    const packed = typeof same === 'number' ? same : same?.pop()
    if (packed === undefined) return undefined
    if (typeof same === 'number') this.#rows.delete(key)
    return { id: Math.floor(packed / 2), searchable: packed % 2 === 1 ? 1 : 0 }
  }
}

function digest({ role, content_type, content, tool_input, tool_result, tool_use_id }: Digested): string {
  const hash = createHash('sha1').update(`${role} ${content_type} ${tool_use_id}`)
  for (const text of [content, tool_input, tool_result]) hash.update(text === null ? '\0-' : '\0+').update(text ?? '')
  return hash.digest('base64url').slice(0, 16)
}

type Digested = Pick<NewMessage, 'role' | 'content_type' | 'content' | 'tool_input' | 'tool_result' | 'tool_use_id'>
