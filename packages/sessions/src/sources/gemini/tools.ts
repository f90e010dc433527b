/** What the Gemini CLI's tools do. */
import type { Action } from '@gobby/storage'
import { mcpCall } from '../mcp-call.js'
import { isRecord, textOf } from '../normalise.js'
import type { Outcome } from '../source.js'

const KINDS: Record<string, Action['kind']> = {
  write_file: 'write',
  replace: 'edit',
  edit: 'edit',
  read_file: 'read',
  read_many_files: 'read',
  list_directory: 'search',
  glob: 'search',
  grep_search: 'search',
  search_file_content: 'search',
  run_shell_command: 'shell',
  write_todos: 'todo',
  web_fetch: 'web',
  google_web_search: 'web',
  invoke_agent: 'subagent',
  delegate_to_agent: 'subagent',
  codebase_investigator: 'subagent',
  cli_help: 'subagent',
  generalist: 'subagent',
  browser_agent: 'subagent',
  read_mcp_resource: 'mcp',
  list_mcp_resources: 'mcp',
}

export function actions(tool_name: string, input: unknown): Action[] {
  const kind = kindOf(tool_name)
  const args = isRecord(input) ? input : {}
  switch (kind) {
    case 'write':
    case 'edit':
    case 'read':
      return [{ kind, paths: pathsIn(args).map((path) => ({ path })) }]
    case 'shell': {
      const command = textOf(args['command'])
      return [command === undefined ? { kind } : { kind, command }]
    }
    case 'todo':
      return [{ kind, ...todosIn(args['todos']) }]
    case 'mcp':
      return [mcpIn(tool_name, input)]
    default:
      return [{ kind, ...labelIn(args) }]
  }
}

/** `mcp_<server>_<tool>`, before 0.30 `<server>__<tool>`. A server with `_` in its name cannot be told from its tool. */
function mcpIn(tool_name: string, input: unknown): Action {
  const [, server, tool] = /^mcp_([^_]+)_(.+)$/.exec(tool_name) ?? []
  return server && tool ? { kind: 'mcp', mcp: { server, tool, arguments: input } } : (mcpCall(tool_name, input) ?? { kind: 'mcp' })
}

function labelIn(args: Record<string, unknown>): Pick<Action, 'label'> {
  const label = textOf(args['pattern'] ?? args['query'] ?? args['objective'] ?? args['agent_name'] ?? args['prompt'])
  return label ? { label } : {}
}

function kindOf(tool_name: string): Action['kind'] {
  if (Object.hasOwn(KINDS, tool_name)) return KINDS[tool_name] ?? 'other'
  return tool_name.startsWith('mcp_') || tool_name.includes('__') ? 'mcp' : 'other'
}

function pathsIn(args: Record<string, unknown>): string[] {
  const named = args['file_path'] ?? args['absolute_path'] ?? args['path'] ?? args['include'] ?? args['paths']
  return (Array.isArray(named) ? named : [named]).filter((path) => typeof path === 'string' && path !== '') as string[]
}

/** The tool carries the whole list at every call. A cancelled item is no longer on it. */
function todosIn(list: unknown): Pick<Action, 'todos'> {
  if (!Array.isArray(list)) return {}
  const todos: NonNullable<Action['todos']> = []
  for (const item of list) {
    const content = isRecord(item) ? textOf(item['description']) : undefined
    if (content === undefined || item.status === 'cancelled') continue
    const status = item.status === 'completed' || item.status === 'in_progress' ? item.status : 'pending'
    todos.push({ content, status })
  }
  return { todos }
}

/** What a command printed, without what the CLI writes above and below it. */
export function outcome(tool_name: string, result: string): Outcome {
  const head = kindOf(tool_name) === 'shell' ? /^(?:<untrusted_context>\n)?(?:Command: .*\n)?(?:Directory: .*\n)?(?:Stdout|Output): /.exec(result) : null
  return head ? { printed: result.slice(head[0].length).replace(TAIL, '') } : {}
}

const TAIL = /(?:\n(?:(?:Stderr|Error): \((?:none|empty)\)|Exit Code: -?\d+|(?:Signal|Background PIDs|Process Group PGID): .*|<\/untrusted_context>))+\s*$/

/** What the CLI reported about a finished call that its arguments do not say. */
export function reported(call: { name: string; args: unknown; status?: string; display: unknown }, output: string): Action[] | null {
  const [action] = actions(call.name, call.args)
  if (action?.kind === 'shell') {
    const exit_status = exitStatusIn(output)
    return exit_status === undefined ? null : [{ ...action, exit_status, succeeded: exit_status === 0 }]
  }
  if ((action?.kind === 'edit' || action?.kind === 'write') && call.status === 'success' && isRecord(call.display)) {
    const path = textOf(call.display['filePath'])
    const change = call.display['isNewFile'] === true ? 'added' : 'modified'
    return path ? [{ kind: action.kind, paths: [{ path, change }], succeeded: true }] : null
  }
  return null
}

/** The status that the CLI prints behind the output: newer versions only when it is not 0. */
function exitStatusIn(output: string): number | undefined {
  // Only the end can be the CLI's own line; what stands before is the command's.
  const found = /Exit Code: (-?\d+)(?:(?:\n|\\n)(?:Signal|Background PIDs|Process Group PGID): [^\n]*)*(?:\n<\/untrusted_context>)?\s*$/.exec(output.slice(-2000))
  return found ? Number(found[1]) : undefined
}
