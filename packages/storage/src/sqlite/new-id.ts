import type { Connection } from './connection.js'

/** Makes random UUIDs (version 4). From SQLite's own source of chance: loading node:crypto takes longer than a hook may. */
export function newIds(db: Connection): () => string {
  const bytes = db.prepare('SELECT lower(hex(randomblob(16)))').pluck()
  return () => {
    const hex = bytes.get() as string
    const variant = '89ab'[Number.parseInt(hex[16] as string, 16) & 3]
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}
