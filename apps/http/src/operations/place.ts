import { isAbsolute, win32 } from 'node:path'
import { type Context, findProject, projectFor } from '@gobby/sessions'
import type { Project } from '@gobby/storage'
import { listSessions } from '@gobby/sessions/operations'
import { z } from 'zod'

/** The CLI that a session is of. */
export const source = listSessions.input.shape.source.unwrap().describe('The CLI')

/** A folder, of this system or another: `C:\\…` is one as well. */
export const folder = z.string().refine((path) => win32.isAbsolute(path) && !path.includes('\0'), 'must be an absolute path')

/** How a caller says where a session runs. */
export const place = {
  project_id: z.string().min(1, 'must name a project').optional().describe('The project by name, id or path; normally that of `cwd`'),
  cwd: folder.optional().describe('The folder the session runs in'),
}

type Place = { project_id?: string | undefined; cwd?: string | undefined }

/** The project meant, if it is known: the one named, else the folder's, else the request's. */
export async function knownProject(ctx: Context, { project_id, cwd }: Place): Promise<Project | undefined> {
  if (project_id === undefined && cwd === undefined) return ctx.project()
  // A path of another system; resolved, it would lie in the server's own folder.
  if (project_id === undefined && cwd !== undefined && !isAbsolute(cwd)) return ctx.store.projects.getByPath(cwd)
  return findProject({ store: ctx.store, config: { ...ctx.config, project: project_id, cwd: cwd ?? ctx.config.cwd } })
}

/** The same for those who record sessions: a folder nobody knows becomes a project. */
export async function recordingProject(ctx: Context, { project_id, cwd }: Place): Promise<Project> {
  const named = project_id === undefined && cwd !== undefined ? undefined : await knownProject(ctx, { project_id })
  return named ?? projectFor(ctx, cwd ?? null)
}
