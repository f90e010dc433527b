import { operation, refIn } from '@gobby/sessions'
import { z } from 'zod'
import { taskRef } from '../params.js'
import { ownTaskAt } from '../refs.js'

export const deleteTask = operation({
  name: 'delete_task',
  description: 'Delete a task for good, with its links. What waited for it waits no longer; its parts stay, without a parent. To end a task, close it instead.',
  effect: 'delete',
  input: z.object({
    task_id: z
      .union([taskRef, z.array(taskRef).min(1, 'must name at least one task').max(200, 'must name at most 200 tasks')], { error: 'must be a task, or a list of them' })
      .describe('One task or several'),
  }),
  output: z.object({ deleted: z.array(z.string()), count: z.number().int() }),
  async run(ctx, { task_id }) {
    // All are looked up before the first is deleted: a wrong one among them deletes nothing.
    const tasks = await Promise.all([task_id].flat().map((ref) => ownTaskAt(ctx, ref)))
    const project = await ctx.project()
    const deleted = await ctx.store.tasks.delete([...new Set(tasks.map(({ id }) => id))], ctx.now().toISOString())
    return { deleted: deleted.map((task) => refIn(project, task)), count: deleted.length }
  },
})
