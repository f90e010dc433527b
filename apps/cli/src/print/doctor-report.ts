import type { DoctorReport } from '@gobby/sessions/install'
import { ago, short } from './quantities.js'
import type { Screen } from './screen.js'
import { counted, harmless, oneLine } from './text.js'

type Cli = DoctorReport['clis'][number]

/** What was found, then each problem with what to do about it. */
export function doctorReport(report: DoctorReport, screen: Screen, now: Date): string {
  return screen.terminal ? onTerminal(report, screen, now) : inPipe(report)
}

/** Lines that begin with what they are: `cli`, `hooks`, `mcp`, `database`, `home`, `problem`, `verdict`. */
function inPipe({ clis, database, home, problems }: DoctorReport): string {
  const of = (kind: string, values: object): unknown[][] => Object.entries(values).map(([name, value]) => [kind, name, value])
  const { log, spooled, refused, path } = home
  const lines = [
    ...clis.map(({ source, found, version, trusted, last_event, latency }) =>
      ['cli', source, found ? 'found' : 'not here', version, trusted === null ? '' : trusted ? 'trusted' : 'not trusted', last_event?.event, last_event?.at, latency?.last_ms, latency?.worst_ms]),
    ...clis.flatMap(({ source, hooks }) => hooks.map(({ scope, state, path: file }) => ['hooks', source, scope, state, file])),
    ...clis.flatMap(({ source, mcp }) => mcp.map(({ scope, state, path: file }) => ['mcp', source, scope, state, file])),
    ...of('database', database),
    ...of('home', { path, spooled, refused, log: log.path, failures: log.recent }),
    ...problems.map((problem) => ['problem', problem.what, problem.do]),
    ['verdict', problems.length === 0 ? 'well' : counted(problems.length, 'problem')],
  ]
  return lines.map((line) => `${line.map((cell) => oneLine(harmless(String(cell ?? '')))).join('\t')}\n`).join('')
}

function onTerminal({ clis, database, home, problems }: DoctorReport, { paint }: Screen, now: Date): string {
  const row = (name: string, text: string): string => `  ${paint('dim', name.padEnd(10))}  ${harmless(text)}`
  const lines = [
    ...clis.flatMap((cli) => [`${paint('bold', cli.label)}${cli.version === null ? '' : ` ${cli.version}`}`, ...cliRows(cli, now).map(([name, text]) => row(name, text))]),
    paint('bold', 'Database'),
    row('file', database.path),
    ...databaseRows(database).map(([name, text]) => row(name, text)),
    ...(home.spooled > 0 ? [row('waiting', counted(home.spooled, 'event'))] : []),
    ...(home.refused > 0 ? [row('put aside', counted(home.refused, 'event'))] : []),
    ...(home.log.recent > 0 ? [row('failures', `${home.log.recent} in 24 hours: ${home.log.path}`)] : []),
    '',
    ...(problems.length === 0 ? [paint('green', 'All is well.')] : problems.flatMap((problem) => [`${paint('red', '✗')} ${harmless(problem.what)}`, `  ${harmless(problem.do)}`])),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function cliRows({ found, program, hooks, trusted, mcp, last_event, latency }: Cli, now: Date): [string, string][] {
  if (!found) return [['', 'not here']]
  const states = (entries: Cli['hooks']): string => entries.map(({ scope, state, path }) => (state === 'missing' ? 'missing' : `${state}, ${path}${scope === 'project' ? ' (project)' : ''}`)).join('; ')
  return [
    ['program', program ?? 'not on PATH'],
    ['hooks', states(hooks)],
    ...(trusted === null ? [] : [['trusted', trusted ? 'yes' : 'no'] as [string, string]]),
    ['MCP server', states(mcp)],
    ['last event', last_event === null ? 'none yet' : `${last_event.event}, ${ago(last_event.at, now)}`],
    ...(latency === null ? [] : [['latency', `${Math.round(latency.last_ms)} ms, at worst ${Math.round(latency.worst_ms)} ms`] as [string, string]]),
  ]
}

function databaseRows({ there, size, wal_size, version, integrity, sessions, messages, projects, not_ingested, never_read }: DoctorReport['database']): [string, string][] {
  const behind: [string, string] = ['to take in', not_ingested === 0 ? 'nothing' : `${counted(not_ingested, 'transcript')}${never_read > 0 ? `, ${never_read} never read` : ''}`]
  if (!there) return [['', 'not there yet'], behind]
  if (version === null) return [['state', integrity ?? 'not known']]
  return [
    ['size', `${short(size ?? 0)} bytes, log ${short(wal_size ?? 0)} bytes`],
    ['version', String(version)],
    ['integrity', integrity ?? 'not known'],
    ['holds', `${counted(sessions ?? 0, 'session')}, ${counted(messages ?? 0, 'message')}, ${counted(projects ?? 0, 'project')}`],
    behind,
  ]
}
