/**
 * What ingest could reach at best: JSON.parse of every line, and the rows that a sync stored written once more with
 * nothing but better-sqlite3. Arguments: home of a finished sync, home to write into.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { openStore } from '@gobby/storage'
// Not exported: what is indexed is computed beforehand, outside the time that is measured.
import { searchText } from '../../packages/storage/dist/sqlite/search-text.js'

const STEP_BYTES = 3 << 20
const [recordedHome, home] = process.argv.slice(2)
const recorded = new Database(join(recordedHome, '.gobby/sessions.db'), { readonly: true })
const path = join(home, '.gobby/sessions.db')
await (await openStore(`file:${path}`)).close()

const db = new Database(path)
// As packages/storage/src/sqlite/connection.ts sets them.
const pragmas = ['journal_mode = WAL', 'synchronous = NORMAL', 'foreign_keys = ON', 'cache_size = -32000', 'mmap_size = 4294967296', 'temp_store = MEMORY', 'wal_autocheckpoint = 4000']
for (const pragma of pragmas) db.pragma(pragma)
db.prepare('ATTACH ? AS old').run(join(recordedHome, '.gobby/sessions.db'))
db.exec('INSERT INTO projects SELECT * FROM old.projects; INSERT INTO sessions SELECT * FROM old.sessions')
db.exec('DETACH old')

const columns = db.pragma('table_info(session_messages)').map(({ name }) => name)
const usageColumns = db.pragma('table_info(session_usage)').map(({ name }) => name)
const insertOf = (table, names) => db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
const insertMessage = insertOf('session_messages', columns)
const insertUsage = insertOf('session_usage', usageColumns)
const insertText = db.prepare('INSERT INTO message_search (rowid, text) VALUES (?, ?)')
const write = db.transaction((messages, texts, usage) => {
  messages.forEach((row, i) => {
    insertMessage.run(row)
    if (texts[i] !== '') insertText.run(row[0], texts[i])
  })
  for (const row of usage) insertUsage.run(row)
})

const sessions = recorded.prepare('SELECT s.id, st.path FROM sessions s JOIN session_message_state st ON st.session_id = s.id ORDER BY s.row_key').all()
const messagesOf = recorded.prepare(`SELECT ${columns.join(', ')} FROM session_messages WHERE session_id = ? ORDER BY id`)
const usageOf = recorded.prepare(`SELECT ${usageColumns.join(', ')} FROM session_usage WHERE session_id = ?`)
const seconds = { parse: 0, write: 0, close: 0 }
let cpu_seconds = 0
const timed = (part, action) => {
  const cpu = process.cpuUsage()
  const start = performance.now()
  action()
  seconds[part] += (performance.now() - start) / 1000
  const used = process.cpuUsage(cpu)
  cpu_seconds += (used.user + used.system) / 1e6
}

for (const session of sessions) {
  const rows = messagesOf.all(session.id)
  const texts = rows.map((row) => (row.searchable ? searchText(row) : ''))
  const messages = rows.map((row) => Object.values(row))
  const usage = usageOf.raw().all(session.id)
  let steps = 1
  timed('parse', () => {
    const bytes = readFileSync(session.path)
    steps = Math.max(1, Math.ceil(bytes.length / STEP_BYTES))
    if (session.path.endsWith('.json')) return JSON.parse(bytes.toString('utf8'))
    for (let start = 0, end = 0; start < bytes.length; start = end + 1) {
      end = bytes.indexOf(10, start)
      if (end < 0) end = bytes.length
      try {
        JSON.parse(bytes.toString('utf8', start, end))
      } catch {
        // A torn or glued line costs its parse all the same.
      }
    }
  })
  const share = (list, step) => list.slice(Math.floor((list.length * step) / steps), Math.floor((list.length * (step + 1)) / steps))
  for (let step = 0; step < steps; step++) {
    const [some, their, used] = [share(messages, step), share(texts, step), share(usage, step)]
    timed('write', () => write.immediate(some, their, used))
  }
}
timed('close', () => db.close())
console.log(JSON.stringify({ ...seconds, cpu_seconds, seconds: seconds.parse + seconds.write + seconds.close }))
