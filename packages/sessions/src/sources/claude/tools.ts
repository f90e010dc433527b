/** What Claude Code's tools do. */
import type { Action } from '@gobby/storage'
import { isRecord, textOf } from '../normalise.js'

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
    case 'ToolSearch':
      return [{ kind: 'search' }]
    case 'TodoWrite':
      return [{ kind: 'todo', todos: todosOf(fields.todos) }]
    case 'TaskCreate':
    case 'TaskUpdate':
    case 'TaskList':
    case 'TaskGet':
      return [{ kind: 'todo' }]
    case 'Task':
    case 'Agent':
      return [{ kind: 'subagent' }]
    case 'WebFetch':
    case 'WebSearch':
    case 'web_search':
      return [{ kind: 'web' }]
    default:
      return [{ kind: tool_name.startsWith('mcp__') ? 'mcp' : 'other' }]
  }
}

function todosOf(list: unknown): NonNullable<Action['todos']> {
  if (!Array.isArray(list)) return []
  return list.filter(isRecord).map((todo) => ({
    content: textOf(todo.content) ?? '',
    status: todo.status === 'completed' || todo.status === 'in_progress' ? todo.status : 'pending',
  }))
}
