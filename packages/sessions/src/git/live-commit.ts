/** Where a commit is now that was amended or rebased. Pure. */
import type { CommitFacts } from './commit-facts.js'

export type Rewrites = {
  /** No branch leads to these any more. */
  dead: Set<string>
  /** Old sha to new. */
  amended: Map<string, string>
  /** All that are known, the newest first. */
  pool: CommitFacts[]
}

/** Follows a sha to the commit that lives; one that has no successor is its own end. */
export function liveFinder({ dead, amended, pool }: Rewrites): (sha: string) => string {
  const facts = new Map(pool.map((one) => [one.sha, one]))
  const successors = new Map<string, string>()
  // A rebase keeps the author's date and, nearly always, the subject.
  const key = ({ authored, author, subject }: CommitFacts) => `${authored}\0${author}\0${subject}`
  for (const one of pool) if (!dead.has(one.sha) && !successors.has(key(one))) successors.set(key(one), one.sha)
  return (sha) => {
    const seen = new Set<string>()
    let at = sha
    while (dead.has(at) && !seen.has(at)) {
      seen.add(at)
      const known = facts.get(at)
      const next = (known && successors.get(key(known))) ?? amended.get(at)
      if (next === undefined) break
      at = next
    }
    return at
  }
}
