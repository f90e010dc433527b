/** Searches inside one process, on a database of a million messages. */
import { join } from 'node:path'
import { measureIn } from './child.mjs'
import { databaseIn, searchDatabase } from './search-database.mjs'

export async function search({ quick, say }) {
  const messages = quick ? 100_000 : 1_000_000
  say(`search in ${messages} messages${quick ? '' : ' (made the first time: two minutes)'}`)
  const folder = await searchDatabase(messages)
  const results = await measureIn('./search-run.mjs', [databaseIn(folder), join(folder, 'words.json'), quick ? 8 : 40])
  const worst = (fits) => Math.max(...results.filter(fits).map((result) => result.p95_ms))
  return {
    messages,
    p95_ms: {
      'up to 10,000 hits': worst(({ sort, hits }) => sort === 'relevance' && hits === 'up to 10,000'),
      'about 100,000 hits': worst(({ sort, hits }) => sort === 'relevance' && hits === 'about 100,000'),
      'more hits': worst(({ sort, hits }) => sort === 'relevance' && hits === 'more'),
      'newest first': worst(({ sort }) => sort === 'newest'),
    },
    results,
  }
}
