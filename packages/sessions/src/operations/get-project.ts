import { z } from 'zod'
import { GobbyError } from '../errors.js'
import { operation } from '../operation.js'
import { scopeOf } from '../scope.js'
import { projectRecord } from './list-all-projects.js'
import { projectRef } from './params.js'

export const getProject = operation({
  name: 'get_project',
  description: 'Look up one project: its id, folder, repository and how many sessions it has.',
  effect: 'read',
  input: z.object({ project_id: projectRef.refine((name) => name !== '*', 'must name one project').optional().describe('A project by name, id or path; normally the caller’s') }),
  output: projectRecord.extend({ git_dir: z.string().nullable(), created_at: z.string(), updated_at: z.string() }),
  async run(ctx, { project_id }) {
    const project = await scopeOf(ctx, project_id)
    if (!project) throw new GobbyError('not_found', `No project is known at ${ctx.config.cwd}.`, 'Make it one with: gobby init; or see those known: gobby project list')
    const counted = (await ctx.store.projects.list()).find(({ id }) => id === project.id)
    return { ...project, session_count: counted?.session_count ?? 0, last_activity_at: counted?.last_activity_at ?? null }
  },
})
