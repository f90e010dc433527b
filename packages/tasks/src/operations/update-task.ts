import { GobbyError, operation, taskOf, taskRecord } from '@gobby/sessions'
import { z } from 'zod'
import { assigneeOf } from '../assignee.js'
import { gone } from '../gone.js'
import { parentIn } from '../parent.js'
import { assignee, description, labels, parent, priority, startedStatus, taskRef, title, type } from '../params.js'
import { ownTaskAt } from '../refs.js'

export const updateTask = operation({
  name: 'update_task',
  description: 'Change a task: its title, description, type, priority, parent, labels, who does it, or open it again.',
  effect: 'write',
  input: z.object({
    task_id: taskRef,
    title: title.optional(),
    description: description.optional(),
    type: type.optional(),
    priority: priority.optional(),
    status: startedStatus.optional(),
    assignee: assignee.optional(),
    parent_task_id: parent.optional(),
    labels: labels.optional(),
  }),
  output: taskRecord,
  async run(ctx, { task_id, assignee, parent_task_id, ...given }) {
    const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as typeof given
    if (Object.keys(fields).length === 0 && assignee === undefined && parent_task_id === undefined) {
      throw new GobbyError('invalid', 'Nothing to change was given.', 'Give at least one of title, description, type, priority, status, assignee, parent_task_id, labels.')
    }
    const task = await ownTaskAt(ctx, task_id)
    const project = { id: task.project_id, name: task.project }
    const changed = await ctx.store.tasks.update(
      task.id,
      {
        ...fields,
        ...(assignee === undefined ? {} : { assignee: await assigneeOf(ctx, assignee) }),
        ...(parent_task_id === undefined ? {} : { parent_task_id: await parentIn(ctx, project, parent_task_id) }),
      },
      ctx.now().toISOString(),
    )
    return taskOf(changed ?? gone(task))
  },
})
