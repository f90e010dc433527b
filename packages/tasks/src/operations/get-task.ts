import { briefFrom, linkedSession, operation, taskOf, taskRecord } from '@gobby/sessions'
import { z } from 'zod'
import { taskRef } from '../params.js'
import { taskAt } from '../refs.js'

export const getTask = operation({
  name: 'get_task',
  description: 'Look up one task: its status, what it waits for, what waits for it, its parts, and the sessions (previous conversations) that worked on it.',
  effect: 'read',
  input: z.object({ task_id: taskRef }),
  output: taskRecord.extend({
    depends_on: z.array(taskRecord),
    dependents: z.array(taskRecord),
    children: z.array(taskRecord),
    sessions: z.array(linkedSession),
  }),
  async run(ctx, { task_id }) {
    const task = await taskAt(ctx, task_id)
    const { depends_on, dependents, children } = await ctx.store.tasks.around(task.id)
    const links = await ctx.store.tasks.sessionsOf(task.id)
    return {
      ...taskOf(task),
      depends_on: depends_on.map(taskOf),
      dependents: dependents.map(taskOf),
      children: children.map(taskOf),
      sessions: links.map(({ session, parent, ...link }) => ({ session: briefFrom(session, parent), ...link })),
    }
  },
})
