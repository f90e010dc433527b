import { type Context, GobbyError, operation, refFrom, scopeOf, taskOf, taskRecord } from '@gobby/sessions'
import type { Project, Session } from '@gobby/storage'
import { z } from 'zod'
import { parentIn } from '../parent.js'
import { description, labels, oneProject, ownSession, parent, priority, title, type } from '../params.js'
import { callingSession } from '../session.js'

export const createTask = operation({
  name: 'create_task',
  description: 'Note a task: something to do later, a bug found on the way, a part of a plan. It is linked with your session as discovered there.',
  effect: 'write',
  input: z.object({
    title,
    description: description.optional(),
    type: type.default('task'),
    priority: priority.prefault(2),
    parent_task_id: parent.optional(),
    labels: labels.default([]),
    session_id: ownSession.optional(),
    project_id: oneProject.optional(),
  }),
  output: taskRecord.extend({
    /** The ref of the session that was linked. */
    linked_session: z.string().nullable(),
  }),
  async run(ctx, { session_id, project_id, parent_task_id, description = null, ...fields }) {
    const session = await callingSession(ctx, session_id, project_id)
    const project = await projectOf(ctx, project_id, session)
    const parent = await parentIn(ctx, project, parent_task_id)
    const task = await ctx.store.tasks.create({ ...fields, description, parent_task_id: parent, project_id: project.id }, ctx.now().toISOString(), session?.id)
    return { ...taskOf(task), linked_session: session ? refFrom(task, session) : null }
  },
})

async function projectOf(ctx: Context, project_id: string | undefined, session: Session | undefined): Promise<Project> {
  if (project_id === '*') throw new GobbyError('invalid', 'A task belongs to one project, not to all.', 'See the projects known: gobby project list')
  const project = (await scopeOf(ctx, project_id)) ?? (session && (await ctx.store.projects.get(session.project_id)))
  if (project) return project
  throw new GobbyError('not_found', `No project is known at ${ctx.config.cwd}, and a task belongs to one.`, 'Make it one with: gobby init; or name one: --project (project_id). See those known: gobby project list')
}
