/** Reads and writes a file that belongs to somebody else: looked at before, whole at every moment, its mode kept. */
import { createHash, randomUUID } from 'node:crypto'
import { accessSync, chmodSync, chownSync, closeSync, constants, existsSync, fsyncSync, lstatSync, openSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeFolder } from '@gobby/storage'
import { Refusal } from './refusal.js'

/** A settings file as it was found. `bytes` is null where there is none. */
export type FileState = { path: string; bytes: Buffer | null; mode: number }

const LARGEST = 64 * 1024 * 1024
const BY_HAND = 'Put the entries in by hand, or make it a plain file of your own that you may write.'

/** @throws Refusal when the file is none that may be written: a link, read-only, somebody else's, no text */
export function readState(path: string, mode_if_new = 0o600): FileState {
  const stat = statOf(path)
  if (!stat) {
    folderFor(path)
    return { path, bytes: null, mode: mode_if_new }
  }
  if (stat.isSymbolicLink()) throw new Refusal('it is a symbolic link', 'Put the entries into the file it leads to by hand, or replace the link by that file.')
  if (!stat.isFile()) throw new Refusal('it is no plain file', 'Move it away, and run gobby install again.')
  const user = process.getuid?.()
  if (user !== undefined && stat.uid !== user) throw new Refusal('it belongs to another user', BY_HAND)
  if ((stat.mode & 0o200) === 0 || !may(path, constants.R_OK | constants.W_OK)) throw new Refusal('it is read-only', `Allow yourself to write it: chmod u+rw '${path}'`)
  if (stat.size > LARGEST) throw new Refusal('it is too large for settings', BY_HAND)
  folderFor(path)
  const bytes = attempt(() => readFileSync(path))
  if (!bytes.equals(Buffer.from(bytes.toString('utf8')))) throw new Refusal('it is no UTF-8 text', 'Save it as UTF-8, and run gobby install again.')
  return { path, bytes, mode: stat.mode & 0o777 }
}

/** The text of a file that is only looked at, where a link or a read-only one will do; empty where there is none. */
export function readToLook(path: string): string {
  return attempt(() => (existsSync(path) ? readFileSync(path, 'utf8') : ''))
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return undefined
    throw refused(error)
  }
}

/** Checks that a file can be made there: the nearest folder above that exists is one, and may be written. */
function folderFor(path: string): void {
  let folder = dirname(path)
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  if (!statSync(folder).isDirectory()) throw new Refusal(`${folder} is no folder`, 'Move it away, and run gobby install again.')
  if (!may(folder, constants.W_OK | constants.X_OK)) throw new Refusal(`its folder ${folder} is read-only`, `Allow yourself to write there: chmod u+wx '${folder}'`)
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

function attempt<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw refused(error)
  }
}

function refused(error: unknown): Refusal {
  const { code, message } = error as NodeJS.ErrnoException
  return new Refusal(code === 'EACCES' || code === 'EPERM' ? 'there is no permission for it' : code === 'EROFS' ? 'its disk is read-only' : code === 'ENOSPC' ? 'the disk is full' : message, 'Mend that, and run gobby install again.')
}

/** Whether the file still is what it was when it was read. */
export function isUnchanged({ path, bytes }: FileState): boolean {
  try {
    const now = readFileSync(path)
    return bytes !== null && now.equals(bytes)
  } catch {
    return bytes === null
  }
}

/** The folders that have to be made for a file, the outermost first. */
export function missingFolders(path: string): string[] {
  const missing: string[] = []
  for (let folder = dirname(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder)
  return missing
}

/**
 * Replaces the file in one step: at every moment it is there whole, the old or the new one.
 *
 * @throws Refusal
 */
export function writeWhole(path: string, bytes: Buffer | string, mode: number): void {
  attempt(() => {
    makeFolder(dirname(path), mode | ((mode & 0o444) >> 2))
    dropLeftovers(path)
    const beside = `${path}.gobby-${randomUUID()}`
    try {
      const file = openSync(beside, 'wx', mode)
      try {
        writeFileSync(file, bytes)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      keepOwner(path, beside)
      renameSync(beside, path)
    } catch (error) {
      rmSync(beside, { force: true })
      throw error
    }
    syncFolder(dirname(path))
  })
}

const LEFT_AFTER_MS = 60_000

/** Removes what an install that was killed left beside the file. */
export function dropLeftovers(path: string): void {
  if (!existsSync(dirname(path))) return
  const name = `${basename(path)}.gobby-`
  for (const entry of readdirSync(dirname(path))) {
    if (!entry.startsWith(name) || !/^(backup(-\d+)?\.gobby-)?[0-9a-f-]{36}$/.test(entry.slice(name.length))) continue
    const left = join(dirname(path), entry)
    if (Date.now() - statSync(left).mtimeMs > LEFT_AFTER_MS) rmSync(left, { force: true })
  }
}

/** The mode as it was, whatever the process's own mask is, and the group. */
function keepOwner(path: string, beside: string): void {
  const before = statOf(path)
  if (!before || process.platform === 'win32') return
  const made = statSync(beside)
  if (before.gid !== made.gid) {
    try {
      chownSync(beside, before.uid, before.gid)
    } catch {
      // A group that the user is not in; the file itself stays the user's.
    }
  }
  chmodSync(beside, before.mode & 0o7777)
}

function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r')
    fsyncSync(handle)
    closeSync(handle)
  } catch {
    // Not every system can; the file itself is safe.
  }
}

export function removeFile(path: string): void {
  attempt(() => rmSync(path, { force: true }))
}

/**
 * Removes those of the folders that are empty.
 * @returns the others that are there
 */
export function removeEmpty(folders: string[]): string[] {
  const left = folders.toSorted((a, b) => b.length - a.length).filter((folder) => {
    try {
      rmdirSync(folder)
      return false
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'ENOENT'
    }
  })
  return left.toReversed()
}

export function hashOf(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
