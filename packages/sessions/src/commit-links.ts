import type { Session } from '@gobby/storage'
import type { Context } from './context.js'
import { analysisOf, mergedCommits } from './handoff.js'

/**
 * Keeps the commits that a session's own output tells, as printed: a transcript may be gone by the time somebody asks
 * which session made a commit. Git is not asked here; a handoff, or a look at the session's commits, does that.
 */
export async function linkReportedCommits(ctx: Context, session: Session): Promise<void> {
  const { reported_commits } = await analysisOf(ctx, session)
  if (reported_commits.length === 0) return
  const reported = reported_commits.map(({ sha, message, branch, timestamp }) => ({
    hash: sha,
    message,
    timestamp,
    author: null,
    branch,
    evidence: 'tool_output' as const,
    certainty: 'reported' as const,
  }))
  const known = await ctx.store.commits.ofSession(session.id)
  await ctx.store.commits.put(session.id, mergedCommits(known, reported))
}
