/** Brings messages in: rows, search index, counters and the place in the transcript, together or not at all. */
import type { IngestBatch, IngestState, KnownFile, Store, StoredIngestState } from '../store.js'
import { changeWriter } from './changes.js'
import { deletions } from './deletions.js'
import type { Connection } from './connection.js'
import { lostMessages } from './lost-messages.js'
import { messageWriter, prepareMessages } from './message-writer.js'
import { rereads } from './rereads.js'
import { ROWS_PER_SESSION } from './rows.js'
import { usageWriter } from './usage-writer.js'

export function ingest(db: Connection): Store['ingest'] {
  const write = messageWriter(db)
  const vanished = lostMessages(db, write)
  const writeUsage = usageWriter(db)
  const places = placeWriter(db)
  const nextId = rowIds(db)
  const say = changeWriter(db)
  const knownCall = db
    .prepare(`SELECT 1 FROM session_messages WHERE tool_use_id = ? AND content_type = 'tool_use' AND id BETWEEN ? AND ? AND superseded = 0`)
    .pluck()
  const grow = db.prepare(
    `UPDATE sessions SET message_count = message_count + ?, turn_count = turn_count + ?, tool_call_count = tool_call_count + ?,
       input_tokens = input_tokens + ?, output_tokens = output_tokens + ?,
       cache_read_tokens = cache_read_tokens + ?, cache_creation_tokens = cache_creation_tokens + ?
     WHERE id = ?`,
  )
  const takeFacts = factsWriter(db)
  const knownFiles = db.prepare(
    `SELECT st.session_id, s.source, NULL AS reason, st.path, st.size, st.mtime_ms, st.inode, st.parser_version
     FROM session_message_state st JOIN sessions s ON s.id = st.session_id WHERE st.path IS NOT NULL`,
  )
  const skippedFiles = db.prepare(
    'SELECT NULL AS session_id, NULL AS source, reason, path, size, mtime_ms, inode, 0 AS parser_version FROM skipped_files',
  )
  const rememberSkipped = db.prepare(
    `INSERT INTO skipped_files (path, size, mtime_ms, inode, reason) VALUES (@path, @size, @mtime_ms, @inode, @reason)
     ON CONFLICT (path) DO UPDATE SET size = @size, mtime_ms = @mtime_ms, inode = @inode, reason = @reason`,
  )

  return {
    async knownFiles(readers) {
      forgetSkippedBy(db, readers)
      const known = new Map<string, KnownFile>()
      const rows = [skippedFiles.all(), knownFiles.all()].flat() as (KnownFile & { path: string })[]
      for (const row of rows) known.set(row.path, row)
      return known
    },
    async state(session_id) {
      return places.get(session_id)
    },
    async append(batch) {
      const messages = prepareMessages(batch.messages)
      return db
        .transaction(() => {
          if (!places.isAt(batch)) return false
          const ids = nextId(batch.session_id)
          const calls = new Set<string>()
          // A transcript that had lost its end may grow it anew.
          const rewritten = batch.expected.generation > 0 && vanished.any(batch.session_id)
          messages.forEach((message, i) => {
            if (message.content_type === 'tool_use' && message.tool_use_id) {
              if (batch.first_index === 0 || !knownCall.get(message.tool_use_id, ids.first, ids.last)) calls.add(message.tool_use_id)
            }
            const back = rewritten ? vanished.like(batch.session_id, message) : undefined
            if (back) vanished.putBack(back, batch.first_index + i, message)
            else write.insert(ids.next++, batch.session_id, batch.first_index + i, message)
          })
          for (const { message_index, actions } of batch.amendments) write.amend(batch.session_id, message_index, actions)
          const tokens = writeUsage(batch.session_id, batch.usage)
          const prompts = messages.filter((message) => message.is_prompt).length
          grow.run(messages.length, prompts, calls.size, ...tokens, batch.session_id)
          takeFacts(batch)
          places.put(batch.session_id, batch.state, batch.first_index + messages.length, batch.expected.generation, batch.now)
          if (messages.length > 0) say({ type: 'session.message', session_id: batch.session_id, data: { first_index: batch.first_index, count: messages.length }, now: batch.now })
          return true
        })
        .immediate()
    },
    ...rereads(db, { write, vanished, writeUsage, places, takeFacts, nextId, say }),
    async touch(session_id, file) {
      db.prepare('UPDATE session_message_state SET path = ?, size = ?, mtime_ms = ?, inode = ? WHERE session_id = ?').run(
        file.path,
        file.size,
        file.mtime_ms,
        file.inode,
        session_id,
      )
      db.prepare('UPDATE sessions SET transcript_path = ? WHERE id = ? AND transcript_path IS NOT ?').run(file.path, session_id, file.path)
    },
    async rememberSkipped(files) {
      db.transaction(() => files.forEach((file) => rememberSkipped.run(file))).immediate()
    },
    ...deletions(db).forIngest,
  }
}

/** What was passed over may be a transcript for other readers. */
function forgetSkippedBy(db: Connection, readers: string): void {
  const last = db.prepare(`SELECT value FROM settings WHERE key = 'readers'`).pluck().get()
  if (last === readers) return
  db.transaction(() => {
    db.prepare('DELETE FROM skipped_files').run()
    db.prepare(`INSERT INTO settings (key, value) VALUES ('readers', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`).run(readers)
  }).immediate()
}

export type Places = ReturnType<typeof placeWriter>

/** Where reading stands, per session. */
function placeWriter(db: Connection) {
  const get = db.prepare('SELECT * FROM session_message_state WHERE session_id = ?')
  // A session that was registered and not read yet stands at the start; one that was deleted meanwhile, nowhere.
  const at = db.prepare(
    `SELECT coalesce(st.byte_offset, 0) AS byte_offset, coalesce(st.generation, 0) AS generation
     FROM sessions s LEFT JOIN session_message_state st ON st.session_id = s.id WHERE s.id = ?`,
  )
  const put = db.prepare(
    `INSERT INTO session_message_state (session_id, path, byte_offset, next_index, size, mtime_ms, inode, head_hash, tail_hash,
       parser_version, parser_state, skipped_reasons, skipped_at, generation, updated_at)
     VALUES (@session_id, @path, @byte_offset, @next_index, @size, @mtime_ms, @inode, @head_hash, @tail_hash,
       @parser_version, @parser_state, @skipped_reasons, @skipped_at, @generation, @now)
     ON CONFLICT (session_id) DO UPDATE SET path = @path, byte_offset = @byte_offset, next_index = @next_index, size = @size,
       mtime_ms = @mtime_ms, inode = @inode, head_hash = @head_hash, tail_hash = @tail_hash, parser_version = @parser_version,
       parser_state = @parser_state, skipped_reasons = @skipped_reasons, skipped_at = @skipped_at, generation = @generation,
       updated_at = @now`,
  )
  const sessionFile = db.prepare('UPDATE sessions SET transcript_path = ?, skipped_lines = ? WHERE id = ?')

  return {
    get(session_id: string): StoredIngestState | undefined {
      const row = get.get(session_id) as Record<string, unknown> | undefined
      if (!row) return undefined
      const json = (key: string) => JSON.parse((row[key] as string | null) ?? 'null')
      return {
        ...(row as unknown as StoredIngestState),
        parser_state: json('parser_state'),
        skipped_reasons: json('skipped_reasons'),
        skipped_at: json('skipped_at'),
      }
    },
    isAt({ session_id, expected }: Pick<IngestBatch, 'session_id' | 'expected'>): boolean {
      const now = at.get(session_id) as IngestBatch['expected'] | undefined
      return now !== undefined && now.byte_offset === expected.byte_offset && now.generation === expected.generation
    },
    put(session_id: string, state: IngestState, next_index: number, generation: number, now: string): void {
      put.run({
        ...state,
        session_id,
        next_index,
        generation,
        now,
        parser_state: state.parser_state === undefined ? null : JSON.stringify(state.parser_state),
        skipped_reasons: JSON.stringify(state.skipped_reasons),
        skipped_at: JSON.stringify(state.skipped_at),
      })
      const skipped = Object.values(state.skipped_reasons).reduce((sum, n) => sum + n, 0)
      sessionFile.run(state.path, skipped, session_id)
    },
  }
}

/** Writes what a transcript says of its session. `started_at` counts with the transcript's first step only. */
function factsWriter(db: Connection) {
  const update = db.prepare(
    `UPDATE sessions SET cwd = coalesce(cwd, @cwd), git_branch = coalesce(@git_branch, git_branch), model = coalesce(@model, model),
       title = coalesce(@title, title), created_at = coalesce(@started_at, created_at),
       last_activity_at = max(last_activity_at, coalesce(@last_activity_at, last_activity_at)), updated_at = @now
     WHERE id = @session_id`,
  )
  const mark = db.prepare('INSERT OR IGNORE INTO session_marks (mark, session_id) VALUES (?, ?)')
  return ({ facts, expected, session_id, now }: IngestBatch): void => {
    for (const id of facts.marks ?? []) mark.run(id, session_id)
    update.run({
      cwd: facts.cwd ?? null,
      git_branch: facts.git_branch ?? null,
      model: facts.model ?? null,
      title: facts.title ?? null,
      started_at: expected.byte_offset === 0 ? (facts.started_at ?? null) : null,
      last_activity_at: facts.last_activity_at ?? null,
      session_id,
      now,
    })
  }
}

/** The ids that are free for new messages of a session. */
function rowIds(db: Connection) {
  const rowKey = db.prepare('SELECT row_key FROM sessions WHERE id = ?').pluck()
  const lastUsed = db.prepare('SELECT max(id) FROM session_messages WHERE id BETWEEN ? AND ?').pluck()
  return (session_id: string): { first: number; last: number; next: number } => {
    const first = (rowKey.get(session_id) as number) * ROWS_PER_SESSION
    const last = first + ROWS_PER_SESSION - 1
    return { first, last, next: ((lastUsed.get(first, last) as number | null) ?? first) + 1 }
  }
}
