/** Which project a folder belongs to. */
import { basename, isAbsolute, resolve, sep } from 'node:path'
import type { Project, Store } from '@gobby/storage'
import type { Context } from './context.js'
import { GobbyError } from './errors.js'
import { type FolderFacts, lookAt } from './folder.js'

/** No system opens a longer one. */
const LONGEST_PATH = 4096

type Caller = Pick<Context, 'store' | 'config'>

/** The project of sessions whose folder nobody knows. */
export const UNKNOWN_PROJECT = 'unknown'

/** The caller's project: the one named, else the folder's, when gobby knows it. */
export async function findProject({ store, config }: Caller): Promise<Project | undefined> {
  if (config.project !== undefined) return projectNamed({ store, config }, config.project)
  return projectAt(store, lookAt(config.cwd, config.user_home))
}

/**
 * The project that a person names: by name, id, or the path of a folder in it.
 * @throws GobbyError `not_found`
 */
export async function projectNamed({ store, config }: Caller, text: string): Promise<Project> {
  const isPath = isAbsolute(text) || text === '.' || text === '..' || text.startsWith(`.${sep}`) || text.startsWith(`..${sep}`)
  const found =
    (await store.projects.getByName(text)) ??
    (await store.projects.get(text)) ??
    (isPath ? await projectAt(store, lookAt(resolve(config.cwd, text), config.user_home)) : undefined)
  if (!found) throw new GobbyError('not_found', `No project ${JSON.stringify(text)}.`, 'See the projects known: gobby project list')
  return found
}

/** The project of a folder, made when there is none yet. For those who record sessions; reading creates nothing. */
export async function projectFor({ store, config, now }: Caller & Pick<Context, 'now'>, cwd: string | null): Promise<Project> {
  const at = now().toISOString()
  const unknown = { name: UNKNOWN_PROJECT, path: null, git_dir: null, now: at }
  if (cwd === null || cwd.length > LONGEST_PATH || cwd.includes('\0')) return unknownProject(store, at)
  if (!isAbsolute(cwd)) return foreignProject(store, cwd, at)
  const facts = lookAt(cwd, config.user_home, 'pass over')
  const known = await projectAt(store, facts)
  if (known) return known
  if (facts.file) {
    const { id, name, path } = facts.file
    // In a folder below the top, the file speaks for that folder, not for the whole repository.
    const isTop = path === facts.git?.worktree || path === facts.git?.root
    return store.projects.add({ id, name: nameFrom(name), path, git_dir: (isTop && facts.git?.git_dir) || null, now: at })
  }
  const path = facts.git?.root ?? facts.folder
  if (path === null) return unknownProject(store, at)
  return store.projects.add({ ...unknown, name: nameFrom(basename(path)), path, git_dir: facts.git?.git_dir ?? null })
}

/** A path of another system (`C:\\…`): a project by that path alone. */
async function foreignProject(store: Store, cwd: string, now: string): Promise<Project> {
  const path = cwd.replace(/[\\/]+$/, '')
  const name = path.split(/[\\/]/).at(-1) ?? ''
  if (/^([A-Za-z]:)?$/.test(path)) return unknownProject(store, now)
  return (await store.projects.getByPath(path)) ?? store.projects.add({ name: nameFrom(name), path, git_dir: null, now })
}

async function unknownProject(store: Store, now: string): Promise<Project> {
  const known = await store.projects.getByName(UNKNOWN_PROJECT)
  return known ?? store.projects.add({ name: UNKNOWN_PROJECT, path: null, git_dir: null, now })
}

async function projectAt(store: Store, { file, git, folder }: FolderFacts): Promise<Project | undefined> {
  if (file) return store.projects.get(file.id)
  if (git) return (await store.projects.getByGitDir(git.git_dir)) ?? (await store.projects.getByPath(git.root))
  if (folder === null) return undefined
  return (await store.projects.getByPath(folder)) ?? repositoryAround(store, folder)
}

/** A repository that is gone from the disk still holds the folders that were in it. */
async function repositoryAround(store: Store, folder: string): Promise<Project | undefined> {
  const around = (await store.projects.list()).filter(({ path, git_dir }) => path !== null && git_dir !== null && folder.startsWith(path + sep))
  return around.sort((a, b) => (b.path?.length ?? 0) - (a.path?.length ?? 0))[0]
}

/** A folder's name as a project's: letters, digits, `.`, `_` and `-`. */
export function nameFrom(folder: string): string {
  return folder.replace(/[^A-Za-z0-9._-]/gu, '-') || UNKNOWN_PROJECT
}
