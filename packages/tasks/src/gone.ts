import { GobbyError, refOf } from '@gobby/sessions'
import type { Task } from '@gobby/storage'

/**
 * For a task that was there a moment ago, and is not any more.
 * @throws GobbyError `not_found`
 */
export function gone(task: Task): never {
  throw new GobbyError('not_found', `Task ${refOf(task)} was deleted meanwhile.`, 'See the tasks there are: gobby task list --all')
}
