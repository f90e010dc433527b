import { briefFrom, linkedSession, operation, taskOf, taskRecord } from '@gobby/sessions'
import { z } from 'zod'
import { taskRef } from '../params.js'
import { taskAt } from '../refs.js'

/** How many tasks of each kind around it are told. */
const MOST = 50

export const getTask = operation({
  name: 'get_task',
  description: 'Look up one task: its status, what it waits for, what waits for it, its parts (the first 50; list_tasks finds all by parent_task_id), and the sessions (previous conversations) that worked on it.',
  effect: 'read',
  input: z.object({ task_id: taskRef }),
  output: taskRecord.extend({
    depends_on: z.array(taskRecord),
    /** How many there are; at most the first 50 are listed. So with the other two. */
    depends_on_count: z.number().int(),
    dependents: z.array(taskRecord),
    dependents_count: z.number().int(),
    children: z.array(taskRecord),
    children_count: z.number().int(),
    sessions: z.array(linkedSession),
  }),
  async run(ctx, { task_id }) {
    const task = await taskAt(ctx, task_id)
    const { depends_on, dependents, children } = await ctx.store.tasks.around(task.id, MOST)
    const links = await ctx.store.tasks.sessionsOf(task.id)
    return {
      ...taskOf(task),
      depends_on: depends_on.tasks.map(taskOf),
      depends_on_count: depends_on.count,
      dependents: dependents.tasks.map(taskOf),
      dependents_count: dependents.count,
      children: children.tasks.map(taskOf),
      children_count: children.count,
      sessions: links.map(({ session, parent, ...link }) => ({ session: briefFrom(session, parent), ...link })),
    }
  },
})
