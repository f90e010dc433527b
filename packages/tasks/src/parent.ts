import { type Context, GobbyError, qualifiedRef } from '@gobby/sessions'
import type { Project } from '@gobby/storage'
import { taskAt } from './refs.js'

/**
 * The id of the task that a ref names as a parent; null for none. A part is done where the whole is.
 * @throws GobbyError `invalid` for a task of another project
 */
export async function parentIn(ctx: Context, project: Pick<Project, 'id' | 'name'>, ref: string | undefined): Promise<string | null> {
  if (!ref) return null
  const parent = await taskAt(ctx, ref)
  if (parent.project_id === project.id) return parent.id
  const whose = qualifiedRef(parent)
  throw new GobbyError('invalid', `A parent must be of the same project: ${whose} is not of ${project.name}.`, `To wait for it instead: gobby task block 3 --by ${whose}`)
}
