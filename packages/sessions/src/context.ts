import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, openStore, type OpenOptions, type Project, type Store } from '@gobby/storage'
import { type Config, type Env, readConfig } from './config.js'
import { findProject } from './project.js'

/** What an operation runs with. Every call of a surface gets one; several may share a store. */
export type Context = {
  store: Store
  config: Config
  /** Who calls, beyond what the environment says. */
  caller: Caller
  /** The clock: injected, so that tests can hold it still. */
  now(): Date
  /** The caller's project; undefined outside every known one. Reading creates none. */
  project(): Promise<Project | undefined>
  /** Names this machine in the sessions it records; made at the first need and kept in gobby's home. */
  machineId(): string
  close(): Promise<void>
}

/** Who calls, as far as the surface can tell. */
export type Caller = {
  /** The session that the client itself named in this request, by the CLI's own id. */
  external_id?: string
  /** The process that started gobby for this call: the CLI, or a shell below it. Absent for a caller elsewhere. */
  pid?: number
}

/** What a context is opened with; what is left out comes from the process. */
export type ContextOptions = {
  env?: Env
  /** The caller's folder; default the process's. */
  cwd?: string
  /** The caller's project, by name, id or path. */
  project?: string
  database_url?: string
  /** A store that is open already; `close` then leaves it open. */
  store?: Store
  /** How the store is opened. */
  store_options?: OpenOptions
  /** False: events that wait in the spool are left to another process. */
  replay?: false
  caller?: Caller
  now?: () => Date
}

/**
 * Opens gobby for one caller.
 *
 * @throws GobbyError as `openStore` does, and `invalid` for a broken `config.json`
 * @example
 * const ctx = await createContext({ cwd: '/home/sam/code/orchard' })
 */
export async function createContext(options: ContextOptions = {}): Promise<Context> {
  const config = readConfig(options)
  const store = options.store ?? (await openStore(config.database_url, options.store_options))
  let project: Promise<Project | undefined> | undefined
  const ctx: Context = {
    store,
    config,
    caller: options.caller ?? {},
    now: options.now ?? (() => new Date()),
    project: () => (project ??= findProject(ctx)),
    machineId: () => machineId(config.home),
    close: async () => {
      if (!options.store) await store.close()
    },
  }
  if (!options.store && options.replay !== false) await replayed(ctx)
  return ctx
}

/** What hooks could not write when it happened is written now. Nearly always there is nothing, and nothing is loaded. */
async function replayed(ctx: Context): Promise<void> {
  if (!existsSync(join(ctx.config.home, 'spool'))) return
  const { replaySpool } = await import('./hooks/spool.js')
  await replaySpool(ctx)
}

function machineId(home: string): string {
  const path = join(home, 'machine_id')
  const known = () => (existsSync(path) ? readFileSync(path, 'utf8').trim() : '')
  if (known() !== '') return known()
  makeFolder(home)
  const mine = `${path}-${process.pid}`
  writeFileSync(mine, randomUUID(), { mode: 0o600 })
  try {
    // Only one of two processes makes it, whole at once; both then read the same.
    linkSync(mine, path)
  } catch {
    // A disk without links, or an empty file that was left.
    if (known() === '') renameSync(mine, path)
  } finally {
    rmSync(mine, { force: true })
  }
  return known()
}
