import { posix, win32 } from 'node:path'
import { type Call, happened } from './calls.js'
import type { TouchedFile } from '../handoff/handoff-context.js'

/** One successful edit of one file. */
export type Touch = { path: string; change: TouchedFile['change'] | undefined; by: TouchedFile['by']; timestamp: string | null }

/** The edits that really happened, in order. Failed and refused ones changed nothing. */
export function touchesOf(calls: Call[], by: TouchedFile['by'] = 'session'): Touch[] {
  return calls.flatMap((call) =>
    call.actions.flatMap((action) => {
      if ((action.kind !== 'edit' && action.kind !== 'write') || !happened(call, action)) return []
      return (action.paths ?? []).flatMap(({ path, change, from }) => {
        const how = change ?? (call.outcome.created ? 'added' : undefined)
        const touch: Touch = { path, change: how, by: call.is_sidechain ? 'subagent' : by, timestamp: call.timestamp }
        return from ? [{ ...touch, path: from, change: 'deleted' as const }, touch] : [touch]
      })
    }),
  )
}

/**
 * Each file once, the newest touch first.
 *
 * @param folder paths inside it are given relative to it; relative ones count from `cwd`
 */
export function filesOf(touches: Touch[], { folder, cwd }: { folder: string | null; cwd: string | null }): TouchedFile[] {
  const files = new Map<string, TouchedFile>()
  for (const { path, change, by } of inOrder(touches)) {
    const name = shortened(path, folder, cwd)
    const before = files.get(name)
    files.delete(name)
    const born = before?.change === 'added' && change !== 'deleted' && change !== 'renamed'
    files.set(name, { path: name, change: born ? 'added' : (change ?? 'modified'), by: before && before.by !== by ? 'session' : by })
  }
  return [...files.values()].reverse()
}

/** Sub-agents work beside their parent: by time, where both have one. */
function inOrder(touches: Touch[]): Touch[] {
  return touches.map((touch, i) => ({ touch, i })).sort((a, b) => (a.touch.timestamp && b.touch.timestamp ? Date.parse(a.touch.timestamp) - Date.parse(b.touch.timestamp) : 0) || a.i - b.i).map(({ touch }) => touch)
}

function shortened(path: string, folder: string | null, cwd: string | null): string {
  // A session may have been at work on another system than this one, WSL for one.
  const { isAbsolute, normalize, relative, resolve } = [path, folder, cwd].some((name) => /^[A-Za-z]:[\\/]/.test(name ?? '')) ? win32 : posix
  const full = isAbsolute(path) ? normalize(path) : cwd && isAbsolute(cwd) ? resolve(cwd, path) : normalize(path)
  if (!folder || !isAbsolute(full)) return full
  const inside = relative(folder, full)
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? full : inside
}
