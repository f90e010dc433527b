/** Where each operation is found. The server, the document and the client all read this table; nothing else knows a path. */

/** One route. What the path and `names` do not take is given in the query (GET, DELETE) or as JSON (POST, PATCH). */
export type Address = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Parameters in braces: `/sessions/{ref}`. */
  path: string
  /** What a parameter of the path or the query is called in the operation's input, where that differs. */
  names?: Readonly<Record<string, string>>
  /** The input that is the whole JSON body, where it is not the body's members. */
  body?: string
}

const ref = { ref: 'session_id' } as const
const task = { ref: 'task_id' } as const

/** By the name of the call: the operation's, or another where an operation has two addresses. */
export const addresses = {
  list_sessions: { method: 'GET', path: '/sessions' },
  get_current_session: { method: 'GET', path: '/sessions/current' },
  session_stats: { method: 'GET', path: '/sessions/stats' },
  register_session: { method: 'POST', path: '/sessions/register' },
  find_current: { method: 'POST', path: '/sessions/find_current' },
  find_parent: { method: 'POST', path: '/sessions/find_parent' },
  update_status: { method: 'POST', path: '/sessions/update_status' },
  update_summary: { method: 'POST', path: '/sessions/update_summary' },
  get_session: { method: 'GET', path: '/sessions/{ref}', names: ref },
  update_session: { method: 'PATCH', path: '/sessions/{ref}', names: ref },
  delete_session: { method: 'DELETE', path: '/sessions/{ref}', names: ref },
  get_session_messages: { method: 'GET', path: '/sessions/{ref}/messages', names: ref },
  get_session_commits: { method: 'GET', path: '/sessions/{ref}/commits', names: ref },
  get_handoff_context: { method: 'GET', path: '/sessions/{ref}/handoff', names: ref },
  create_session_handoff: { method: 'POST', path: '/sessions/{ref}/handoff', names: ref },
  create_handoff: { method: 'POST', path: '/handoffs' },
  get_newest_handoff: { method: 'GET', path: '/handoffs/newest' },
  search_messages: { method: 'GET', path: '/messages/search', names: { q: 'query' } },
  find_commit_sessions: { method: 'GET', path: '/commits/{sha}/sessions' },
  mark_loop_complete: { method: 'POST', path: '/sessions/{ref}/complete', names: ref },
  get_session_tasks: { method: 'GET', path: '/sessions/{ref}/tasks', names: ref },
  list_tasks: { method: 'GET', path: '/tasks' },
  create_task: { method: 'POST', path: '/tasks' },
  list_ready_tasks: { method: 'GET', path: '/tasks/ready' },
  list_blocked_tasks: { method: 'GET', path: '/tasks/blocked' },
  get_task: { method: 'GET', path: '/tasks/{ref}', names: task },
  update_task: { method: 'PATCH', path: '/tasks/{ref}', names: task },
  delete_task: { method: 'DELETE', path: '/tasks/{ref}', names: task },
  claim_task: { method: 'POST', path: '/tasks/{ref}/claim', names: task },
  close_task: { method: 'POST', path: '/tasks/{ref}/close', names: task },
  add_dependency: { method: 'POST', path: '/tasks/{ref}/dependencies', names: task },
  remove_dependency: { method: 'DELETE', path: '/tasks/{ref}/dependencies/{depends_on}', names: task },
  get_task_sessions: { method: 'GET', path: '/tasks/{ref}/sessions', names: task },
  link_task_to_session: { method: 'POST', path: '/tasks/{ref}/sessions', names: task },
  list_cross_project_sessions: { method: 'GET', path: '/hub/sessions' },
  list_cross_project_tasks: { method: 'GET', path: '/hub/tasks' },
  hub_stats: { method: 'GET', path: '/hub/stats' },
  list_all_projects: { method: 'GET', path: '/hub/projects' },
  get_project: { method: 'GET', path: '/hub/projects/{project}', names: { project: 'project_id' } },
  execute_hook: { method: 'POST', path: '/hooks/execute' },
  take_hook: { method: 'POST', path: '/hooks/{source}', body: 'input' },
} as const satisfies Record<string, Address>
