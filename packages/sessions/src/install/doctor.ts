/** Looks whether all is well: CLIs, hooks, the server, launchers, the database. Changes nothing. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { sources } from '../sources/index.js'
import type { Scope, Trust, Whereabouts } from '../sources/source-install.js'
import type { Target } from './change.js'
import { type DatabaseReport, examineDatabase, type HookCounts } from './doctor-database.js'
import { examineHome, type HomeReport, launcherProblems } from './doctor-home.js'
import { editsFor, holdsHooks, isHookCommand, serverIn } from './entries.js'
import { doubled, warningsAbout } from './install.js'
import type { Origin } from './launchers.js'
import { readLedger } from './ledger.js'
import type { Problem } from './problem.js'
import { isFound, onPath, packagedVersion } from './programs.js'
import { Refusal } from './refusal.js'
import { meaningOf } from './rewrite.js'
import { readToLook } from './settings-file.js'
import { type Installable, targetsFor, whereabouts } from './targets.js'

/** gobby's entry in a settings file: as this version writes it, as another did, absent, or in a file that cannot be read. */
export type EntryState = { scope: Scope; path: string; state: 'current' | 'outdated' | 'missing' | 'unreadable' }

export type CliReport = {
  source: string
  label: string
  found: boolean
  /** Its file on PATH. */
  program: string | null
  version: string | null
  hooks: EntryState[]
  /** Whether the person allowed the hooks; null where the CLI does not ask, or does not say. */
  trusted: boolean | null
  mcp: EntryState[]
  /** What arrived from its hooks, if anything did. */
  last_event: { event: string; at: string } | null
  /** From the start of the hook's process until it had its answer, in milliseconds. */
  latency: { last_ms: number; worst_ms: number } | null
}

export type DoctorReport = { healthy: boolean; clis: CliReport[]; database: DatabaseReport; home: HomeReport; problems: Problem[] }

/** @throws GobbyError `invalid` for settings that cannot be understood; all else is reported */
export async function doctor(origin: Pick<Origin, 'config' | 'platform' | 'node'>): Promise<DoctorReport> {
  const where = whereabouts(origin.config)
  // Before the database is opened, which tells waiting events.
  const home = examineHome(origin)
  const database = await examineDatabase(origin.config)
  const problems: Problem[] = []
  const installable = sources.filter((source): source is Installable => source.install !== undefined)
  const clis = await Promise.all(installable.map((source) => examineCli(origin, source, where, database.hooks)))
  problems.push(...clis.flatMap((cli) => cli.problems))
  const isThere = (what: 'hooks' | 'mcp') => clis.some(({ report }) => report[what].some(({ state }) => state !== 'missing'))
  problems.push(...launcherProblems(home.report, { hook: isThere('hooks'), mcp: isThere('mcp') }))
  if (isThere('hooks')) problems.push(...home.problems)
  problems.push(...database.problems)
  return { healthy: problems.length === 0, clis: clis.map(({ report }) => report), database: database.report, home: home.report, problems }
}

async function examineCli(origin: Pick<Origin, 'config' | 'platform' | 'node'>, source: Installable, where: Whereabouts, counts: HookCounts): Promise<{ report: CliReport; problems: Problem[] }> {
  const { label, install: its, name } = source
  const problems: Problem[] = []
  const program = onPath(its.program, where.env)
  const found = isFound(source, where)
  const scopes: Scope[] = where.project === undefined ? ['user'] : ['user', 'project']
  const targets = scopes.flatMap((scope) => targetsFor(origin, source, scope, where, true))
  const hooks = statesOf(targets, 'hooks')
  const mcp = statesOf(targets, 'mcp')
  const heard = counts.filter((each) => each.source === name)
  const last = heard.toSorted((a, b) => (a.last_at < b.last_at ? 1 : -1))[0]
  const installed = hooks.some(({ state }) => state === 'current' || state === 'outdated')
  const [version, trust] = await Promise.all([
    program === undefined ? undefined : versionOf(program, its.program, where),
    program !== undefined && installed ? its.trust?.(program, { ...where, cwd: origin.config.cwd }, isHookCommand) : undefined,
  ])
  if (found) {
    const again = `gobby install --source ${name}`
    if (program !== undefined && version === undefined) problems.push({ what: `${label} does not tell its version: ${program} --version failed.`, do: `Run it yourself, and mend what it says: ${its.program} --version` })
    problems.push(...entryProblems(label, 'hooks', hooks, again))
    if (trust) problems.push(...trustProblems(label, trust))
    else if (its.trust && installed && !last) problems.push(unheard(label, program))
    if (!readLedger(origin.config.home).without_mcp.includes(name)) problems.push(...entryProblems(label, 'MCP server', mcp, again))
    for (const target of targets.filter(({ file }) => existsSync(file.path) && [...hooks, ...mcp].some(({ path, state }) => path === file.path && state === 'current'))) {
      problems.push(...warningsAbout(source, target).map((what) => ({ what, do: `Then run: gobby doctor` })))
    }
    if (hooks.filter(({ state }) => state === 'current' || state === 'outdated').length > 1) problems.push(...doubled(source, 'user', where).map((what) => ({ what, do: `gobby uninstall --source ${name} --scope project` })))
  }
  const report: CliReport = {
    source: name,
    label,
    found,
    program: program ?? null,
    version: version ?? null,
    hooks,
    trusted: trust ? trust.trusted && trust.enabled : null,
    mcp,
    last_event: last ? { event: last.event, at: last.last_at } : null,
    latency: last ? { last_ms: last.last_ms, worst_ms: Math.max(...heard.map(({ worst_ms }) => worst_ms)) } : null,
  }
  return { report, problems }
}

function statesOf(targets: Target[], what: 'hooks' | 'mcp'): EntryState[] {
  return targets.filter(({ holds }) => holds.includes(what)).flatMap((target) => {
    const state = stateOf(target, what)
    // That a project has nothing of its own is as it should be.
    return target.scope === 'project' && state === 'missing' ? [] : [{ scope: target.scope, path: target.file.path, state }]
  })
}

function stateOf({ file, wanted }: Target, what: 'hooks' | 'mcp'): EntryState['state'] {
  try {
    const root = meaningOf(file.format, readToLook(file.path))
    const part = what === 'hooks' ? { hooks: wanted.hooks } : { server: wanted.server }
    const there = what === 'hooks' ? holdsHooks(root) : wanted.server !== undefined && serverIn(root, wanted.server.table) !== 'none'
    return !there ? 'missing' : editsFor(root, part).length === 0 ? 'current' : 'outdated'
  } catch (error) {
    if (error instanceof Refusal) return 'unreadable'
    throw error
  }
}

function entryProblems(label: string, what: string, states: EntryState[], again: string): Problem[] {
  const broken = states.filter(({ state }) => state === 'unreadable').map(({ path }) => ({ what: `${label}: ${path} cannot be understood.`, do: `Correct the file, then: ${again}` }))
  const old = states.filter(({ state }) => state === 'outdated').map(({ scope, path }) => ({ what: `${label}: the ${what} in ${path} ${what === 'hooks' ? 'are' : 'is'} not as this gobby would write ${what === 'hooks' ? 'them' : 'it'}.`, do: `${again}${scope === 'project' ? ' --scope project' : ''}` }))
  const none = states.every(({ state }) => state === 'missing') ? [{ what: `${label}: gobby's ${what} ${what === 'hooks' ? 'are' : 'is'} not installed.`, do: again }] : []
  return [...broken, ...old, ...none]
}

/** What the person does where a CLI asks whether hooks may run. */
const ALLOW = 'Start it, type /hooks, and trust those of gobby.'

function unheard(label: string, program: string | undefined): Problem {
  const why = program === undefined ? 'it is not on PATH to be asked' : 'it does not say'
  return { what: `Whether ${label} runs gobby's hooks is not known: nothing arrived from them yet, and ${why}.`, do: ALLOW }
}

function trustProblems(label: string, trust: Trust): Problem[] {
  return [
    ...(trust.trusted ? [] : [{ what: `${label} does not run gobby's hooks: you have not allowed them yet.`, do: ALLOW }]),
    ...(trust.enabled ? [] : [{ what: `${label} does not run gobby's hooks: they are switched off.`, do: 'Start it, type /hooks, and switch those of gobby on.' }]),
    ...trust.warnings.map((warning) => ({ what: `${label} warns: ${warning}`, do: 'Mend that in the file it names.' })),
  ]
}

const run = promisify(execFile)

/** How long a CLI may take to say its version: some load all they have for it. */
const PATIENCE_MS = 15_000

async function versionOf(program: string, name: string, { env }: Whereabouts): Promise<string | undefined> {
  // Asked last: one of them takes seconds for it, and leaves files behind.
  const packaged = packagedVersion(program, name)
  if (packaged !== undefined) return packaged
  try {
    const { stdout } = await run(program, ['--version'], { env, timeout: PATIENCE_MS })
    return /\d+\.\d+\.\d+[\w.+-]*/.exec(stdout)?.[0]
  } catch {
    return undefined
  }
}
