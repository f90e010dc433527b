import Database from 'better-sqlite3'
import { parseQuery } from '../src/sqlite/search-query.js'
import { searchText } from '../src/sqlite/search-text.js'

export const message = (content: string) => ({ content, tool_input: null, tool_result: null, tool_name: null })

/** The real index over some texts, numbered from 1. */
export function indexOf(...texts: string[]) {
  const db = new Database(':memory:')
  db.exec(`CREATE VIRTUAL TABLE message_search USING fts5(text, content='', contentless_delete=1, tokenize='unicode61')`)
  const insert = db.prepare('INSERT INTO message_search(rowid, text) VALUES (?, ?)')
  for (const [index, text] of texts.entries()) insert.run(index + 1, searchText(message(text)))
  const select = db.prepare('SELECT rowid FROM message_search WHERE message_search MATCH ? ORDER BY rowid').pluck()
  return {
    find(query: string): number[] | 'empty' | 'invalid' {
      const parsed = parseQuery(query)
      if ('invalid' in parsed) return 'invalid'
      return 'empty' in parsed ? 'empty' : (select.all(parsed.match) as number[])
    },
    check: () => db.exec(`INSERT INTO message_search(message_search) VALUES ('integrity-check')`),
  }
}
