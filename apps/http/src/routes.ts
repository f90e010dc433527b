/** Which operation answers at which address. Routes, document and client types all come from this one table. */
import type { Operation } from '@gobby/sessions'
import {
  createHandoff,
  deleteSession,
  findCommitSessions,
  getCurrentSession,
  getHandoffContext,
  getProject,
  getSession,
  getSessionCommits,
  getSessionMessages,
  hubStats,
  listAllProjects,
  listCrossProjectSessions,
  listSessions,
  markLoopComplete,
  searchMessages,
  sessionStats,
} from '@gobby/sessions/operations'
import {
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
} from '@gobby/tasks'
import { type Address, addresses } from './addresses.js'
import { findCurrent } from './operations/find-current.js'
import { findParent } from './operations/find-parent.js'
import { registerSession } from './operations/register-session.js'
import { executeHook, takeHook } from './operations/take-hook.js'
import { updateSession } from './operations/update-session.js'
import { updateStatus } from './operations/update-status.js'
import { updateSummary } from './operations/update-summary.js'

/** The operation of each address. */
export const answering = {
  list_sessions: listSessions,
  get_current_session: getCurrentSession,
  session_stats: sessionStats,
  register_session: registerSession,
  find_current: findCurrent,
  find_parent: findParent,
  update_status: updateStatus,
  update_summary: updateSummary,
  get_session: getSession,
  update_session: updateSession,
  delete_session: deleteSession,
  get_session_messages: getSessionMessages,
  get_session_commits: getSessionCommits,
  get_handoff_context: getHandoffContext,
  create_session_handoff: createHandoff,
  create_handoff: createHandoff,
  get_newest_handoff: getHandoffContext,
  search_messages: searchMessages,
  find_commit_sessions: findCommitSessions,
  mark_loop_complete: markLoopComplete,
  get_session_tasks: getSessionTasks,
  list_tasks: listTasks,
  create_task: createTask,
  list_ready_tasks: listReadyTasks,
  list_blocked_tasks: listBlockedTasks,
  get_task: getTask,
  update_task: updateTask,
  delete_task: deleteTask,
  claim_task: claimTask,
  close_task: closeTask,
  add_dependency: addDependency,
  remove_dependency: removeDependency,
  get_task_sessions: getTaskSessions,
  link_task_to_session: linkTaskToSession,
  list_cross_project_sessions: listCrossProjectSessions,
  list_cross_project_tasks: listCrossProjectTasks,
  hub_stats: hubStats,
  list_all_projects: listAllProjects,
  get_project: getProject,
  execute_hook: executeHook,
  take_hook: takeHook,
} satisfies Record<keyof typeof addresses, unknown>

/** A route: an address, the operation behind it, and the name it is called by. */
export type Route = Address & { name: string; operation: Operation }

// Without what only the client's types need: which operation it is.
const operations: Record<string, Operation> = answering

/** All routes, those without parameters first, so that `/sessions/current` is no session. */
export const routes: Route[] = Object.entries(addresses as Record<string, Address>)
  .map(([name, address]) => ({ ...address, name, operation: operations[name] as Operation }))
  .sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')))

/** Operations that have no address, each with its reason. */
export const withoutAddress: Record<string, string> = {
  sync: 'the server follows the transcripts by itself, and a sync of all of them takes longer than a request may',
  init_project: 'it writes into the caller’s folder, and a request has none',
}

/** Whether the answer is a single record, which need not be sent again to who has it. */
export function isRecord({ method, path, operation }: Route): boolean {
  return method === 'GET' && (path.endsWith('}') || operation === answering.get_handoff_context)
}

/** Whether a request to the route comes from a project; what is of all projects at once does not ask. */
export function takesProject({ path }: Route): boolean {
  return !path.startsWith('/hub/')
}

/** The parameters in a path: `['ref']`. */
export function pathNames(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)
}

/** The input field that a parameter of a route gives. */
export function fieldOf({ names }: Pick<Route, 'names'>, name: string): string {
  return names?.[name] ?? name
}

/** The parameter of a route that gives an input field. */
export function nameOf({ names = {} }: Pick<Route, 'names'>, field: string): string {
  return Object.keys(names).find((name) => names[name] === field) ?? field
}
