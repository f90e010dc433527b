/** The first record of a rollout, in its two forms: whose session it is. */
import { instantOf, isRecord, textOf } from '../normalise.js'
import type { TranscriptHead } from '../source.js'

export type Header = {
  id: string
  time: string | null
  cwd: string | null
  git_branch: string | null
  parent: TranscriptHead['parent']
  /** Started by another session: its prompts are machine-written. */
  is_child: boolean
}

export function headerOf(record: unknown): Header | undefined {
  if (!isRecord(record)) return undefined
  const meta = record.type === 'session_meta' ? record.payload : isBare(record) ? record : undefined
  if (!isRecord(meta)) return undefined
  // `session_id` may be the root of a tree of agents; it counts only where a file has no `id`.
  const id = textOf(meta.id) ?? textOf(meta.session_id)
  if (!id) return undefined
  const git = isRecord(meta.git) ? meta.git : {}
  return {
    id,
    time: instantOf(meta.timestamp) ?? instantOf(record.timestamp),
    cwd: textOf(meta.cwd) || null,
    git_branch: textOf(git.branch) || null,
    parent: parentOf(meta),
    is_child: subagentOf(meta) !== undefined,
  }
}

/** Before 0.39 the header had no type; `instructions` was always written, and no other CLI's header has it. */
function isBare(record: Record<string, unknown>): boolean {
  return record.type === undefined && 'instructions' in record && typeof record.timestamp === 'string'
}

function parentOf(meta: Record<string, unknown>): TranscriptHead['parent'] {
  const subagent = subagentOf(meta)
  if (subagent !== undefined) {
    const spawn = isRecord(subagent) && isRecord(subagent.thread_spawn) ? subagent.thread_spawn : {}
    const external_id = textOf(spawn.parent_thread_id) ?? textOf(meta.parent_thread_id)
    return external_id ? { external_id, relation: 'subagent' } : null
  }
  const fork = textOf(meta.forked_from_id)
  return fork ? { external_id: fork, relation: 'fork' } : null
}

function subagentOf(meta: Record<string, unknown>): unknown {
  if (isRecord(meta.source) && meta.source.subagent != null) return meta.source.subagent
  return meta.thread_source === 'subagent' ? 'subagent' : undefined
}

/** The folder that an environment block names: the only place where a bare rollout says it. */
export function folderIn(text: string): string | undefined {
  if (!text.includes('<environment_context>')) return undefined
  return (/<cwd>([^<\n]+)<\/cwd>/.exec(text) ?? /^Current working directory: (.+)$/m.exec(text))?.[1]?.trim()
}
