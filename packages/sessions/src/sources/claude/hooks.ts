/** The hooks of Claude Code. */
import type { HookKind, SourceHooks } from '../hook-event.js'
import { readEvent } from '../hook-input.js'
import { printContext } from '../print-context.js'
import { folders } from './folders.js'
import { partsOfText } from './prompts.js'

const KINDS = new Map<string, HookKind>([
  ['SessionStart', 'start'],
  ['UserPromptSubmit', 'prompt'],
  ['Stop', 'turn_end'],
  ['StopFailure', 'turn_end'],
  ['PreCompact', 'before_compaction'],
  ['SessionEnd', 'end'],
  ['SubagentStart', 'subagent_start'],
  ['SubagentStop', 'subagent_stop'],
  ...[
    'PreToolUse PostToolUse PostToolUseFailure PostToolBatch Notification UserPromptExpansion PostCompact PreModelSwitch PostModelSwitch',
    'PermissionRequest PermissionDenied Setup TeammateIdle TaskCreated TaskCompleted Elicitation ElicitationResult ConfigChange',
    'WorktreeCreate WorktreeRemove InstructionsLoaded CwdChanged FileChanged DirectoryAdded MessageDisplay',
  ].flatMap((names) => names.split(' ').map((name): [string, HookKind] => [name, 'other'])),
])

export const hooks: SourceHooks = {
  read(input, { env, home }) {
    const { told, given } = readEvent(input, folders(env, home), KINDS, promptOf)
    if (told.kind === 'prompt' && MACHINES.includes(given.text('source') ?? '')) told.prompt = ''
    const about = told.kind === 'subagent_start' || told.kind === 'subagent_stop'
    if (about || given.has('agent_id')) {
      const id = given.word('agent_id')
      // As its transcript's file is named, and the folder that this lies in.
      told.agent = { external_id: id === undefined ? null : `agent-${id}@${told.external_id}`, transcript_path: given.transcript('agent_transcript_path') }
    }
    // The CLI's own helper, which writes the summary of a compaction, has no type, no start and no transcript.
    if (told.kind === 'subagent_stop' && given.word('agent_type') === undefined) told.kind = 'other'
    return told
  },
  print: printContext(['SessionStart', 'UserPromptSubmit']),
}

/** Who sends a prompt in the person's place: a timer, an event. */
const MACHINES = ['system', 'loop_wakeup', 'schedule_wakeup', 'poll_event']
/** A command, which stands for a text of its own; a path may begin a prompt too. */
const COMMAND = /^\s*\/[^\s/]+(?:\s|$)/

function promptOf(text: string): string {
  if (COMMAND.test(text)) return ''
  return partsOfText(text)
    .filter(({ written }) => written === 'person')
    .map((part) => part.text.trim())
    .join('\n')
}
