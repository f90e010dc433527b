import type { Action } from '@gobby/storage'

/** The action of a tool named `mcp__<server>__<tool>`; undefined when the name is of another kind. */
export function mcpCall(tool_name: string, input: unknown): Action | undefined {
  const [, server, tool] = /^(?:mcp__)?(.+?)__(.+)$/.exec(tool_name) ?? []
  return server && tool ? { kind: 'mcp', mcp: { server, tool, arguments: input } } : undefined
}
