/** Which files a session changed, by its tools alone. */
import { isAbsolute, join, relative } from 'node:path'
import type { Action, Session, ToolCall } from '@gobby/storage'
import type { Context } from './context.js'
import { sourceNamed } from './sources/index.js'

/** The files that successful edits touched, the newest touch first; relative to the session's folder when inside it. */
export async function filesTouched(ctx: Context, session: Session): Promise<string[]> {
  const calls = await ctx.store.messages.calls(session.id)
  const files = new Set<string>()
  for (const call of calls.reverse()) {
    for (const path of pathsOf(call, session.source).reverse()) files.add(shortened(path, session.cwd))
  }
  return [...files]
}

function pathsOf(call: ToolCall, source: string): string[] {
  return actionsOf(call, source)
    .filter((action) => (action.kind === 'edit' || action.kind === 'write') && (action.succeeded ?? call.is_error === false))
    .flatMap((action) => (action.paths ?? []).map(({ path }) => path))
}

/** What a call did: what the source reported of it, and, of the kinds it did not report, what the call asked for. */
export function actionsOf(call: Pick<ToolCall, 'tool_name' | 'tool_input' | 'actions'>, source: string): Action[] {
  const reported = call.actions ?? []
  const asked = sourceNamed(source)?.actions(call.tool_name, call.tool_input) ?? []
  const kind = (action: Action) => (action.kind === 'write' ? 'edit' : action.kind)
  return [...asked.filter((action) => !reported.some((known) => kind(known) === kind(action))), ...reported]
}

/** A path as people read it. */
export function shortened(path: string, cwd: string | null): string {
  if (cwd === null || !isAbsolute(cwd)) return path
  const inside = relative(cwd, isAbsolute(path) ? path : join(cwd, path))
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside
}
