import { operation, projectRef, scopeOf } from '@gobby/sessions'
import { z } from 'zod'
import { assigneeOf } from '../assignee.js'
import { assignee, parent, priority, status, type } from '../params.js'
import { taskAt } from '../refs.js'
import { pageInput, pageOf, taskPage } from '../task-page.js'

export const listTasks = operation({
  name: 'list_tasks',
  description: 'List the tasks of a project: the urgent ones first, then the oldest; closed ones last.',
  effect: 'read',
  input: z.object({
    project_id: projectRef.optional(),
    status: status.optional(),
    priority: priority.optional(),
    assignee: assignee.describe('Only tasks of this session (`#N`, `project#N`, a UUID) or name; empty: of nobody').optional(),
    type: type.describe('Only tasks of this type').optional(),
    label: z.string({ error: 'must be a word' }).trim().describe('Only tasks with this label').optional(),
    parent_task_id: parent.describe('Only parts of this task').optional(),
    ...pageInput,
  }),
  output: taskPage,
  async run(ctx, { project_id, assignee, parent_task_id, limit, cursor, ...filter }) {
    const project = await scopeOf(ctx, project_id)
    return pageOf(
      ctx,
      {
        ...filter,
        project_id: project?.id,
        assignee: assignee === undefined ? undefined : await assigneeOf(ctx, assignee, project_id),
        parent_task_id: parent_task_id ? (await taskAt(ctx, parent_task_id, project_id)).id : undefined,
      },
      { limit, cursor },
    )
  },
})
