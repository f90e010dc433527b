/** Builds the search index from the stored messages, when the way text is indexed has changed. */
import type { Connection } from './connection.js'
import type { MessageRow } from './rows.js'
import { searchText } from './search-text.js'

/** Raise it when the same message would be indexed otherwise. */
const INDEX_VERSION = '1'
const ROWS_AT_ONCE = 1000

/**
 * Rebuilds the index where it is of another version, in small transactions; one that is cut off goes on where it was.
 * Two processes may do it at once: each step takes the lock and looks where the other one is.
 */
export function buildIndex(db: Connection): void {
  const setting = db.prepare('SELECT value FROM settings WHERE key = ?').pluck()
  const set = db.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
  if (setting.get('index_version') === INDEX_VERSION) return
  const page = db.prepare(`SELECT id, searchable, tool_name, content, tool_input, tool_result FROM session_messages WHERE id > ? ORDER BY id LIMIT ${ROWS_AT_ONCE}`)
  const insert = db.prepare('INSERT INTO message_search (rowid, text) VALUES (?, ?)')
  const begin = db.transaction(() => {
    if (setting.get('index_building') === INDEX_VERSION) return
    db.exec(`INSERT INTO message_search (message_search) VALUES ('delete-all')`)
    set.run('index_building', INDEX_VERSION)
    set.run('index_built_to', '0')
  })
  const step = db.transaction((): boolean => {
    if (setting.get('index_version') === INDEX_VERSION) return false
    const rows = page.all(Number(setting.get('index_built_to'))) as MessageRow[]
    for (const row of rows) {
      const text = row.searchable ? searchText(row) : ''
      if (text !== '') insert.run(row.id, text)
    }
    const last = rows.at(-1)
    if (last) set.run('index_built_to', String(last.id))
    else set.run('index_version', INDEX_VERSION)
    return last !== undefined
  })
  begin.immediate()
  while (step.immediate());
}
