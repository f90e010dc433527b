import { operation, refFrom, refOf } from '@gobby/sessions'
import { taskActions } from '@gobby/storage'
import { z } from 'zod'
import { action, ownSession, taskRef } from '../params.js'
import { ownTaskAt } from '../refs.js'
import { neededSession } from '../session.js'

export const linkTaskToSession = operation({
  name: 'link_task_to_session',
  description: 'Note that a session worked on a task, discovered or mentioned it, so that both can be found from each other. To take a task on, claim it.',
  effect: 'write',
  input: z.object({ task_id: taskRef, session_id: ownSession.optional(), action: action.default('worked_on') }),
  output: z.object({
    task_id: z.string(),
    ref: z.string(),
    session_id: z.string(),
    session_ref: z.string(),
    action: z.enum(taskActions),
    link_created_at: z.string(),
    /** False when it was noted before; that keeps its time. */
    created: z.boolean(),
  }),
  async run(ctx, { task_id, session_id, action }) {
    const task = await ownTaskAt(ctx, task_id)
    const session = await neededSession(ctx, session_id)
    const link = await ctx.store.tasks.link({ task_id: task.id, session_id: session.id, action }, ctx.now().toISOString())
    return { task_id: task.id, ref: refOf(task), session_id: session.id, session_ref: refFrom(task, session), action, ...link }
  },
})
