/** Which commits the shell calls of a session report, by what they asked and what they printed. Pure. */
import { stripVTControlCharacters } from 'node:util'
import { type CommitCommand, commitCommands, mayCommit, showsCommits } from './commit-commands.js'

export { mayCommit } from './commit-commands.js'

/** `message` is the subject, `sha` as printed (often short); `amends`: it took the place of the one before on its branch. */
export type ReportedCommit = { sha: string | null; message: string; branch: string | null; amends: boolean }

export type ShellCall = {
  /** Null when the call only asks for more output of an earlier one. */
  command: string | null
  output: string
  /** Null while nobody knows: it was still running. */
  succeeded: boolean | null
  timestamp: string | null
}

/**
 * The commits that one command made. A line that git printed for a commit counts even when the call failed (a push after
 * it may have been refused); a commit that was to be silent counts only when the call succeeded.
 */
export function commitsIn(command: string, output: string, succeeded: boolean | null = true): ReportedCommit[] {
  const asked = commitCommands(command)
  return asked.length === 0 ? [] : matched(asked, command, linesOf(output), succeeded)
}

/** The commits of a session's calls, in their order; what a call leaves open, a later one may tell. */
export function commitsReported(calls: Iterable<ShellCall>): (ReportedCommit & { timestamp: string | null })[] {
  const reported: (ReportedCommit & { timestamp: string | null })[] = []
  let running: CommitCommand[] = []
  let last: typeof reported = []
  for (const { command, output, succeeded, timestamp } of calls) {
    const asked = command === null ? running : mayCommit(command) ? commitCommands(command) : []
    if (asked.length > 0) {
      const found = matched(asked, command ?? '', linesOf(output), succeeded).map((commit) => Object.assign(commit, { timestamp }))
      reported.push(...found)
      last = found
      if (command !== null || found.length > 0) running = succeeded === null && found.length === 0 ? asked : []
    } else if (command !== null && reported.some(({ sha }) => sha === null)) {
      const shows = showsCommits(command)
      if (!shows.log && !shows.head) continue
      const lines = linesOf(output)
      for (const commit of reported.filter(({ sha }) => sha === null).slice(-50)) {
        commit.sha = (shows.log ? shaOf(commit.message, lines) : null) ?? (shows.head && last.at(-1) === commit ? onlySha(lines) : null)
      }
    }
  }
  return reported
}

type Header = { sha: string; subject: string; branch: string | null }

function matched(asked: CommitCommand[], command: string, lines: string[], succeeded: boolean | null): ReportedCommit[] {
  const headers = lines.flatMap(headerIn)
  const open = new Set(asked)
  const exact = new Map<Header, CommitCommand>()
  for (const header of headers) {
    const one = [...open].find(({ subject }) => subject === header.subject)
    if (one) open.delete(one)
    if (one) exact.set(header, one)
  }
  // Once every command has found its line, what else looks like one (`[INFO 1234567] …`) is a hook's.
  const mayBeOthers = open.size > 0 || asked.some(({ kind, subject }) => kind === 'other' || subject === null)
  const reports: { order: number; report: ReportedCommit }[] = []
  let order = 0
  for (const header of headers) {
    const sure = exact.get(header)
    if (!sure && !(mayBeOthers && header.sha.length >= 7)) continue
    const by = sure ?? [...open].find(({ kind, subject }) => kind === 'commit' && subject === null) ?? [...open].find(({ kind }) => kind === 'commit')
    if (!sure && by) open.delete(by)
    order = by ? asked.indexOf(by) : order
    reports.push({ order, report: { sha: header.sha, message: header.subject, branch: header.branch, amends: by?.amends ?? false } })
  }
  if (succeeded === true && !lines.some((line) => FAILED.test(line))) {
    for (const one of open) if (wasSilent(one, lines)) reports.push({ order: asked.indexOf(one), report: silentReport(one, asked, command, lines) })
  }
  return reports.sort((a, b) => a.order - b.order).map(({ report }) => report)
}

const FAILED = /^(?:nothing to commit|nothing added to commit|no changes added to commit|Aborting commit|Automatic merge failed|Already up to date|fatal: |error: (?!failed to push))/

function wasSilent({ kind, subject, amends, silent }: CommitCommand, lines: string[]): boolean {
  if (kind === 'merge') return subject !== null && !lines.some((line) => line.startsWith('Fast-forward'))
  return silent && (subject !== null || amends)
}

function silentReport(one: CommitCommand, asked: CommitCommand[], command: string, lines: string[]): ReportedCommit {
  const shows = showsCommits(command)
  const subject = one.subject ?? ''
  const sha = (shows.log && subject ? shaOf(subject, lines) : null) ?? (shows.head && asked.at(-1) === one ? onlySha(lines) : null)
  return { sha, message: subject, branch: null, amends: one.amends }
}

/** `[main 1a2b3c4] subject`; a detached HEAD is on no branch, whatever language says so. */
function headerIn(line: string): Header[] {
  // A branch may hold `]`, and so may a subject: the first place that fits is the end of the sha.
  const found = line.startsWith('[') && /^\[(\S{1,250}?|[^\]]{0,40}?\bHEAD\b[^\]]{0,40}?)(?: \([^()]{1,40}\))? ([0-9a-f]{4,64})\] (.+)$/.exec(line)
  if (!found) return []
  const [, name = '', sha = '', subject = ''] = found
  return [{ sha, subject: subject.trim(), branch: name.includes(' ') ? null : name }]
}

/** The sha that a listing prints beside the subject, or above it. */
function shaOf(subject: string, lines: string[]): string | null {
  for (const [index, line] of lines.entries()) {
    if (!line.endsWith(subject)) continue
    const beside = /^[^0-9A-Za-z]*(?:commit )?([0-9a-f]{7,64})\b/.exec(line)
    if (beside) return beside[1] as string
    if (line.trim() !== subject) continue
    const above = lines.slice(Math.max(0, index - 6), index).findLast((text) => /^(?:commit )?[0-9a-f]{7,64}(?: \(.*\))?$/.test(text))
    if (above) return above.replace(/^commit /, '').replace(/ .*/, '')
  }
  return null
}

function onlySha(lines: string[]): string | null {
  const found = lines.filter((line) => /^(?:[0-9a-f]{7,40}|[0-9a-f]{64})$/.test(line))
  return found.length === 1 ? (found[0] ?? null) : null
}

/** Without colours; the output inside a JSON answer, and behind a label, counts like any other. */
function linesOf(output: string): string[] {
  const text = stripVTControlCharacters(output)
  const inner = Array.from(text.matchAll(/"(?:output|stdout)":\s*"((?:[^"\\]|\\.)*)/g), ([, body = '']) => unescaped(body))
  return [text, ...inner].flatMap((part) => part.split(/\r?\n|\r/)).map((line) => line.replace(/^(?:Output|stdout): ?/i, '').trimEnd())
}

function unescaped(body: string): string {
  try {
    return JSON.parse(`"${body}"`) as string
  } catch {
    return ''
  }
}
