/** What Codex tells a server about the turn that a request comes from. */
import { isRecord, textOf } from '../normalise.js'

/**
 * The session and folder of a request. A sub-agent has a thread of its own, and names the session it works for; a thread
 * that a person began names itself.
 */
export function callerOf({ meta }: { meta: Record<string, unknown> }): { external_id?: string; cwd?: string } | undefined {
  const turn = meta['x-codex-turn-metadata']
  const { thread_source, workspaces, session_id, thread_id } = isRecord(turn) ? turn : {}
  const session = textOf(meta.sessionId) || textOf(session_id)
  const thread = textOf(meta.threadId) || textOf(thread_id)
  const external_id = (thread_source === undefined || thread_source === 'user' ? thread || session : session || thread) || undefined
  const cwd = isRecord(workspaces) ? Object.keys(workspaces)[0] : undefined
  return external_id === undefined && cwd === undefined ? undefined : { external_id, cwd }
}
