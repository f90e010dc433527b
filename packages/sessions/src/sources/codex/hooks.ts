/** The hooks of Codex. */
import { basename } from 'node:path'
import type { HookEvent, HookKind, SourceHooks } from '../hook-event.js'
import { type HookInput, readEvent } from '../hook-input.js'
import { printContext } from '../print-context.js'
import { folders } from './folders.js'
import { userParts } from './prompt.js'

const KINDS = new Map<string, HookKind>([
  ['SessionStart', 'start'],
  ['UserPromptSubmit', 'prompt'],
  ['Stop', 'turn_end'],
  ['Interrupt', 'turn_end'],
  ['PreCompact', 'before_compaction'],
  ['SessionEnd', 'end'],
  ['SubagentStart', 'subagent_start'],
  ['SubagentStop', 'subagent_stop'],
  ...['PreToolUse', 'PostToolUse', 'PermissionRequest', 'PostCompact', 'PreModelRequest', 'PostModelRequest'].map((name): [string, HookKind] => [name, 'other']),
])

export const hooks: SourceHooks = {
  read(input, { env, home }) {
    const { told, given } = readEvent(input, folders(env, home), KINDS, promptOf)
    const about = told.kind === 'subagent_start' || told.kind === 'subagent_stop'
    return about || given.has('agent_id') ? ofAgent(told, given) : told
  },
  print: printContext(['SessionStart', 'UserPromptSubmit']),
  clears_silently: true,
}

/**
 * An event of a sub-agent names the session at the root of all agents, and as its transcript the agent's own or the one
 * of the agent's parent. Whose it is stands in the file's name.
 */
function ofAgent(told: HookEvent, { word, transcript }: HookInput): HookEvent {
  const path = told.transcript_path
  const id = word('agent_id') ?? null
  const isOf = (owner: string | null) => path !== null && owner !== null && basename(path).includes(owner)
  return {
    ...told,
    transcript_path: isOf(told.external_id) ? path : null,
    agent: { external_id: id, transcript_path: transcript('agent_transcript_path') ?? (isOf(id) ? path : null) },
  }
}

function promptOf(text: string): string {
  return userParts({ content: text })
    .filter(({ is_human }) => is_human)
    .map(({ content }) => content.trim())
    .join('\n')
}
