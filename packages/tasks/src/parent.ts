import { type Context, GobbyError, qualifiedRef } from '@gobby/sessions'
import type { Project } from '@gobby/storage'
import { taskAt } from './refs.js'

/**
 * The id of the task that a ref names as a parent, `#N` counted in the project of the part; null for none. A part is
 * done where the whole is.
 * @throws GobbyError `invalid` for a task of another project
 */
export async function parentIn(ctx: Context, project: Pick<Project, 'id' | 'name'>, ref: string | undefined): Promise<string | null> {
  if (!ref) return null
  const parent = await taskAt(ctx, ref, project.id)
  if (parent.project_id === project.id) return parent.id
  throw new GobbyError(
    'invalid',
    `A parent must be of the same project: ${qualifiedRef(parent)} is not of ${project.name}.`,
    'Name another parent, or none: a task may wait for one of another project, without being a part of it.',
  )
}
