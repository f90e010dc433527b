import { z } from 'zod'
import { operation } from '../operation.js'

export const projectRecord = z.object({
  id: z.string(),
  name: z.string(),
  path: z.string().nullable(),
  session_count: z.number().int(),
  last_activity_at: z.string().nullable(),
})

export const listAllProjects = operation({
  name: 'list_all_projects',
  description: 'List every project that gobby knows on this machine, with how many sessions it has, the newest activity first.',
  effect: 'read',
  input: z.object({}),
  output: z.object({ projects: z.array(projectRecord), count: z.number().int() }),
  async run(ctx) {
    const projects = (await ctx.store.projects.list()).map(({ id, name, path, session_count, last_activity_at }) => ({
      id,
      name,
      path,
      session_count,
      last_activity_at,
    }))
    return { projects, count: projects.length }
  },
})
