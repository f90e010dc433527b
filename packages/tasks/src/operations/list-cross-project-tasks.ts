import { operation } from '@gobby/sessions'
import { z } from 'zod'
import { status } from '../params.js'
import { pageInput, pageOf, taskPage } from '../task-page.js'

export const listCrossProjectTasks = operation({
  name: 'list_cross_project_tasks',
  description: 'List the tasks of all projects on this machine, as `project#N`: the urgent ones first, closed ones last.',
  effect: 'read',
  input: z.object({ status: status.optional(), ...pageInput }),
  output: taskPage,
  run: (ctx, { status, ...page }) => pageOf(ctx, { status }, { ...page, across: true }),
})
