/** The hooks of the Gemini CLI. What its sub-agents do it tells as if the session itself did it. */
import type { HookKind, SourceHooks } from '../hook-event.js'
import { readEvent } from '../hook-input.js'
import { isRecord } from '../normalise.js'
import { printContext } from '../print-context.js'
import { folders } from './folders.js'
import { isCommand, isMachineWritten, split } from './prompt.js'

const KINDS = new Map<string, HookKind>([
  ['SessionStart', 'start'],
  ['BeforeAgent', 'prompt'],
  ['AfterAgent', 'turn_end'],
  ['PreCompress', 'before_compaction'],
  ['SessionEnd', 'end'],
  ...['BeforeModel', 'AfterModel', 'BeforeToolSelection', 'BeforeTool', 'AfterTool', 'Notification'].map((name): [string, HookKind] => [name, 'other']),
])

export const hooks: SourceHooks = {
  read: (input, { env, home }) => readEvent(input, folders(env, home), KINDS, promptOf).told,
  print: printContext(['SessionStart', 'BeforeAgent']),
  compacts_silently: true,
  compactions: (state) => (isRecord(state) && typeof state['compactions'] === 'number' ? state['compactions'] : undefined),
  // Of a cleared or (in a terminal) resumed session it shows the notice, and drops the rest.
  unheard: ['clear', 'resume'],
}

function promptOf(text: string): string {
  const { own } = split(text)
  return isCommand(own) || isMachineWritten(own) ? '' : own
}
