/** What Claude Code's tools do. */
import type { Action } from '@gobby/storage'
import { mcpCall } from '../mcp-call.js'
import { isRecord, textOf } from '../normalise.js'
import type { Outcome } from '../source.js'

export function actions(tool_name: string, input: unknown): Action[] {
  const fields = isRecord(input) ? input : {}
  const path = (key: string) => {
    const value = textOf(fields[key])
    return value ? [{ path: value }] : []
  }
  switch (tool_name) {
    case 'Write':
      return [{ kind: 'write', paths: path('file_path') }]
    case 'Edit':
    case 'MultiEdit':
      return [{ kind: 'edit', paths: path('file_path') }]
    case 'NotebookEdit':
      return [{ kind: 'edit', paths: path('notebook_path') }]
    case 'Read':
    case 'NotebookRead':
      return [{ kind: 'read', paths: [...path('file_path'), ...path('notebook_path')] }]
    case 'Bash':
    case 'PowerShell':
      return [{ kind: 'shell', command: textOf(fields.command) ?? '' }]
    case 'Glob':
    case 'Grep':
    case 'LS':
    case 'LSP':
    case 'ToolSearch':
      return [{ kind: 'search', ...label(fields.pattern ?? fields.query ?? fields.path) }]
    case 'TodoWrite':
      return [{ kind: 'todo', todos: todosOf(fields.todos) }]
    case 'TaskCreate':
      return [{ kind: 'todo', todo_event: { content: textOf(fields.subject) ?? '', status: 'pending' } }]
    case 'TaskUpdate':
      return [{ kind: 'todo', todo_event: { id: String(fields.taskId ?? ''), content: textOf(fields.subject), status: taskStatus(fields.status) } }]
    case 'TaskList':
    case 'TaskGet':
      return [{ kind: 'other' }]
    case 'Task':
    case 'Agent':
    case 'Workflow':
      return [{ kind: 'subagent', ...label(fields.description ?? fields.name) }]
    case 'WebFetch':
    case 'WebSearch':
    case 'web_search':
    case 'web_fetch':
      return [{ kind: 'web', ...label(fields.url ?? fields.query) }]
    case 'ListMcpResourcesTool':
    case 'ReadMcpResourceTool':
      return [{ kind: 'mcp' }]
    default:
      return [mcpCall(tool_name, input) ?? { kind: 'other' }]
  }
}

/** What a result tells that the call does not: the id a new task was given, a new file, how a command ended. */
export function outcome(tool_name: string, result: string, failed: boolean): Outcome {
  if (tool_name === 'TaskCreate') return { todo_id: /Task #(\S+) created/.exec(result)?.[1] }
  if (tool_name === 'Write') return { created: result.startsWith('File created successfully') }
  if (tool_name !== 'Bash' && tool_name !== 'PowerShell') return {}
  if (RUNNING.test(result)) return { running: true }
  const exit = /^(?:Error: )?Exit code (\d+)/.exec(result)?.[1]
  if (exit !== undefined) return { exit_status: failed ? Number(exit) : 0 }
  if (failed && REFUSED.test(result)) return {}
  // Before 2.0 the status of what failed was not told.
  return { exit_status: failed ? 1 : 0 }
}

const RUNNING = /^Command (?:running in background|did not complete within .{1,20} timeout and was moved to the background|was (?:manually )?(?:moved to the background|backgrounded))/
/** Of commands that never ran, or were stopped. */
const REFUSED =
  /^(?:<tool_use_error>|The user doesn't want to proceed|\[Request interrupted|Permission (?:for this action|to use) |.{0,80}requires approval)|^(?:Claude requested permissions|Error: Interrupted)/

/** The person's `/clear`: older versions went on in the same file. */
export function startsAnew(content: string): boolean {
  return /^\s*(?:<command-message>[^<]*<\/command-message>\s*)?<command-name>\/clear<\/command-name>/.test(content)
}

function label(value: unknown): Pick<Action, 'label'> {
  return typeof value === 'string' && value !== '' ? { label: value } : {}
}

function taskStatus(status: unknown): NonNullable<Action['todo_event']>['status'] {
  return status === 'pending' || status === 'in_progress' || status === 'completed' || status === 'deleted' ? status : undefined
}

function todosOf(list: unknown): NonNullable<Action['todos']> {
  if (!Array.isArray(list)) return []
  return list.filter(isRecord).map((todo) => ({
    content: textOf(todo.content) ?? '',
    status: todo.status === 'completed' || todo.status === 'in_progress' ? todo.status : 'pending',
  }))
}
