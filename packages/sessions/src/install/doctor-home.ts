import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { refused, spooled } from '../hooks/spool.js'
import type { Problem } from './problem.js'
import { launcherPath, launcherState, type Origin } from './launchers.js'

/** What lies in gobby's home beside the database. */
export type HomeReport = {
  path: string
  /** What the CLIs start, and whether what it leads to is there. */
  launchers: { path: string; there: boolean; node: boolean; program: boolean }[]
  /** Events that wait to be told. */
  spooled: number
  /** Events that nobody could understand, and that were put aside. */
  refused: number
  /** Failures of hooks in the last 24 hours, and the latest. */
  log: { path: string; recent: number; last: string | null }
}

const DAY_MS = 24 * 60 * 60 * 1000

export function examineHome(origin: Pick<Origin, 'config' | 'platform'>): { report: HomeReport; problems: Problem[] } {
  const { home } = origin.config
  const launchers = (['hook', 'mcp'] as const).map((name) => {
    const path = launcherPath(origin, name)
    return { path, ...launcherState(path) }
  })
  const path = join(home, 'logs', 'hook.log')
  // The one before, too: a log is begun anew when it is large.
  const recent = [...recentLines(`${path}.1`), ...recentLines(path)]
  const waiting = spooled(home).length
  const aside = refused(home)
  const problems: Problem[] = []
  if (recent.length > 0) problems.push({ what: `Hooks failed ${recent.length === 1 ? 'once' : `${recent.length} times`} in the last 24 hours: ${recent.at(-1)}`, do: `Read ${path}, and remove it when all is mended.` })
  if (waiting > 0) problems.push({ what: `${waiting === 1 ? 'One event waits' : `${waiting} events wait`} to be written.`, do: 'gobby session sync' })
  if (aside.length > 0) problems.push({ what: `${aside.length === 1 ? 'One event' : `${aside.length} events`} could not be understood, and ${aside.length === 1 ? 'was' : 'were'} put aside: ${aside.at(-1)}`, do: `Update gobby; when you need them no more: rm '${join(home, 'spool')}'/*.refused` })
  return { report: { path: home, launchers, spooled: waiting, refused: aside.length, log: { path, recent: recent.length, last: recent.at(-1) ?? null } }, problems }
}

/** What is wrong with the launchers that the CLIs' settings lead to. */
export function launcherProblems({ launchers: [hook, mcp] }: HomeReport, used: { hook: boolean; mcp: boolean }): Problem[] {
  return [used.hook ? hook : undefined, used.mcp ? mcp : undefined].flatMap((launcher) => {
    if (!launcher) return []
    const { path, there, program, node } = launcher
    const again = 'gobby install'
    if (!there) return [{ what: `${path} is not there: the CLIs start it.`, do: again }]
    if (!program) return [{ what: `${path} leads to a gobby that is not there any more.`, do: again }]
    return node ? [] : [{ what: `${path} leads to a Node that is not there any more: whatever "node" is on PATH is taken.`, do: again }]
  })
}

/** The lines of the last 24 hours: each begins with its instant. */
function recentLines(path: string): string[] {
  try {
    const since = Date.now() - DAY_MS
    return readFileSync(path, 'utf8').split('\n').filter((line) => Date.parse(line.slice(0, line.indexOf(' '))) >= since)
  } catch {
    return []
  }
}
