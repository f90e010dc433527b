/** One appended line at a time, taken in. Arguments: home, times. */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createContext, ingest, sync } from '@gobby/sessions'
import { openStore } from '@gobby/storage'
import { corpusEnv, longTranscript } from './corpus.mjs'
import { quantile, rounded } from './figures.mjs'

const [home, times] = process.argv.slice(2)
const path = join(home, 'claude/projects/-work-bench/0c0ffee0-0000-4000-8000-000000000001.jsonl')
const { line } = longTranscript(path, 10e6)
const ctx = await createContext({ env: corpusEnv(home, home), cwd: home })
await sync(ctx)
const [session] = await ctx.store.sessions.list({ include_empty: true }, 1)

// The reference: the same line parsed, and a row of it written, in a database of its own that is as large.
const bare = join(home, 'bare.db')
await (await openStore(`file:${bare}`)).close()
const db = new Database(bare)
for (const pragma of ['synchronous = NORMAL', 'mmap_size = 4294967296']) db.pragma(pragma)
db.exec(`ATTACH '${join(home, '.gobby/sessions.db')}' AS full; INSERT INTO projects SELECT * FROM full.projects;
  INSERT INTO sessions SELECT * FROM full.sessions; INSERT INTO session_messages SELECT * FROM full.session_messages;
  INSERT INTO message_search (rowid, text) SELECT id, content FROM session_messages; DETACH full`)
const last = db.prepare('SELECT * FROM session_messages ORDER BY id DESC LIMIT 1').get()
const columns = Object.keys(last)
const insert = db.prepare(`INSERT INTO session_messages (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
const insertText = db.prepare('INSERT INTO message_search (rowid, text) VALUES (?, ?)')
const write = db.transaction((n, record) => {
  insert.run(Object.values({ ...last, id: last.id + n, message_index: last.message_index + n, content: record.message.content[0].text ?? '' }))
  insertText.run(last.id + n, record.message.content[0].text ?? '')
})

mkdirSync(join(home, 'tail'), { recursive: true })
const own = []
const reference = []
for (let n = 1; n <= Number(times); n++) {
  const bytes = line(n)
  appendFileSync(path, bytes)
  let start = performance.now()
  await ingest(ctx, await ctx.store.sessions.get(session.id))
  own.push(performance.now() - start)
  start = performance.now()
  write.immediate(n, JSON.parse(bytes.toString('utf8')))
  reference.push(performance.now() - start)
}
const after = await ctx.store.sessions.get(session.id)
await ctx.close()
const size = readFileSync(path).length
console.log(
  JSON.stringify({
    transcript_mb: rounded(size / 1e6),
    lines: own.length,
    messages_added: after.message_count - session.message_count,
    p50_ms: rounded(quantile(own, 0.5), 2),
    p95_ms: rounded(quantile(own, 0.95), 2),
    bare_p50_ms: rounded(quantile(reference, 0.5), 2),
    ratio_to_bare: rounded(quantile(own, 0.5) / quantile(reference, 0.5)),
  }),
)
