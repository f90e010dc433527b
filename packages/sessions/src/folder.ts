/** What a folder says about its project: gobby's own file, then git. Looks at the disk, never at the database. */
import { existsSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isHandoffConfig, isObject, type OnClear } from './config.js'
import { GobbyError } from './errors.js'
import { readPlain } from './read-plain.js'

export const PROJECT_FILE = join('.gobby', 'project.json')
/** What gobby's file in a project says. */
export type ProjectFile = { id: string; name: string; handoff?: { on_clear?: OnClear } }

export type FolderFacts = {
  /** What a `.gobby/project.json` says, and where it lies. */
  file: (ProjectFile & { path: string }) | undefined
  /** `root` is the main checkout; `git_dir` the directory that all worktrees share. */
  git: { root: string; git_dir: string; worktree: string } | undefined
  /** Null for `/` and the home folder, which are nobody's project. */
  folder: string | null
}

/**
 * @param broken what to do with a project file that cannot be understood: refuse it, or go on as if it were not there
 * @throws GobbyError `invalid`
 */
export function lookAt(cwd: string, user_home: string, broken: 'refuse' | 'pass over' = 'refuse'): FolderFacts {
  const start = real(cwd)
  const home = real(user_home)
  const git = gitOf(start, home)
  const folders = upTo(start, git?.worktree, home)
  // A worktree need not have the file; the main checkout's holds for it.
  if (git && git.worktree !== git.root) folders.push(git.root)
  return {
    file: folders.map((dir) => readProjectFile(dir, broken)).find((found) => found !== undefined),
    git,
    folder: start === home || start === dirname(start) ? null : start,
  }
}

/** The folder itself and those above it, up to the top of its checkout; never the home folder, nor beyond it. */
function upTo(start: string, top: string | undefined, home: string): string[] {
  const folders: string[] = []
  for (let dir = start; dir !== home && dir !== dirname(dir); dir = dirname(dir)) {
    folders.push(dir)
    if (dir === top) break
  }
  return folders
}

function readProjectFile(dir: string, broken: 'refuse' | 'pass over'): FolderFacts['file'] {
  const path = join(dir, PROJECT_FILE)
  if (!existsSync(path)) return undefined
  try {
    const { id, name, handoff } = checked(JSON.parse(readPlain(path)))
    return { id, name, path: dir, ...(handoff === undefined ? {} : { handoff }) }
  } catch (cause) {
    if (broken === 'pass over') return undefined
    throw new GobbyError('invalid', `${path} is not valid: an object with id and name is expected.`, 'Correct it, or remove it and run: gobby init', { cause })
  }
}

function checked(file: unknown): ProjectFile {
  const isWord = (text: unknown, most: number) => typeof text === 'string' && text.length >= 1 && text.length <= most
  if (!isObject(file) || !isWord(file.id, 100) || !isWord(file.name, 200)) throw new TypeError('id and name are expected')
  if (file.handoff !== undefined && !isHandoffConfig(file.handoff)) throw new TypeError('handoff.on_clear is not understood')
  return file as ProjectFile
}

/** The branch that is checked out, read without starting git; null when there is none. */
export function branchAt(worktree: string): string | null {
  const marker = join(worktree, '.git')
  try {
    const own = statOf(marker)?.isDirectory() ? marker : resolve(worktree, /^gitdir: (.+)$/m.exec(readPlain(marker))?.[1]?.trim() ?? '')
    return /^ref: refs\/heads\/(.+)$/m.exec(readPlain(join(own, 'HEAD')))?.[1] ?? null
  } catch {
    return null
  }
}

/** Finds the checkout without starting git. Works for folders that are gone as long as the checkout is there. */
function gitOf(start: string, home: string): FolderFacts['git'] {
  for (let dir = start; dir !== dirname(dir); dir = dirname(dir)) {
    if (dir === home) return undefined
    const marker = join(dir, '.git')
    const kind = statOf(marker)
    if (!kind) continue
    const git_dir = kind.isDirectory() ? marker : linkedGitDir(marker)
    if (!git_dir) return undefined
    // A submodule's directory lies inside its parent's: there the checkout itself is the root.
    const root = basename(git_dir) === '.git' ? dirname(git_dir) : kind.isDirectory() || !git_dir.endsWith('.git') ? dir : git_dir
    return { root, git_dir, worktree: dir }
  }
  return undefined
}

/** Undefined also where the file system will not say: a folder that nobody may enter, a name that cannot be one. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** Where the `.git` file of a worktree or submodule leads. */
function linkedGitDir(marker: string): string | undefined {
  try {
    const link = /^gitdir: (.+)$/m.exec(readPlain(marker))?.[1]?.trim()
    if (!link) return undefined
    const own = resolve(dirname(marker), link)
    const common = join(own, 'commondir')
    return real(existsSync(common) ? resolve(own, readPlain(common).trim()) : own)
  } catch {
    return undefined
  }
}

/** The path without symbolic links, as far as it exists. */
export function real(path: string): string {
  const full = resolve(path)
  try {
    return realpathSync(full)
  } catch {
    const parent = dirname(full)
    return parent === full ? full : join(real(parent), basename(full))
  }
}
