import type { Commit } from '@gobby/storage'

/** What was found now, and what was found before and cannot be found any more; the newest first. */
export function mergedCommits(found: Commit[], known: Commit[]): Commit[] {
  const isSame = (a: Commit, b: Commit) => (a.hash && b.hash ? a.hash.startsWith(b.hash) || b.hash.startsWith(a.hash) : a.message === b.message)
  const lost = known.filter((commit) => !found.some((other) => isSame(commit, other) || (commit.message === other.message && commit.author === other.author)))
  return [...found, ...lost].sort((a, b) => ((a.timestamp ?? '') === (b.timestamp ?? '') ? 0 : (a.timestamp ?? '') < (b.timestamp ?? '') ? 1 : -1))
}
