import type { Action } from '@gobby/storage'
import { type Call, happened } from './calls.js'

export type TaskMention = { id: string; title: string | null; closed: boolean }

const TASK_ID = /\bgt-[0-9a-z]{6}\b/
const WORK = new Set(['create_task', 'claim_task', 'update_task', 'close_task', 'link_task_to_session'])

/** The task that task tools last spoke of: called directly, or through `call_tool`. Failed calls count for nothing. */
export function taskOf(calls: Call[]): TaskMention | null {
  const tasks = new Map<string, TaskMention>()
  for (const call of calls) {
    for (const action of call.actions) {
      const asked = call.is_sidechain || !happened(call, action) ? undefined : taskCall(action)
      if (!asked) continue
      const id = asked.arguments.task_id ?? asked.arguments.id ?? TASK_ID.exec(call.result ?? '')?.[0]
      if (typeof id !== 'string') continue
      const title = asked.arguments.title
      const before = tasks.get(id)
      tasks.delete(id)
      tasks.set(id, { id, title: typeof title === 'string' ? title : (before?.title ?? null), closed: asked.tool === 'close_task' })
    }
  }
  return [...tasks.values()].findLast(({ closed }) => !closed) ?? null
}

function taskCall(action: Action): { tool: string; arguments: Record<string, unknown> } | undefined {
  if (!action.mcp) return undefined
  const direct = { server: action.mcp.server, tool: action.mcp.tool, arguments: fieldsOf(action.mcp.arguments) }
  const server = direct.arguments.server_name ?? direct.arguments.server
  const through = direct.tool === 'call_tool' ? { server: String(server), tool: String(direct.arguments.tool_name), arguments: fieldsOf(direct.arguments.arguments) } : direct
  return /^gobby([-_]tasks)?$/.test(through.server) && WORK.has(through.tool) ? through : undefined
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
