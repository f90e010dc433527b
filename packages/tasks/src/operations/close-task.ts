import { GobbyError, operation, refFrom, refOf, taskOf, taskRecord } from '@gobby/sessions'
import { z } from 'zod'
import { gone } from '../gone.js'
import { commitSha, ownSession, reason, taskRef } from '../params.js'
import { ownTaskAt, typed } from '../refs.js'
import { callingSession } from '../session.js'

export const closeTask = operation({
  name: 'close_task',
  description: 'Close a task that is done or will not be done, with the reason and the commit. It is linked with your session as closed there.',
  effect: 'write',
  input: z.object({ task_id: taskRef, reason: reason.optional(), commit_sha: commitSha.optional(), session_id: ownSession.optional() }),
  output: taskRecord.extend({
    /** The ref of the session that was linked. */
    linked_session: z.string().nullable(),
  }),
  async run(ctx, { task_id, reason = null, commit_sha = null, session_id }) {
    const session = await callingSession(ctx, session_id)
    const stored = await ownTaskAt(ctx, task_id)
    const end = { closed_reason: reason, closed_commit_sha: commit_sha, session_id: session?.id }
    const { task, closed } = (await ctx.store.tasks.close(stored.id, end, ctx.now().toISOString())) ?? gone(stored)
    const isSame = (reason ?? task.closed_reason) === task.closed_reason && (commit_sha ?? task.closed_commit_sha) === task.closed_commit_sha
    if (!closed && !isSame) {
      const name = await typed(ctx, task)
      throw new GobbyError('conflict', `Task ${refOf(task)} was closed before, at ${task.closed_at}${task.closed_reason ? ` (${task.closed_reason})` : ''}.`, `To close it anew, open it first: gobby task update ${name} --status open`)
    }
    return { ...taskOf(task), linked_session: closed && session ? refFrom(task, session) : null }
  },
})
