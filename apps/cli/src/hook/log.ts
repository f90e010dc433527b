import { appendFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { GobbyError } from '@gobby/sessions'
import { makeFolder } from '@gobby/storage'

/** Notes what went wrong: an error, or a sentence. */
export type Log = (what: unknown) => void

/** The log is begun anew above this, in bytes; the one before is kept. */
const ROTATE = 1024 * 1024

/** Lines in `logs/hook.log` of gobby's home: the instant, the hook, what went wrong. What cannot be written is let go. */
export function logTo(home: string, hook: string): Log {
  const folder = join(home, 'logs')
  const file = join(folder, 'hook.log')
  return (what) => {
    try {
      makeFolder(folder)
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > ROTATE) renameSync(file, `${file}.1`)
      appendFileSync(file, `${new Date().toISOString()} ${oneLine(hook).slice(0, 40)}: ${oneLine(textOf(what)).slice(0, 1000)}\n`, { mode: 0o600 })
    } catch {
      // Nobody is there to be told.
    }
  }
}

function textOf(what: unknown): string {
  if (what instanceof GobbyError) return what.message
  return what instanceof Error ? (what.stack ?? what.message) : String(what)
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')
