/** What people type for a task. */
import { type Context, GobbyError, homeOf, qualifiedIn, qualifiedRef, quoted, refIn, type RefKind, resolveReference } from '@gobby/sessions'
import type { Store, Task } from '@gobby/storage'

/**
 * The task that a ref names: `#N`, `N`, `project#N` (in addresses `project~N`), its id `gt-…`, or the beginning of one.
 *
 * @param projectId the project `#N` counts in; without it the number is looked up in all projects
 * @throws GobbyError `invalid` when it is no ref, `not_found`, `ambiguous` with the candidates as `project#N`
 */
export async function resolveTaskReference(store: Store, ref: string | number, projectId?: string): Promise<Task> {
  const kind: RefKind<Task> = { noun: 'task', find: store.tasks, isId: (text) => /^gt-[0-9a-z]{1,6}$/i.test(text), ids: 'gt- and at least one character of an id' }
  return resolveReference(store, kind, ref, projectId)
}

/** The task that a ref names, `#N` counted in the project that the call names, else in the caller's. */
export async function taskAt(ctx: Context, ref: string, project_id?: string): Promise<Task> {
  return resolveTaskReference(ctx.store, ref, (await homeOf(ctx, project_id))?.id)
}

/**
 * The same, for a change: an id alone must be of the caller's project, since the change would be seen elsewhere.
 * @throws GobbyError as `taskAt`, and `not_found` that says whose task it is
 */
export async function ownTaskAt(ctx: Context, ref: string): Promise<Task> {
  const project = await ctx.project()
  const task = await taskAt(ctx, ref)
  if (!project || task.project_id === project.id || qualifiedIn(ref.trim())) return task
  const whose = qualifiedRef(task)
  throw new GobbyError('not_found', `${task.id} is no task of project ${project.name}: it is ${whose}, of project ${task.project}.`, `To mean it all the same, name it ${whose}.`)
}

/** A task as the caller would type it: `3`, or `cider#3` from another project. */
export async function typed(ctx: Context, task: Task): Promise<string> {
  return quoted(refIn(await ctx.project(), task))
}
