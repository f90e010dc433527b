import { type Context, GobbyError, operation, refFrom, refOf, taskOf, taskRecord } from '@gobby/sessions'
import type { Task } from '@gobby/storage'
import { z } from 'zod'
import { gone } from '../gone.js'
import { ownSession, taskRef } from '../params.js'
import { ownTaskAt, typed } from '../refs.js'
import { neededSession } from '../session.js'

export const claimTask = operation({
  name: 'claim_task',
  description: 'Take a task on, so that no other session works on it: sets who does it and in_progress. It becomes the active task of your session and its handoff.',
  effect: 'write',
  input: z.object({ task_id: taskRef, session_id: ownSession.optional() }),
  output: taskRecord.extend({
    /** The ref of the session that has it now. */
    linked_session: z.string(),
    /** False when the session had it before. */
    claimed: z.boolean(),
  }),
  async run(ctx, { task_id, session_id }) {
    const stored = await ownTaskAt(ctx, task_id)
    const session = await neededSession(ctx, session_id)
    const { task, outcome, held_since } = (await ctx.store.tasks.claim(stored.id, session.id, ctx.now().toISOString())) ?? gone(stored)
    if (outcome !== 'claimed' && outcome !== 'already') throw await refused(ctx, task, outcome, held_since)
    return { ...taskOf(task), linked_session: refFrom(task, session), claimed: outcome === 'claimed' }
  },
})

async function refused(ctx: Context, task: Task, outcome: 'held' | 'blocked' | 'closed', since: string | null): Promise<GobbyError> {
  const ref = refOf(task)
  const name = await typed(ctx, task)
  const { assignee, blocked_by, closed_reason } = taskOf(task)
  switch (outcome) {
    case 'held':
      return new GobbyError(
        'conflict',
        `Task ${ref} is held by ${assignee}${since === null ? '' : `, which claimed it at ${since}`}.`,
        `Take another one: gobby task ready. Only if ${assignee} is not at work on it any more, give it free: gobby task update ${name} --status open --assignee ''`,
      )
    case 'blocked':
      return new GobbyError('conflict', `Task ${ref} waits for ${blocked_by.join(', ')}.`, `Do that first, or take another one: gobby task ready`)
    case 'closed':
      return new GobbyError('conflict', `Task ${ref} was closed at ${task.closed_at}${closed_reason ? ` (${closed_reason})` : ''}.`, `Open it again: gobby task update ${name} --status open`)
  }
}
