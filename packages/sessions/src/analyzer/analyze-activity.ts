import type { Action } from '@gobby/storage'
import { type Call, happened } from './calls.js'
import { commitsIn, mayCommit } from '../git/commit-output.js'
import { partsOf } from './command-parts.js'
import { isLook, oneLine, told } from './command-kinds.js'

const STEPS = 10

/** The last steps in plain words, the newest last; looking around is told in one step, and so is the same step again. */
export function recentActivity(calls: Call[], shorten: (path: string) => string, home: string | null): string[] {
  const steps: { kind: string; text: string; times: number }[] = []
  // Far more calls than steps are looked at only where many of them collapse.
  for (const call of calls.slice(-400)) {
    for (const action of call.actions) {
      if (action.kind === 'shell' && isNoStep(call, action)) continue
      const kind = lookKind(action)
      const last = steps.at(-1)
      const text = describe(call, action, shorten, home)
      if (last && (kind === '' ? last.text === text : last.kind === kind)) last.times++
      else steps.push({ kind, text, times: 1 })
    }
  }
  return steps.slice(-STEPS).map(({ kind, text, times }) => (times === 1 ? text : (COLLAPSED[kind]?.(times) ?? `${text} (${times} times)`)))
}

/** More output of an earlier command; or a script that only hands over a patch, which is told as the edit that it is. */
function isNoStep(call: Call, { command }: Action): boolean {
  return !command || (call.actions.some(({ kind }) => kind === 'edit') && partsOf(command).length === 1)
}

function lookKind({ kind, command }: Action): string {
  if (kind === 'shell') return command && isLook(command) ? 'look' : ''
  return Object.hasOwn(COLLAPSED, kind) ? kind : ''
}

const COLLAPSED: Record<string, (times: number) => string> = {
  read: (times) => `Read ${times} files`,
  search: (times) => `Searched ${times} times`,
  look: (times) => `Looked around with ${times} commands`,
  todo: () => 'Updated the todos',
}

function describe(call: Call, action: Action, shorten: (path: string) => string, home: string | null): string {
  const failed = call.ended !== 'open' && !happened(call, action) ? ' (failed)' : ''
  const paths = (action.paths ?? []).map(({ path, change }) => `${change === 'deleted' ? 'deleted ' : ''}${shorten(path)}`).join(', ')
  switch (action.kind) {
    case 'edit':
      return `Edit ${paths}${failed}`
    case 'write':
      return `Write ${paths}${failed}`
    case 'read':
      return `Read ${paths || 'a file'}${failed}`
    case 'search':
      return `Searched${action.label ? `: ${oneLine(action.label, 60)}` : ''}${failed}`
    case 'shell':
      return shell(call, action.command ?? '', failed, home)
    case 'todo':
      return `Updated the todos${failed}`
    case 'subagent':
      return `Sub-agent${action.label ? `: ${oneLine(action.label, 80)}` : ''}${failed}`
    case 'mcp':
      return `Called ${action.mcp ? `${action.mcp.server}.${action.mcp.tool}` : call.tool_name}${failed}`
    case 'web':
      return `Web${action.label ? `: ${oneLine(action.label, 80)}` : ''}${failed}`
    default:
      return `Called ${call.tool_name}${failed}`
  }
}

function shell(call: Call, command: string, failed: string, home: string | null): string {
  const [commit] = failed === '' && mayCommit(command) ? commitsIn(command, call.result ?? '') : []
  if (commit) return `Commit ${commit.sha ? `${commit.sha.slice(0, 7)} ` : ''}${oneLine(commit.message, 80)}`
  return `Ran: ${told(command, home, 100)}${failed}`
}
