/** The HTTP service on a database of a million messages: requests, searches, and many listeners. */
import { join } from 'node:path'
import { measureIn } from './child.mjs'
import { scratch } from './places.mjs'
import { databaseIn, searchDatabase } from './search-database.mjs'

export async function http({ quick, say }) {
  const messages = quick ? 100_000 : 1_000_000
  const folder = await searchDatabase(messages)
  say(`HTTP service on ${messages} messages`)
  return { messages, ...(await measureIn('./http-run.mjs', [databaseIn(folder), join(folder, 'words.json'), scratch('http'), quick ? 2 : 6])) }
}
