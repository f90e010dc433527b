import type { Action } from '@gobby/storage'
import { type Call, happened } from './calls.js'
import { commitsIn, mayCommit } from './commit-output.js'
import { oneLine } from './command-kinds.js'

const STEPS = 10

/** The last steps in plain words, the newest last; looking around is told in one step. */
export function recentActivity(calls: Call[], shorten: (path: string) => string): string[] {
  const steps: { kind: string; text: string; times: number }[] = []
  // Far more calls than steps are looked at only where many of them collapse.
  for (const call of calls.slice(-400)) {
    for (const action of call.actions) {
      // More output of an earlier command is no step of its own.
      if (action.kind === 'shell' && !action.command) continue
      const kind = action.kind === 'read' || action.kind === 'search' || action.kind === 'todo' ? action.kind : ''
      const last = steps.at(-1)
      if (kind !== '' && last?.kind === kind) last.times++
      else steps.push({ kind, text: describe(call, action, shorten), times: 1 })
    }
  }
  return steps.slice(-STEPS).map(({ kind, text, times }) => (times === 1 ? text : (COLLAPSED[kind]?.(times) ?? text)))
}

const COLLAPSED: Record<string, (times: number) => string> = {
  read: (times) => `Read ${times} files`,
  search: (times) => `Searched ${times} times`,
  todo: () => 'Updated the todos',
}

function describe(call: Call, action: Action, shorten: (path: string) => string): string {
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
      return shell(call, action.command ?? '', failed)
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

function shell(call: Call, command: string, failed: string): string {
  const [commit] = failed === '' && mayCommit(command) ? commitsIn(command, call.result ?? '') : []
  if (commit) return `Commit ${commit.sha ? `${commit.sha.slice(0, 7)} ` : ''}${oneLine(commit.message, 80)}`
  return `Ran: ${oneLine(command, 100)}${failed}`
}
