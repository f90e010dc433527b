/** All operations on tasks. A surface loops over them; those it leaves out it names, with a reason. */
import type { Operation } from '@gobby/sessions'
import { addDependency } from './add-dependency.js'
import { claimTask } from './claim-task.js'
import { closeTask } from './close-task.js'
import { createTask } from './create-task.js'
import { deleteTask } from './delete-task.js'
import { getSessionTasks } from './get-session-tasks.js'
import { getTask } from './get-task.js'
import { getTaskSessions } from './get-task-sessions.js'
import { linkTaskToSession } from './link-task-to-session.js'
import { listBlockedTasks } from './list-blocked-tasks.js'
import { listCrossProjectTasks } from './list-cross-project-tasks.js'
import { listReadyTasks } from './list-ready-tasks.js'
import { listTasks } from './list-tasks.js'
import { removeDependency } from './remove-dependency.js'
import { updateTask } from './update-task.js'

/** Every operation on tasks. `list_cross_project_tasks` is about all projects; the others serve one at a time. */
export const taskOperations: Operation[] = [
  createTask,
  getTask,
  listTasks,
  updateTask,
  closeTask,
  deleteTask,
  claimTask,
  addDependency,
  removeDependency,
  listReadyTasks,
  listBlockedTasks,
  linkTaskToSession,
  getSessionTasks,
  getTaskSessions,
  listCrossProjectTasks,
]

export {
  addDependency,
  claimTask,
  closeTask,
  createTask,
  deleteTask,
  getSessionTasks,
  getTask,
  getTaskSessions,
  linkTaskToSession,
  listBlockedTasks,
  listCrossProjectTasks,
  listReadyTasks,
  listTasks,
  removeDependency,
  updateTask,
}
