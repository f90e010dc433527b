import { operation, taskOf, taskRecord } from '@gobby/sessions'
import { z } from 'zod'
import { gone } from '../gone.js'
import { dependsOn, taskRef } from '../params.js'
import { ownTaskAt, taskAt } from '../refs.js'

export const addDependency = operation({
  name: 'add_dependency',
  description: 'Let a task wait for another one: it is blocked until that one is closed. Circles are refused.',
  effect: 'write',
  input: z.object({ task_id: taskRef, depends_on: dependsOn }),
  output: taskRecord.extend({
    /** False when it waited for that one before. */
    added: z.boolean(),
  }),
  async run(ctx, { task_id, depends_on }) {
    const task = await ownTaskAt(ctx, task_id)
    const other = await taskAt(ctx, depends_on)
    const added = await ctx.store.tasks.addDependency(task.id, other.id, ctx.now().toISOString())
    return { ...taskOf((await ctx.store.tasks.get(task.id)) ?? gone(task)), added }
  },
})
