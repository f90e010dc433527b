import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { spooled } from '../hooks/spool.js'
import type { Problem } from './problem.js'
import { launcherPath, launcherState, type Origin } from './launchers.js'

/** What lies in gobby's home beside the database. */
export type HomeReport = {
  path: string
  /** What the CLIs start, and whether what it leads to is there. */
  launchers: { path: string; there: boolean; node: boolean; program: boolean }[]
  /** Events that wait to be told. */
  spooled: number
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
  const recent = recentLines(path)
  const waiting = spooled(home).length
  const [hook, mcp] = launchers
  const problems: Problem[] = []
  for (const launcher of [hook, mcp?.there ? mcp : undefined]) {
    if (!launcher) continue
    if (!launcher.there) problems.push({ what: `${launcher.path} is not there: the CLIs start it.`, do: 'gobby install' })
    else if (!launcher.program) problems.push({ what: `${launcher.path} leads to a gobby that is not there any more.`, do: 'gobby install' })
    else if (!launcher.node) problems.push({ what: `${launcher.path} leads to a Node that is not there any more: whatever "node" is on PATH is taken.`, do: 'gobby install' })
  }
  if (recent.length > 0) problems.push({ what: `Hooks failed ${recent.length === 1 ? 'once' : `${recent.length} times`} in the last 24 hours: ${recent.at(-1)}`, do: `Read ${path}, and remove it when all is mended.` })
  if (waiting > 0) problems.push({ what: `${waiting === 1 ? 'One event waits' : `${waiting} events wait`} to be written.`, do: 'gobby session sync' })
  return { report: { path: home, launchers, spooled: waiting, log: { path, recent: recent.length, last: recent.at(-1) ?? null } }, problems }
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
