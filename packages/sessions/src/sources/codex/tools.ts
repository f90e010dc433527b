/** What Codex's tools do, in gobby's words. */
import type { Action } from '@gobby/storage'
import { mcpCall } from '../mcp-call.js'
import { isRecord, textOf } from '../normalise.js'
import type { Outcome } from '../source.js'
import { patchAction, scriptActions } from './apply-patch.js'
import { codeActions, type PlanItem } from './code-mode.js'

export function actions(tool_name: string, input: unknown): Action[] {
  const fields = isRecord(input) ? input : {}
  switch (tool_name) {
    case 'shell':
    case 'container.exec':
    case 'local_shell':
    case 'shell_command':
    case 'exec_command':
      return shellActions(fields.command ?? fields.cmd, textOf(fields.workdir) ?? textOf(fields.working_directory))
    // More output of a command that still runs.
    case 'write_stdin':
      return [{ kind: 'shell' }]
    case 'wait':
      return [{ kind: fields.cell_id === undefined ? 'other' : 'shell' }]
    case 'apply_patch':
      return [patchAction(textOf(input) ?? textOf(fields.input) ?? textOf(fields.patch) ?? '') ?? { kind: 'edit' }]
    case 'exec':
      return orOther(codeActions(textOf(input) ?? textOf(fields.code) ?? textOf(fields.input) ?? '', todoAction))
    case 'update_plan':
      return [todoAction(planOf(fields.plan))]
    case 'view_image':
    case 'read_file':
    case 'list_dir':
      return [{ kind: 'read', ...pathsOf(fields.path ?? fields.file_path ?? fields.dir_path) }]
    case 'grep_files':
      return [{ kind: 'search', ...labelOf(fields.pattern ?? fields.path) }]
    case 'web_search':
      return [{ kind: 'web', ...labelOf(fields.query) }]
    case 'spawn_agent':
      return [{ kind: 'subagent', ...labelOf(fields.message ?? fields.prompt ?? fields.agent_type) }]
    default:
      return [mcpCall(tool_name, input) ?? { kind: tool_name.startsWith('web_') ? 'web' : 'other' }]
  }
}

/** How a command ended, as the tool's own text says it. */
export function outcome(tool_name: string, result: string): Outcome {
  if (tool_name === 'exec') return codeOutcome(result)
  const head = result.slice(0, 2000)
  const exit = /^(?:Process exited with code|Exit code:) (-?\d+)$/m.exec(head)?.[1]
  if (exit !== undefined) return { exit_status: Number(exit) }
  return /^(?:Process|Script) running with (?:session|cell) ID /m.test(head) ? { running: true } : {}
}

/** A script in code mode mostly prints what its commands gave as JSON; several that ended differently cannot be told apart. */
function codeOutcome(result: string): Outcome {
  if (/^Script running with cell ID /m.test(result.slice(0, 500))) return { running: true }
  const ends = new Set(Array.from(!result.includes('"exit_code":') ? [] : result.matchAll(/"exit_code":\s*(-?\d+)/g), ([, code]) => Number(code)))
  const [exit_status] = ends
  if (exit_status !== undefined) return ends.size === 1 ? { exit_status } : {}
  return result.includes('"session_id":') && /"session_id":\s*\d/.test(result) ? { running: true } : {}
}

function labelOf(value: unknown): Pick<Action, 'label'> {
  return typeof value === 'string' && value !== '' ? { label: value } : {}
}

const orOther = (found: Action[]): Action[] => (found.length > 0 ? found : [{ kind: 'other' }])

function pathsOf(path: unknown): Pick<Action, 'paths'> {
  return typeof path === 'string' && path !== '' ? { paths: [{ path }] } : {}
}

function shellActions(command: unknown, workdir: string | undefined): Action[] {
  if (Array.isArray(command) && /^apply_?patch$/.test(String(command[0]))) {
    return [patchAction(String(command[1] ?? ''), workdir) ?? { kind: 'edit' }]
  }
  const script = scriptOf(command)
  return script === undefined ? [{ kind: 'shell' }] : scriptActions(script, workdir)
}

/** A command as a person would type it: the script itself where a shell was started only to run it. */
export function scriptOf(command: unknown): string | undefined {
  if (typeof command === 'string') return command
  if (!Array.isArray(command) || command.length === 0) return undefined
  const words = command.map(String)
  const runsScript = words.length > 2 && /^(?:-[a-z]*c|-command|\/c)$/i.test(words[1] ?? '')
  if (runsScript) return words.slice(2).join(' ')
  return words.map((word) => (/^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}

function planOf(plan: unknown): PlanItem[] {
  if (!Array.isArray(plan)) return []
  return plan.filter(isRecord).map((item) => ({ step: textOf(item.step) ?? '', status: textOf(item.status) ?? '' }))
}

function todoAction(items: PlanItem[]): Action {
  const todos = items.filter(({ step }) => step !== '').map(({ step, status }) => ({ content: step, status: todoStatus(status) }))
  return { kind: 'todo', todos }
}

function todoStatus(status: string): 'pending' | 'in_progress' | 'completed' {
  return status === 'completed' || status === 'in_progress' ? status : 'pending'
}
