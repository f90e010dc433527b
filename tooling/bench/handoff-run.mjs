/**
 * What the analysis of one large session costs: reading its steps and results from the database, and analysing them.
 * Arguments: megabytes (100 when left out). The session is a real one, written again and again under other ids.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { call, createContext, sync } from '@gobby/sessions'
import { createHandoff } from '@gobby/sessions/operations'
import { corpus, corpusEnv } from './corpus.mjs'
import { median } from './figures.mjs'
import { dropScratch, scratch } from './places.mjs'
// Not exported: the part of create_handoff that asks neither git nor the disk.
import { analysisOf } from '../../packages/sessions/dist/handoff/handoff.js'

const megabytes = Number(process.argv[2] ?? 100)
const RUNS = 5

const folder = await corpus({ files: 1, bytes: 1 })
const home = scratch('handoff')
const ctx = await createContext({ env: corpusEnv(folder, home), cwd: home })
await sync(ctx)
const sessions = await ctx.store.sessions.list({}, 1000)
// A typical long session: the one with the most calls.
const session = sessions.toSorted((a, b) => b.tool_call_count - a.tool_call_count)[0]
const transcript = statSync(session.transcript_path).size

// Where no repository is, git is not asked: what is left is our own part.
const handoffs = []
for (const { id } of sessions) {
  const start = performance.now()
  await call(createHandoff, ctx, { session_id: id }).catch(() => undefined)
  handoffs.push(performance.now() - start)
}

const db = new Database(join(home, '.gobby/sessions.db'))
const columns = db.pragma('table_info(session_messages)').map(({ name }) => name).filter((name) => name !== 'id')
const rows = db.prepare(`SELECT ${columns.join(', ')} FROM session_messages WHERE session_id = ? AND superseded = 0 ORDER BY message_index`).all(session.id)
const insert = db.prepare(`INSERT INTO session_messages (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
const copies = Math.ceil((megabytes * 1e6) / transcript)
db.transaction(() => {
  for (let copy = 1; copy < copies; copy++) {
    for (const row of rows) {
      const other = { ...row, message_index: row.message_index + copy * rows.length, tool_use_id: row.tool_use_id && `${row.tool_use_id}-${copy}` }
      insert.run(columns.map((name) => other[name]))
    }
  }
})()
db.close()

const times = []
const processor = []
for (let run = 0; run < RUNS; run++) {
  const [start, before] = [performance.now(), process.cpuUsage()]
  await analysisOf(ctx, session)
  times.push(performance.now() - start)
  const { user, system } = process.cpuUsage(before)
  processor.push((user + system) / 1000)
}
await ctx.close()
dropScratch()
console.log(
  JSON.stringify({
    sessions: sessions.length,
    create_handoff_ms: median(handoffs),
    megabytes: (copies * transcript) / 1e6,
    messages: copies * rows.length,
    source: session.source,
    median_ms: median(times),
    slowest_ms: Math.max(...times),
    // On a busy machine the wall clock tells of the others, too.
    cpu_ms: median(processor),
  }),
)
