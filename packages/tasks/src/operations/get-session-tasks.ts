import { linkedTask, operation, refOf, sessionAt, sessionRef, taskOf } from '@gobby/sessions'
import { z } from 'zod'

export const getSessionTasks = operation({
  name: 'get_session_tasks',
  description: 'List the tasks of a session (a previous conversation), and what it did with each: discovered, claimed, worked on, closed.',
  effect: 'read',
  input: z.object({ session_id: sessionRef }),
  output: z.object({ session_id: z.string(), ref: z.string(), tasks: z.array(linkedTask), count: z.number().int() }),
  async run(ctx, { session_id }) {
    const session = await sessionAt(ctx, session_id)
    const tasks = (await ctx.store.tasks.ofSession(session.id)).map(({ task, ...link }) => ({ task: taskOf(task), ...link }))
    return { session_id: session.id, ref: refOf(session), tasks, count: tasks.length }
  },
})
