/** Events that could not be written when they came: kept as files, and told again by the next gobby process, in order. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '@gobby/storage'
import type { Context } from '../context.js'
import { GobbyError } from '../errors.js'
import { handleHook } from '../hooks.js'
import { processStart } from '../process.js'
import type { HookEvent } from '../sources/hook-event.js'
import { sourceNamed } from '../sources/index.js'
import type { HookOrigin, Told } from './told.js'

/** What a file of the spool holds: the event as it was understood where it came, for the CLI's folders are known there. */
export type SpooledEvent = { source: string; event: HookEvent; origin: HookOrigin }

const FILE = /^\d{13}-.*\.json$/
const REFUSED = '.refused'
const PART = '.part'
const LOCK = 'lock'

const folderOf = (home: string): string => join(home, 'spool')

/** So many wait at most: a database that nobody mends must not fill the disk. */
const MOST = 10_000
/** Of those that could not be understood, the newest are kept to be looked at. */
const MOST_REFUSED = 100
/** A file that is not whole after so long never will be: its writer was killed. */
const ABANDONED_MS = 3_600_000

/**
 * Keeps an event for later. The names of the files are in the order of the events.
 * @returns false when too many wait already, and this one is let go
 */
export function spool(home: string, event: SpooledEvent): boolean {
  const folder = folderOf(home)
  if (spooled(home).length >= MOST) return false
  makeFolder(folder)
  const name = `${String(Date.parse(event.origin.at)).padStart(13, '0')}-${process.hrtime.bigint().toString().padStart(20, '0')}-${process.pid}`
  const part = join(folder, name + PART)
  try {
    writeFileSync(part, JSON.stringify(event), { mode: 0o600 })
    renameSync(part, join(folder, `${name}.json`))
  } catch (error) {
    // On a full disk the file is there, and empty.
    rmSync(part, { force: true })
    throw error
  }
  return true
}

/** The names of the events that wait, the oldest first. */
export function spooled(home: string): string[] {
  return namesIn(home).filter((name) => FILE.test(name))
}

/** The files of those that could not be understood, the oldest first. */
export function refused(home: string): string[] {
  return namesIn(home).filter((name) => name.endsWith(REFUSED)).map((name) => join(folderOf(home), name))
}

function namesIn(home: string): string[] {
  try {
    return readdirSync(folderOf(home)).sort()
  } catch {
    return []
  }
}

/**
 * Tells the waiting events, the oldest first; one process at a time does. An event whose file is gone was told. One that
 * cannot be understood is put aside. Stops, and leaves the rest, when the database is busy again.
 *
 * @param later does the long work that they bring, for a caller that cannot wait for it
 */
export async function replaySpool(ctx: Context, later?: Told['later']): Promise<void> {
  const { home } = ctx.config
  if (spooled(home).length === 0 || !lock(home)) return
  try {
    for (let names = spooled(home); names.length > 0; names = spooled(home)) {
      for (const name of names) await tell(ctx, join(folderOf(home), name), later)
    }
    tidy(home)
  } catch (error) {
    if (!isWaiting(error)) throw error
  } finally {
    rmSync(join(folderOf(home), LOCK), { force: true })
  }
}

function tidy(home: string): void {
  for (const path of refused(home).slice(0, -MOST_REFUSED)) rmSync(path, { force: true })
  for (const path of namesIn(home).filter((name) => name.endsWith(PART)).map((name) => join(folderOf(home), name))) {
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > ABANDONED_MS) rmSync(path, { force: true })
  }
}

async function tell(ctx: Context, path: string, later: Told['later']): Promise<void> {
  try {
    const { source: name, event, origin } = JSON.parse(readFileSync(path, 'utf8')) as SpooledEvent
    const source = sourceNamed(name)
    if (!source?.hooks) throw new GobbyError('invalid', `No hooks are known of ${name}.`)
    await handleHook(ctx, { source, event, origin: { ...origin, replayed: true }, ...(later ? { later } : {}) })
    rmSync(path, { force: true })
  } catch (error) {
    if (isWaiting(error)) throw error
    if (existsSync(path)) renameSync(path, path + REFUSED)
  }
}

/** The database could not be had: later it may. */
const isWaiting = (error: unknown): boolean => error instanceof GobbyError && (error.code === 'busy' || error.code === 'unavailable')

/** Takes the lock, also one whose holder is gone. */
function lock(home: string): boolean {
  const path = join(folderOf(home), LOCK)
  const mine = `${process.pid} ${processStart(process.pid) ?? ''}`
  const take = (): boolean => {
    writeFileSync(path, mine, { flag: 'wx', mode: 0o600 })
    return true
  }
  try {
    return take()
  } catch {
    try {
      const holder = readFileSync(path, 'utf8')
      if (isHeld(holder, path)) return false
      // Renamed, not removed: of two that find the lock abandoned one gets it, and gives back what is another's by now.
      const aside = `${path}-${process.pid}`
      renameSync(path, aside)
      if (readFileSync(aside, 'utf8') !== holder) {
        renameSync(aside, path)
        return false
      }
      rmSync(aside, { force: true })
      return take()
    } catch {
      return false
    }
  }
}

/** How long a lock may be without its holder's name, which is written a moment after the file is there. */
const UNNAMED_MS = 10_000

function isHeld(holder: string, path: string): boolean {
  if (holder === '') return Date.now() - statSync(path).mtimeMs < UNNAMED_MS
  const [pid, ...start] = holder.split(' ')
  if (start.join(' ') !== '') return processStart(Number(pid)) === start.join(' ')
  try {
    return process.kill(Number(pid), 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
