/** Puts gobby into the CLIs' own settings, and takes it out. */
import { readFileSync } from 'node:fs'
import { makeFolder } from '@gobby/storage'
import { GobbyError } from '../errors.js'
import { sources } from '../sources/index.js'
import type { Scope, Whereabouts } from '../sources/source-install.js'
import { change, type FileReport, forget, type Memory, type Target } from './change.js'
import { holdsHooks, serverIn } from './entries.js'
import { formOf } from './json-editor.js'
import { launchersOf, launcherPath, type Origin, removeLaunchers, writeLauncher } from './launchers.js'
import { readLedger, writeLedger } from './ledger.js'
import { isFound } from './programs.js'
import { readToLook } from './settings-file.js'
import { heldBy, type Installable, removalOf, removalsFrom, targetsFor, whereabouts } from './targets.js'

/** Which CLIs and files; what is left out: every CLI that is there, the person's own settings, and the MCP server too. */
export type InstallOptions = { sources?: string[]; scope?: Scope; mcp?: boolean; dry_run?: boolean }

/** What an install or uninstall did. */
export type InstallReport = {
  dry_run: boolean
  files: FileReport[]
  launchers: { path: string; outcome: 'written' | 'unchanged' | 'removed' }[]
  /** CLIs that are not on this machine. */
  not_found: string[]
  /** What keeps an entry from working, though it is in its place. */
  warnings: string[]
  /** What the person still has to do. */
  next: string[]
}

const installable = (): Installable[] => sources.filter((source): source is Installable => source.install !== undefined)

/** @throws GobbyError `invalid` for a source that is none, and for a project where there is none */
function chosen(names: string[] | undefined): Installable[] {
  const known = installable()
  const unknown = names?.find((name) => !known.some((source) => source.name === name))
  if (unknown !== undefined) throw new GobbyError('invalid', `There is no source "${unknown}".`, `Known are: ${known.map(({ name }) => name).join(', ')}`)
  return known.filter(({ name }) => names?.includes(name) ?? true)
}

function placeFor(origin: Pick<Origin, 'config'>, scope: Scope): Whereabouts {
  const where = whereabouts(origin.config)
  if (scope === 'project' && where.project === undefined) {
    throw new GobbyError('invalid', `${origin.config.cwd} is no project: hooks for everybody in it have no place here.`, 'Go to a project, or leave --scope out.')
  }
  return where
}

/**
 * Puts gobby's hooks, and its MCP server, into the settings of the CLIs. What else is there stays as it is.
 *
 * @throws GobbyError `invalid`; a file that may not be touched is reported, not thrown
 */
export async function install(origin: Origin, { sources: names, scope = 'user', mcp = true, dry_run = false }: InstallOptions = {}): Promise<InstallReport> {
  const where = placeFor(origin, scope)
  const wanted = chosen(names)
  const found = wanted.filter((source) => names !== undefined || isFound(source, where))
  const report: InstallReport = { dry_run, files: [], launchers: [], not_found: wanted.filter((source) => !found.includes(source)).map(({ name }) => name), warnings: [], next: [] }
  if (found.length === 0) return report
  const serve = mcp && origin.programs.mcp !== undefined
  if (mcp && !serve) report.warnings.push('The MCP server is not installed with this gobby, and was left out: install @gobby/mcp beside it, and run gobby install again.')

  const home = origin.config.home
  if (!dry_run) inHome(home, () => makeFolder(home))
  for (const launcher of launchersOf(origin)) {
    const written = dry_run || inHome(home, () => writeLauncher(launcher))
    report.launchers.push({ path: launcher.path, outcome: written ? 'written' : 'unchanged' })
  }
  const memory = memoryOf(home)
  const { ledger } = memory
  for (const source of found) {
    const before = report.files.length
    for (const target of targetsFor(origin, source, scope, where, serve)) {
      const done = await change(target, memory, dry_run)
      report.files.push(done)
      if (done.outcome !== 'refused') report.warnings.push(...warningsAbout(source, target))
    }
    const changed = (what: 'hooks' | 'mcp') => report.files.slice(before).some(({ holds, outcome }) => holds.includes(what) && (outcome === 'created' || outcome === 'changed'))
    const what = { hooks: changed('hooks'), mcp: changed('mcp') }
    if (what.hooks || what.mcp) report.next.push(...source.install.next(scope, what))
    if (what.hooks) report.warnings.push(...doubled(source, scope, where))
  }
  if (!dry_run) {
    const names_found = found.map(({ name }) => name)
    ledger.without_mcp = [...new Set([...ledger.without_mcp.filter((name) => !names_found.includes(name)), ...(mcp ? [] : names_found)])]
    memory.save()
  }
  return report
}

function memoryOf(home: string): Memory {
  const ledger = readLedger(home)
  return { ledger, save: () => inHome(home, () => writeLedger(home, ledger)) }
}

/** @throws GobbyError `unavailable` when gobby's own folder cannot be written */
function inHome<T>(home: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    throw new GobbyError('unavailable', `gobby's folder ${home} cannot be written: ${(cause as Error).message}.`, 'Check its owner and mode, or name another one with GOBBY_HOME.', { cause })
  }
}

/** What keeps the CLI from using the file, or gobby's entries in it. */
export function warningsAbout(source: Installable, { file, wanted }: Pick<Target, 'file' | 'wanted'>): string[] {
  const { label, install: its } = source
  const held = heldBy(file)
  const form = file.format === 'json' ? formOf(readToLook(file.path)) : { comments: false, trailing_comma: false, bom: false }
  const refused = its.refuses(file, form)
  const off = its.hooks.off
  const value = off.at.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], held)
  return [
    ...(refused === undefined ? [] : [`${label} does not load ${file.path}, because it does not take a file with ${refused}: take that out.`]),
    ...(value === off.is && wanted.hooks ? [`${label} runs no hooks, because ${off.at.join('.')} is ${String(off.is)} in ${file.path}: take that out.`] : []),
    ...(wanted.server?.entry && serverIn(held, wanted.server.table) === 'other' ? [`${file.path} has a server of gobby's name that is not gobby's: it was left as it is.`] : []),
  ]
}

/** Hooks of the person and of the project are two to the CLI: it runs both. */
export function doubled(source: Installable, scope: Scope, where: Whereabouts): string[] {
  const other: Scope = scope === 'user' ? 'project' : 'user'
  if (where.project === undefined) return []
  const there = removalsFrom(source, other, where).filter(({ file }) => source.install.hooks.files(other, where).some(({ path }) => path === file.path))
  const file = there.map((target) => target.file).find((each) => holdsAny(each))
  return file ? [`${source.label} runs gobby's hooks twice here, because ${file.path} has them too: take one out with gobby uninstall --source ${source.name} --scope user, or --scope project.`] : []
}

function holdsAny(file: Target['file']): boolean {
  const root = heldBy(file)
  return root !== undefined && holdsHooks(root)
}

/** Which files; without a scope every one that gobby was put into. */
export type UninstallOptions = { sources?: string[]; scope?: Scope; dry_run?: boolean }

/**
 * Takes out what was put in: files that nobody else wrote meanwhile are then what they were, byte for byte. Of others
 * only gobby's entries go. The database stays.
 *
 * @throws GobbyError `invalid`; a file that may not be touched is reported, not thrown
 */
export async function uninstall(origin: Pick<Origin, 'config' | 'platform'>, { sources: names, scope, dry_run = false }: UninstallOptions = {}): Promise<InstallReport> {
  const where = scope ? placeFor(origin, scope) : whereabouts(origin.config)
  const report: InstallReport = { dry_run, files: [], launchers: [], not_found: [], warnings: [], next: [] }
  const memory = memoryOf(origin.config.home)
  const { ledger } = memory
  const targets = new Map<string, Target>()
  for (const source of chosen(names)) {
    for (const each of ['user', 'project'] as const) {
      if ((scope ?? each) === each && (each === 'user' || where.project !== undefined)) for (const target of removalsFrom(source, each, where)) targets.set(target.file.path, target)
    }
    // Of other projects, as far as they are remembered.
    for (const [path, entry] of scope ? [] : Object.entries(ledger.files)) {
      if (entry.source === source.name && !targets.has(path)) targets.set(path, removalOf(source, entry.scope, { path, format: path.endsWith('.toml') ? 'toml' : 'json' }))
    }
  }
  for (const target of targets.values()) {
    const holds = holding(target)
    if (holds.length === 0 && !(target.file.path in ledger.files)) continue
    const done = await change({ ...target, holds }, memory, dry_run)
    if (done.outcome !== 'unchanged') report.files.push(done)
    else if (!dry_run) {
      forget(target.file.path, ledger)
      memory.save()
    }
  }
  if (!isInUse(origin, report, dry_run)) {
    const paths = dry_run ? (['hook', 'mcp'] as const).map((name) => launcherPath(origin, name)) : removeLaunchers(origin)
    report.launchers = paths.map((path) => ({ path, outcome: 'removed' }))
  }
  return report
}

/** What of gobby's a file holds; a broken one is asked to be changed, so that it is reported. */
function holding({ file, wanted }: Target): ('hooks' | 'mcp')[] {
  const root = heldBy(file)
  if (root === undefined) return mentions(file.path) ? ['hooks', 'mcp'] : []
  return [...(holdsHooks(root) ? ['hooks' as const] : []), ...(wanted.server && serverIn(root, wanted.server.table) === 'ours' ? ['mcp' as const] : [])]
}

/** Whether a file that cannot be understood, or touched, names gobby's programs. */
function mentions(path: string): boolean {
  try {
    return /gobby-(hook|mcp)/.test(readFileSync(path, 'utf8'))
  } catch {
    return false
  }
}

/** Whether any file still leads to the launchers. */
function isInUse(origin: Pick<Origin, 'config'>, { files }: InstallReport, dry_run: boolean): boolean {
  if (files.some(({ outcome }) => outcome === 'refused')) return true
  const where = whereabouts(origin.config)
  const gone = dry_run ? files.map(({ path }) => path) : []
  const remembered = Object.keys(readLedger(origin.config.home).files).some((path) => !gone.includes(path))
  const scopes = where.project === undefined ? (['user'] as const) : (['user', 'project'] as const)
  return remembered || installable().some((source) => scopes.some((scope) => removalsFrom(source, scope, where).some((target) => !gone.includes(target.file.path) && holding(target).length > 0)))
}
