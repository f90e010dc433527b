import { operation, projectRef, scopeOf } from '@gobby/sessions'
import { z } from 'zod'
import { pageInput, pageOf, taskPage } from '../task-page.js'

export const listBlockedTasks = operation({
  name: 'list_blocked_tasks',
  description: 'List the tasks that wait for others, each with the tasks it is blocked by.',
  effect: 'read',
  input: z.object({ project_id: projectRef.optional(), ...pageInput }),
  output: taskPage,
  async run(ctx, { project_id, ...page }) {
    return pageOf(ctx, { project_id: (await scopeOf(ctx, project_id))?.id, status: 'blocked' }, page)
  },
})
