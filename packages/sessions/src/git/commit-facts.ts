/** What git knows about commits: one function per question, one start of git each. */
import type { Env } from '../config.js'
import { subjectOf } from './commit-commands.js'
import { git } from './git.js'

export type CommitFacts = { sha: string; subject: string; author: string; /** Seconds since 1970. */ authored: number; committed: number }
export type ReflogEntry = CommitFacts & { /** When HEAD moved here. */ at: number; action: string; branch: string | null }
export type LogEntry = CommitFacts & { branch: string | null }

export type Found<T> = { found: T; reason?: string }

const FIELDS = ['%H', '%at', '%ct', '%an', '%s']
/** Enough for any session; keeps the answer below git's limit in a huge repository. */
const MAX_ENTRIES = '--max-count=20000'

/** The commits that shas or beginnings of shas name; what names none is left out. */
export async function namedCommits(cwd: string, env: Env, shas: string[]): Promise<Found<Map<string, CommitFacts>>> {
  const found = new Map<string, CommitFacts>()
  if (shas.length === 0) return { found }
  const answer = await git(cwd, ['cat-file', '--batch'], { env, input: shas.map((sha) => `${sha}^{commit}\n`).join('') })
  if (!answer.ok) return { found, reason: answer.reason }
  let at = 0
  for (const sha of shas) {
    const end = answer.stdout.indexOf(10, at)
    if (end < 0) break
    const [, full, size] = /^([0-9a-f]{40,64}) commit (\d+)$/.exec(answer.stdout.toString('latin1', at, end)) ?? []
    at = end + 1
    if (!full) continue
    found.set(sha, factsIn(full, answer.stdout.subarray(at, at + Number(size))))
    at += Number(size) + 1
  }
  return { found }
}

function factsIn(sha: string, raw: Buffer): CommitFacts {
  const end = raw.indexOf('\n\n')
  const encoding = /^encoding (\S+)$/m.exec(raw.toString('latin1', 0, end))?.[1]
  const text = decoded(raw, encoding)
  const split = text.indexOf('\n\n')
  const person = (role: string) => new RegExp(`^${role} (.*?) ?<[^\\n]*> (-?\\d+) [-+]\\d+$`, 'm').exec(text.slice(0, split))
  const author = person('author')
  return {
    sha,
    subject: split < 0 ? '' : subjectOf(text.slice(split + 2)),
    author: author?.[1] ?? '',
    authored: Number(author?.[2] ?? Number.NaN),
    committed: Number(person('committer')?.[2] ?? Number.NaN),
  }
}

function decoded(raw: Buffer, encoding = 'utf-8'): string {
  try {
    return new TextDecoder(encoding).decode(raw)
  } catch {
    return raw.toString()
  }
}

/** Where HEAD of this worktree has been since an instant, the newest first. */
export async function reflog(cwd: string, env: Env, since: number): Promise<Found<ReflogEntry[]>> {
  const fields = [...FIELDS, '%gd', '%gs', '%D']
  const answer = await git(cwd, ['log', '-g', '-z', '--no-show-signature', '--decorate=short', '--date=unix', MAX_ENTRIES, `--since=@${since}`, `--format=${fields.join('%x00')}`, 'HEAD', '--'], { env })
  if (!answer.ok) return { found: [], reason: answer.reason }
  let branch: string | null | undefined
  const found: ReflogEntry[] = []
  for (const values of records(answer.stdout, fields.length)) {
    const [selector = '', action = '', names = ''] = values.slice(FIELDS.length)
    branch ??= /^HEAD -> ([^,]+)/.exec(names)?.[1] ?? null
    const rebased = /^rebase.* \(finish\): returning to refs\/heads\/(.+)$/.exec(action)
    if (rebased) branch = rebased[1] as string
    found.push({ ...basics(values), at: Number(/@\{(\d+)\}$/.exec(selector)?.[1] ?? Number.NaN), action, branch })
    // The entries below this one were made where the checkout came from.
    const left = /^checkout: moving from (\S+) to /.exec(action)
    if (left) branch = /^[0-9a-f]{40,64}$/.test(left[1] as string) ? null : left[1]
    if (/^rebase.* \(start\)/.test(action)) branch = found.findLast((entry) => entry.action.includes('(finish)'))?.branch ?? branch
  }
  return { found }
}

/** Those of the commits that no branch, tag or HEAD leads to any more: amended, rebased or thrown away. */
export async function unreachable(cwd: string, env: Env, shas: string[]): Promise<Found<Set<string>>> {
  if (shas.length === 0) return { found: new Set() }
  // What only a remote has still counts as rewritten here.
  const args = ['rev-list', '--stdin', '--not', '--exclude=refs/remotes/*', '--exclude=refs/stash', '--exclude=refs/notes/*', '--exclude=refs/original/*', '--all']
  const answer = await git(cwd, args, { env, input: `${shas.join('\n')}\n` })
  if (!answer.ok) return { found: new Set(), reason: answer.reason }
  return { found: new Set(answer.stdout.toString('latin1').split('\n')) }
}

/** The commits of all branches whose committer's date is not before an instant, the newest first. */
export async function log(cwd: string, env: Env, since: number): Promise<Found<LogEntry[]>> {
  const fields = [...FIELDS, '%S']
  const args = ['log', '-z', '--no-show-signature', '--source', MAX_ENTRIES, `--since-as-filter=@${since}`, `--format=${fields.join('%x00')}`]
  const answer = await git(cwd, [...args, '--exclude=refs/stash', '--exclude=refs/notes/*', '--exclude=refs/original/*', '--all', '--'], { env })
  if (!answer.ok) return { found: [], reason: answer.reason }
  const branchOf = (source = '') => /^refs\/(?:heads|remotes)\/(.+)$/.exec(source)?.[1] ?? null
  return { found: records(answer.stdout, fields.length).map((values) => Object.assign(basics(values), { branch: branchOf(values[FIELDS.length]) })) }
}

/** Fields and records both end with NUL: no other byte is safe, a subject may hold any. */
function records(stdout: Buffer, width: number): string[][] {
  const values = stdout.toString().split('\0')
  return Array.from({ length: Math.floor(values.length / width) }, (_, index) => values.slice(index * width, (index + 1) * width))
}

function basics([sha = '', authored, committed, author = '', subject = '']: string[]): CommitFacts {
  return { sha, subject, author, authored: Number(authored), committed: Number(committed) }
}
