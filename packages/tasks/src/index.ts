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
  taskOperations,
  updateTask,
} from './operations/index.js'
export { resolveTaskReference } from './refs.js'
