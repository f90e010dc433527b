import { GobbyError, operation, refFrom, refOf, taskOf, taskRecord } from '@gobby/sessions'
import { z } from 'zod'
import { gone } from '../gone.js'
import { dependsOn, taskRef } from '../params.js'
import { ownTaskAt, taskAt } from '../refs.js'

/** How many of the tasks that it does wait for are named to who is wrong. */
const NAMED = 20

export const removeDependency = operation({
  name: 'remove_dependency',
  description: 'Let a task wait no longer for another one.',
  effect: 'write',
  input: z.object({ task_id: taskRef, depends_on: dependsOn }),
  output: taskRecord,
  async run(ctx, { task_id, depends_on }) {
    const task = await ownTaskAt(ctx, task_id)
    const other = await taskAt(ctx, depends_on)
    if (!(await ctx.store.tasks.removeDependency(task.id, other.id, ctx.now().toISOString()))) {
      const refs = (await ctx.store.tasks.around(task.id, NAMED)).depends_on.tasks.map((each) => refFrom(task, each))
      throw new GobbyError('not_found', `Task ${refOf(task)} does not wait for ${refFrom(task, other)}.`, refs.length === 0 ? 'It waits for nothing.' : `It waits for ${refs.join(', ')}.`)
    }
    return taskOf((await ctx.store.tasks.get(task.id)) ?? gone(task))
  },
})
