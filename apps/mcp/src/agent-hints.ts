/** Hints of errors, which are written for a person at a shell, as tool calls. */

/** A ref or name as a shell takes it. */
const NAME = String.raw`'?([^\s')]+)'?`
const tasks = (tool: string, args: string) => `call_tool(server_name="gobby-tasks", tool_name="${tool}", arguments=${args})`

/** The longer of two that begin alike stands first. */
const calls: readonly (readonly [RegExp, string])[] = [
  [/gobby session list(?: --all)?/g, 'list_sessions(project_id="*")'],
  [new RegExp(`gobby session show ${NAME}`, 'g'), 'get_session(session_id="$1")'],
  [/gobby session handoff "([^"]*)"/g, 'create_handoff(notes="$1")'],
  [/gobby session search -- (.+)$/g, 'search_messages(query="$1")'],
  [/gobby project list/g, 'call_tool(server_name="gobby-hub", tool_name="list_all_projects")'],
  [/gobby task list(?: --all)?/g, tasks('list_tasks', '{"project_id":"*"}')],
  [/gobby task ready/g, tasks('list_ready_tasks', '{}')],
  [new RegExp(`gobby task show ${NAME}`, 'g'), tasks('get_task', '{"task_id":"$1"}')],
  [new RegExp(`gobby task update ${NAME} --status open --assignee ''`, 'g'), tasks('update_task', '{"task_id":"$1","status":"open","assignee":""}')],
  [new RegExp(`gobby task update ${NAME} --status open`, 'g'), tasks('update_task', '{"task_id":"$1","status":"open"}')],
  [/ or name one: --project \(project_id\)\./g, ' or name one in project_id.'],
  [/: --session 12 \(session_id\)\./g, ' in session_id.'],
  [/ A shell drops an unquoted #3\./g, ''],
]

/** The hint with each command that a tool stands for replaced by a call of it; others are a person's to run. */
export function hintForAgents(hint: string): string {
  return calls.reduce((text, [command, tool]) => text.replace(command, tool), hint)
}
