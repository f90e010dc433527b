import { z } from 'zod'
import { commitRecord } from '../handoff/handoff-context.js'
import { analysisOf, commitsOf } from '../handoff/handoff.js'
import { operation } from '../operation.js'
import { refOf } from '../refs.js'
import { freshSessionAt } from '../scope.js'
import { limit, sessionRef } from './params.js'

export const getSessionCommits = operation({
  name: 'get_session_commits',
  description: 'List the git commits made in a session, the newest first, each with how certain it is.',
  effect: 'read',
  input: z.object({ session_id: sessionRef, max_commits: limit(20) }),
  output: z.object({
    session_id: z.string(),
    ref: z.string(),
    commits: z.array(commitRecord),
    count: z.number().int(),
    /** Why git could not be asked; the transcript's own commits stand all the same. */
    reason: z.string().optional(),
  }),
  async run(ctx, { session_id, max_commits }) {
    const session = await freshSessionAt(ctx, session_id)
    const { commits, reason } = await commitsOf(ctx, session, await analysisOf(ctx, session), { candidates: true })
    const shown = commits.slice(0, max_commits)
    return { session_id: session.id, ref: refOf(session), commits: shown, count: shown.length, ...(reason === undefined ? {} : { reason }) }
  },
})
