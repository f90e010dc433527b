/** Searches in one process, after a warm-up. Arguments: database, words.json, searches of each kind. Prints p95 and hits. */
import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { openStore } from '@gobby/storage'
import { quantile, rounded } from './figures.mjs'

const [database, wordsFile, count] = process.argv.slice(2)
const words = JSON.parse(readFileSync(wordsFile, 'utf8'))
const store = await openStore(`file:${database}`)
const project = await store.projects.getByName('project-3')
// The reference: FTS5 alone, asked for the same words.
const db = new Database(database, { readonly: true })
for (const pragma of ['cache_size = -32000', 'mmap_size = 4294967296']) db.pragma(pragma)
const alone = {
  relevance: db.prepare('SELECT rowid, bm25(message_search) AS score FROM message_search WHERE message_search MATCH ? ORDER BY score LIMIT 20'),
  newest: db.prepare('SELECT rowid FROM message_search WHERE message_search MATCH ? ORDER BY rowid DESC LIMIT 20'),
}
const total = (await store.info()).messages

/** Words with about so many hits, the nearest first. */
function wordsWith(hits) {
  const distance = ([, n]) => Math.abs(Math.log(Math.max(n, 0.5) / hits))
  return [...words].sort((a, b) => distance(a) - distance(b)).slice(0, count).map(([word]) => word)
}
const upTo = (list, most) => list.filter(([, n]) => n <= most)
/** By word, spread over the whole range up to `most` hits. */
function spread(least, most) {
  const fitting = upTo(words, most).filter(([, n]) => n >= least)
  return Array.from({ length: count }, (_, i) => fitting[Math.floor((i / count) * fitting.length)]).filter(Boolean).map(([word]) => word)
}

const scale = total / 1_000_000
const queries = {
  'up to 10,000': [...spread(100 * scale, 10_000 * scale).slice(0, count >> 1), ...wordsWith(9_500 * scale).slice(0, count >> 1)],
  'two words': wordsWith(50_000 * scale).slice(0, 8).flatMap((a) => wordsWith(20_000 * scale).slice(0, 3).map((b) => `${a} ${b}`)),
  'about 100,000': wordsWith(95_000 * scale).slice(0, Math.min(count, 8)),
  'more': words.slice(0, 4).map(([word]) => word),
}
const filters = {
  none: {},
  project: { project_id: project.id },
  source: { source: 'gemini' },
  role: { role: 'user' },
  tool: { tool_name: 'WebFetch' },
  since: { since: '2026-07-01T00:00:00.000Z' },
  'project, role and since': { project_id: project.id, role: 'assistant', since: '2026-01-01T00:00:00.000Z' },
}

const results = []
for (const sort of ['relevance', 'newest']) {
  for (const [kind, list] of Object.entries(queries)) {
    for (const [filter, by] of Object.entries(filters)) {
      const times = []
      const bare = []
      const repeats = Math.max(1, Math.ceil(Math.min(16, Number(count)) / list.length))
      for (let round = 0; round <= repeats; round++) {
        for (const query of list) {
          const start = performance.now()
          await store.search.find(query, by, { sort, limit: 20 })
          const between = performance.now()
          if (filter === 'none') alone[sort].all(query)
          // The first round fills the caches.
          if (round === 0) continue
          times.push(between - start)
          bare.push(performance.now() - between)
        }
      }
      const [p50_ms, bare_p50_ms] = [quantile(times, 0.5), quantile(bare, 0.5)]
      const against = filter === 'none' ? { bare_p50_ms: rounded(bare_p50_ms), ratio_to_bare: rounded(p50_ms / bare_p50_ms, 2) } : {}
      results.push({ sort, hits: kind, filter, searches: times.length, p50_ms: rounded(p50_ms), p95_ms: rounded(quantile(times, 0.95)), max_ms: rounded(Math.max(...times)), ...against })
    }
  }
}
db.close()
await store.close()
console.log(JSON.stringify(results))
