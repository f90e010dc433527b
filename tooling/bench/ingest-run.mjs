/** One sync of a corpus into a new database. Arguments: corpus, home, and `locks` to leave out checkpoints. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { collectEarly, createContext, sync } from '@gobby/sessions'
import { corpusEnv } from './corpus.mjs'

// As `gobby session sync` does.
collectEarly()
const [folder, home, locks] = process.argv.slice(2)
const env = corpusEnv(folder, home)

let longest = 0
const { transaction } = Database.prototype
Database.prototype.transaction = function (action) {
  const made = transaction.call(this, action)
  // A checkpoint runs inside the commit call, but after the write lock is given back.
  if (locks) this.pragma('wal_autocheckpoint = 0')
  const timed = (...args) => {
    const start = performance.now()
    try {
      return made.immediate(...args)
    } finally {
      longest = Math.max(longest, performance.now() - start)
    }
  }
  timed.immediate = timed
  return timed
}

const ctx = await createContext({ env, cwd: home })
const cpu = process.cpuUsage()
const start = performance.now()
const report = await sync(ctx)
await ctx.close()
const seconds = (performance.now() - start) / 1000
const used = process.cpuUsage(cpu)
const database = join(home, '.gobby/sessions.db')
const sum = (key) => Object.values(report.sources).reduce((total, source) => total + source[key], 0)
console.log(
  JSON.stringify({
    seconds,
    cpu_seconds: (used.user + used.system) / 1e6,
    longest_transaction_ms: longest,
    files: sum('files'),
    messages: sum('messages'),
    rss_mb: process.resourceUsage().maxRSS / 1024,
    database_bytes: statSync(database).size + (existsSync(`${database}-wal`) ? statSync(`${database}-wal`).size : 0),
  }),
)
