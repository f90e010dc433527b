import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GobbyError } from './errors.js'
import type { OpenOptions } from './open-options.js'
import type { Store } from './store.js'

/**
 * Opens the database, makes it when there is none, and brings an older one up to date.
 *
 * @param url `file:/path/to/sessions.db`, a plain path, or `:memory:`
 * @throws GobbyError `invalid` for an address no engine serves; `unavailable` when the file cannot be opened, is of a
 *   newer gobby or of another program; `busy` when another process holds it for more than 5 seconds
 * @example
 * const store = await openStore('file:sessions.db')
 */
export async function openStore(url: string, options: OpenOptions = {}): Promise<Store> {
  const { openSqlite } = await import('./sqlite/open.js')
  return openSqlite(url, databasePath(url), options)
}

/**
 * The file that an address stands for, or `:memory:`.
 *
 * @throws GobbyError `invalid` for an address no engine serves
 */
export function databasePath(url: string): string {
  if (url === ':memory:' || url === 'file::memory:') return ':memory:'
  if (url.startsWith('file://')) return fileURLToPath(url)
  if (url.startsWith('file:')) return resolve(url.slice('file:'.length))
  if (/^[a-z][a-z0-9+]+:/i.test(url)) {
    throw new GobbyError('invalid', `No engine for the database address ${url.split(':')[0]}:…`, 'Use file:/path/to/sessions.db')
  }
  return resolve(url)
}
