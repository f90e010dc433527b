/** Which files of a CLI gobby's entries go into. */
import { lookAt } from '../folder.js'
import type { Source } from '../sources/source.js'
import type { Scope, SettingsFile, SourceInstall, Whereabouts } from '../sources/source-install.js'
import type { Config } from '../config.js'
import type { Target } from './change.js'
import { type Group, holdsHooks, type Wanted } from './entries.js'
import { hookStart, type Origin, serverStart } from './launchers.js'
import { meaningOf } from './rewrite.js'
import { readToLook } from './settings-file.js'

/** A CLI that gobby can be put into. */
export type Installable = Source & { install: SourceInstall }

/** The project's top, where CLIs look for its settings; undefined where there is none. */
export function whereabouts({ env, user_home, cwd }: Config): Whereabouts {
  const { git, folder } = lookAt(cwd, user_home, 'pass over')
  return { env, home: user_home, project: git?.worktree ?? folder ?? undefined }
}

/** What a file means; undefined for one that cannot be read or understood. */
export function heldBy({ path, format }: SettingsFile): unknown {
  try {
    return meaningOf(format, readToLook(path))
  } catch {
    return undefined
  }
}

/** The files that an install changes. Entries of gobby's in another file of the same CLI are taken out there. */
export function targetsFor(origin: Pick<Origin, 'config' | 'platform' | 'node'>, source: Installable, scope: Scope, where: Whereabouts, mcp: boolean): Target[] {
  const { hooks, mcp: server } = source.install
  const files = hooks.files(scope, where)
  const held = files.map(heldBy)
  const own = held.findIndex((root) => root !== undefined && holdsHooks(root))
  const chosen = own >= 0 ? own : (hooks.prefers?.(held) ?? 0)
  const groups = Object.entries(hooks.events).map(([event, { matcher, timeout }]): [string, Group] => {
    const handler = hooks.handler(hookStart(origin, source.name, scope), timeout)
    return [event, { ...(matcher === undefined ? {} : { matcher }), hooks: [handler] }]
  })
  const entries = new Map<string, Target>()
  const want = (file: SettingsFile, what: 'hooks' | 'mcp', wanted: Wanted): void => {
    const there = entries.get(file.path) ?? { source: source.name, scope, file, holds: [], wanted: {} }
    entries.set(file.path, { ...there, holds: [...there.holds, what], wanted: { ...there.wanted, ...wanted } })
  }
  const usual = files[chosen]
  if (usual) want(usual, 'hooks', { hooks: Object.fromEntries(groups) })
  if (mcp) want(server.file(scope, where), 'mcp', { server: { table: server.table, entry: server.entry(serverStart(origin, scope)) } })
  return [...entries.values()]
}

/** The files that may hold anything of gobby's, to be taken out. */
export function removalsFrom(source: Installable, scope: Scope, where: Whereabouts): Target[] {
  const { hooks, mcp } = source.install
  const server = mcp.file(scope, where)
  const entries = new Map<string, Target>()
  for (const file of [...hooks.files(scope, where), server]) {
    entries.set(file.path, removalOf(source, scope, file))
  }
  return [...entries.values()]
}

export function removalOf(source: Installable, scope: Scope, file: SettingsFile): Target {
  return { source: source.name, scope, file, holds: [], wanted: { hooks: null, server: { table: source.install.mcp.table, entry: null } } }
}
