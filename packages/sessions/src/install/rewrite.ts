/** The text of a settings file after gobby's edits, checked: read again, it must mean what it meant before, and the edits. */
import type { SettingsFile } from '../sources/source-install.js'
import { applied, type Edit, type Editor } from './edit.js'
import { same } from './equal.js'
import { jsonEditor } from './json-editor.js'
import { Refusal } from './refusal.js'
import { tomlEditor } from './toml-editor.js'

const editors: Record<SettingsFile['format'], Editor> = { json: jsonEditor, toml: tomlEditor }

/** What the text of a settings file means; of one that is not there: nothing. */
export function meaningOf(format: SettingsFile['format'], text: string): unknown {
  return editors[format].parse(text)
}

/** @throws Refusal when the file is written in a form that these edits would break */
export function rewritten(format: SettingsFile['format'], text: string, edits: Edit[]): string {
  const { parse, edit } = editors[format]
  const before = parse(text)
  const after = edits.reduce(edit, text)
  let meaning: unknown
  try {
    meaning = parse(after)
  } catch {
    meaning = undefined
  }
  const expected = applied(before, edits)
  // In TOML a list or table without entries need not be written down.
  const fits = format === 'toml' ? same(withoutEmpty(meaning), withoutEmpty(expected)) : same(meaning, expected)
  if (!fits) throw new Refusal('it is written in a form that gobby cannot edit safely', 'Write hooks and servers as tables of their own, each key once, and run gobby install again.')
  return after
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const)
  return Object.fromEntries(entries.filter(([, inner]) => typeof inner !== 'object' || inner === null || inner instanceof Date || Object.keys(inner).length > 0))
}
