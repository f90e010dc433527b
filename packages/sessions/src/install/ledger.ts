/** What gobby remembers of the files it changed, so that an uninstall can put back what was there, byte for byte. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord } from '../sources/normalise.js'
import type { Scope } from '../sources/source-install.js'
import { writeWhole } from './settings-file.js'

export type Entry = {
  source: string
  scope: Scope
  /** gobby made the file. */
  created: boolean
  /** sha256 of the file before gobby's entries; null: the file was not there, or held some of gobby's already. */
  before: string | null
  /** sha256 of the file as gobby left it. */
  after: string
  /** The file before gobby's change. */
  backup: string | null
  /** The objects and lists in it that gobby made. */
  made: string[]
}

export type Ledger = {
  files: Record<string, Entry>
  /** The folders that gobby made for these files. */
  folders: string[]
  /** The sources whose MCP server the person did not want. */
  without_mcp: string[]
}

const fileOf = (home: string): string => join(home, 'install.json')

/** An unreadable ledger is none: entries are then taken out one by one. */
export function readLedger(home: string): Ledger {
  try {
    const value: unknown = JSON.parse(readFileSync(fileOf(home), 'utf8'))
    if (!isRecord(value) || !isRecord(value.files)) return empty()
    const files = Object.entries(value.files).filter(([, entry]) => isEntry(entry)) as [string, Entry][]
    return { files: Object.fromEntries(files), folders: textsIn(value.folders), without_mcp: textsIn(value.without_mcp) }
  } catch {
    return empty()
  }
}

const empty = (): Ledger => ({ files: {}, folders: [], without_mcp: [] })
const textsIn = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

function isEntry(value: unknown): value is Entry {
  return isRecord(value) && typeof value.after === 'string' && typeof value.source === 'string' && Array.isArray(value.made)
}

export function writeLedger(home: string, ledger: Ledger): void {
  if (Object.keys(ledger.files).length === 0) rmSync(fileOf(home), { force: true })
  else writeWhole(fileOf(home), `${JSON.stringify(ledger, null, 2)}\n`, 0o600)
}
