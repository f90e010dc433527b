import { briefFrom, linkedSession, operation, refOf } from '@gobby/sessions'
import { z } from 'zod'
import { taskRef } from '../params.js'
import { taskAt } from '../refs.js'

export const getTaskSessions = operation({
  name: 'get_task_sessions',
  description: 'List the sessions (previous conversations) that discovered, claimed, worked on or closed a task, the newest first.',
  effect: 'read',
  input: z.object({ task_id: taskRef }),
  output: z.object({ task_id: z.string(), ref: z.string(), sessions: z.array(linkedSession), count: z.number().int() }),
  async run(ctx, { task_id }) {
    const task = await taskAt(ctx, task_id)
    const sessions = (await ctx.store.tasks.sessionsOf(task.id)).map(({ session, parent, ...link }) => ({ session: briefFrom(session, parent), ...link }))
    return { task_id: task.id, ref: refOf(task), sessions, count: sessions.length }
  },
})
