import { operation, projectRef, scopeOf } from '@gobby/sessions'
import { z } from 'zod'
import { pageInput, pageOf, taskPage } from '../task-page.js'

export const listReadyTasks = operation({
  name: 'list_ready_tasks',
  description: 'Find what to work on next: open tasks that nobody has and that wait for nothing, the urgent ones first.',
  effect: 'read',
  input: z.object({ project_id: projectRef.optional(), ...pageInput }),
  output: taskPage,
  async run(ctx, { project_id, ...page }) {
    return pageOf(ctx, { project_id: (await scopeOf(ctx, project_id))?.id, status: 'open', assignee: null }, page)
  },
})
