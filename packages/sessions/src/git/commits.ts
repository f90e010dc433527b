/** The commits of a session: what its transcript reports, what its worktree's reflog holds, what the log dates to it. */
import type { Env } from '../config.js'
import { type CommitFacts, log, type LogEntry, namedCommits, reflog, type ReflogEntry, unreachable } from './commit-facts.js'
import type { ReportedCommit } from './commit-output.js'
import type { CommitRecord } from '../handoff/handoff-context.js'
import { liveFinder } from './live-commit.js'

export type SessionCommitsInput = {
  /** From the outputs of its tools, in order. */
  reported: (Omit<ReportedCommit, 'amends'> & { amends?: boolean; timestamp: string | null })[]
  window: { from: string; to: string }
  /** The session's worktree. Null, or a folder that is gone: there is no repository to ask. */
  checkout: string | null
  /** Another session lived in the same worktree at the time: its reflog is not this session's alone. */
  shared: boolean
  /** Also give commits that only their date connects with the session. */
  candidates: boolean
  env: Env
}

type Report = SessionCommitsInput['reported'][number]

export type SessionCommits = {
  /** Newest first, each once, with the best evidence there is. */
  commits: CommitRecord[]
  /** Shas that amending or rebasing left behind: others in `commits` stand for them. */
  replaced: string[]
  /** Why git could not be asked everything. */
  reason?: string
}

export async function sessionCommits({ reported, window, checkout, shared, candidates, env }: SessionCommitsInput): Promise<SessionCommits> {
  const reports = withoutDoubles(reported)
  if (checkout === null) return { commits: bare(reports), replaced: [], reason: 'The folder that the session worked in is gone, or in no git repository.' }
  const from = Math.floor(Date.parse(window.from) / 1000)
  const to = Math.ceil(Date.parse(window.to) / 1000)
  const [named, moves] = await Promise.all([namedCommits(checkout, env, shasIn(reports)), reflog(checkout, env, from)])
  const reasons = [named.reason, moves.reason]
  const missing = reasons.find((reason) => reason !== undefined && NO_REPOSITORY.test(reason))
  if (missing !== undefined) return { commits: bare(reports), replaced: [], reason: missing }
  const verified = [...named.found.values()]
  const dead = await unreachable(checkout, env, [...new Set([...verified, ...moves.found].map(({ sha }) => sha))])
  const own = moves.found.filter((entry) => entry.at >= from && entry.at <= to && madeBy(entry, from, to))

  const pairs = amendedPairs(moves.found, reports, named.found)
  const liveOf = (entries: LogEntry[]) => liveFinder({ dead: dead.found, amended: pairs, pool: [...moves.found, ...entries, ...verified] })
  let live = liveOf([])
  const silent = reports.filter(({ sha, message }) => sha === null && message !== '')
  const isOpen = silent.some((report) => !own.some((entry) => says(entry, report))) || verified.some(({ sha }) => dead.found.has(live(sha)))
  let entries: LogEntry[] = []
  if (candidates || isOpen) {
    const found = await log(checkout, env, Math.min(from, ...verified.filter(({ sha }) => dead.found.has(live(sha))).map(({ authored }) => authored || from)))
    reasons.push(found.reason)
    entries = found.found
    live = liveOf(entries)
  }

  const facts = new Map<string, CommitFacts & { branch?: string | null }>()
  for (const one of [...verified, ...entries, ...moves.found]) facts.set(one.sha, one)
  const commits = new Map<string, CommitRecord>()
  const add = (sha: string, evidence: CommitRecord['evidence'], certainty: CommitRecord['certainty'], branch: string | null = null) => {
    const one = facts.get(sha)
    if (!one || commits.has(sha)) return
    commits.set(sha, { hash: sha, message: one.subject, timestamp: instant(one.committed), author: one.author, branch: branch ?? one.branch ?? null, evidence, certainty })
  }

  const unknown = new Set<Report>()
  for (const report of reports) {
    const known = report.sha === null ? undefined : named.found.get(report.sha)
    if (known) add(live(known.sha), 'tool_output', 'certain', report.branch)
    else if (report.sha !== null) unknown.add(report)
  }
  for (const report of silent) {
    const free = <T extends CommitFacts>(list: T[]) => list.filter((entry) => says(entry, report) && !commits.has(live(entry.sha)))
    const moved = nearest(free(own), report, ({ at }) => at)
    const dated = moved ? undefined : nearest(free(entries.filter((entry) => isWithin(entry, from, to))), report, ({ committed }) => committed)
    if (moved) add(live(moved.sha), 'reflog', 'likely', report.branch)
    else if (dated) add(live(dated.sha), 'log', 'likely', report.branch)
    else if (!own.some((entry) => says(entry, report))) unknown.add(report)
  }
  for (const entry of own) {
    const sha = live(entry.sha)
    // A commit that is nowhere any more was an intermediate step, of a rebase for one.
    // In the second of the start itself, it was most likely made by whoever then started the session.
    if (!dead.found.has(sha) && entry.at * 1000 >= Date.parse(window.from) && (!shared || candidates)) add(sha, 'reflog', shared ? 'candidate' : 'likely')
  }
  if (candidates) for (const entry of entries) if (isWithin(entry, from, to)) add(entry.sha, 'log', 'candidate')

  const order = new Map([...moves.found, ...entries].map(({ sha }, index) => [sha, index]))
  const place = ({ hash }: CommitRecord) => order.get(hash ?? '') ?? -1
  const all = [...[...commits.values()].sort((a, b) => place(a) - place(b)), ...bare(reports.filter((report) => unknown.has(report)))]
  const reason = reasons.find((text) => text !== undefined) ?? dead.reason
  const replaced = [...dead.found].filter((sha) => live(sha) !== sha)
  return { commits: all.sort(byTime), replaced, ...(reason === undefined ? {} : { reason }) }
}

const NO_REPOSITORY = /no git repository|is gone|not installed|belongs to another user/

/** What the transcript alone tells, the newest first. */
function bare(reports: Report[]): CommitRecord[] {
  const standing: Report[] = []
  for (const report of reports) {
    const before = report.amends ? standing.findLastIndex((other) => onSameBranch(other, report)) : -1
    const replaced = before < 0 ? undefined : standing.splice(before, 1)[0]
    standing.push({ ...report, message: report.message || (replaced?.message ?? '') })
  }
  return standing
    .filter(({ sha, message }) => sha !== null || message !== '')
    .map(({ sha, message, branch, timestamp }) => ({ hash: sha, message, timestamp, author: null, branch, evidence: 'tool_output' as const, certainty: 'reported' as const }))
    .reverse()
    .sort(byTime)
}

/** One commit may be printed twice, with a short and a long sha. */
function withoutDoubles(reports: Report[]): Report[] {
  const kept: Report[] = []
  for (const report of reports) {
    const sha = report.sha
    const isDouble = sha !== null && kept.some((other) => other.sha !== null && (other.sha.startsWith(sha) || sha.startsWith(other.sha)))
    if (!isDouble) kept.push(report)
  }
  return kept
}

function shasIn(reports: Report[]): string[] {
  return [...new Set(reports.flatMap(({ sha }) => (sha !== null && /^[0-9a-f]{4,64}$/.test(sha) ? [sha] : [])))]
}

const onSameBranch = (a: Report, b: Report) => a.branch === null || b.branch === null || a.branch === b.branch

/** Which commit took whose place, by the reflog and, since that forgets, by the transcript. */
function amendedPairs(moves: ReflogEntry[], reports: Report[], named: Map<string, CommitFacts>): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const [index, report] of reports.entries()) {
    const before = report.amends ? reports.slice(0, index).findLast((other) => onSameBranch(other, report)) : undefined
    const [old, now] = [named.get(before?.sha ?? ''), named.get(report.sha ?? '')]
    if (old && now) pairs.set(old.sha, now.sha)
  }
  for (const [index, { action, sha }] of moves.entries()) {
    const old = moves[index + 1]
    if (old && action.startsWith('commit (amend)')) pairs.set(old.sha, sha)
  }
  return pairs
}

const MAKES = /^(?:commit(?: \([^)]*\))?|cherry-pick|revert|am):|^(?:merge|pull)\b.*: Merge made by /
const REWRITES = /^(?:rebase|pull .*)(?: -i| -m)?(?: \((?:pick|reword|edit|squash|fixup|continue|merge)\))?:(?!.*\bFast-forward$)(?! checkout )/

/** Whether this step of HEAD made a commit. A rebase also moves the commits of others; those of the session are dated in it. */
function madeBy({ action, authored }: ReflogEntry, from: number, to: number): boolean {
  return MAKES.test(action) || (REWRITES.test(action) && !/\((?:start|finish|abort)\)/.test(action) && authored >= from && authored <= to)
}

/** git may add to the subject of a merge where it was merged into. */
function says({ subject }: CommitFacts, { message }: Report): boolean {
  return subject === message || (message.startsWith('Merge ') && subject.startsWith(message))
}

const isWithin = ({ authored, committed }: CommitFacts, from: number, to: number) => (authored >= from && authored <= to) || (committed >= from && committed <= to)

function nearest<T>(list: T[], { timestamp }: Report, timeOf: (one: T) => number): T | undefined {
  const at = timestamp === null ? Number.NaN : Date.parse(timestamp) / 1000
  // Without a time the oldest: reports come in order.
  if (Number.isNaN(at)) return list.at(-1)
  return list.reduce<T | undefined>((best, one) => (best && Math.abs(timeOf(best) - at) <= Math.abs(timeOf(one) - at) ? best : one), undefined)
}

function instant(seconds: number): string | null {
  const date = new Date(seconds * 1000)
  return date.getUTCFullYear() >= 1970 && date.getUTCFullYear() <= 9999 ? date.toISOString() : null
}

function byTime(a: CommitRecord, b: CommitRecord): number {
  const [one, other] = [a.timestamp ?? '', b.timestamp ?? '']
  return one === other ? 0 : one < other ? 1 : -1
}
