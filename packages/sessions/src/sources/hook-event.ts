/** What the hooks of any CLI tell, in one language. What an event does stands in `hooks.ts`. */
import type { Env } from '../config.js'

/** Which moment of a session it is. `other`: known, and without a meaning for a session (a tool, a notification). */
export type HookKind = 'start' | 'prompt' | 'turn_end' | 'before_compaction' | 'end' | 'subagent_start' | 'subagent_stop' | 'other'

/** How a session began to run. */
export const beginnings = ['startup', 'resume', 'clear', 'compact', 'fork'] as const
export type Beginning = (typeof beginnings)[number]

/** One event of one CLI. */
export type HookEvent = {
  /** The CLI's own name for it. */
  event: string
  /** Null: nobody knows what it means; it is counted. */
  kind: HookKind | null
  /** The CLI's own id of the session. */
  external_id: string
  /** Where its transcript is, or will be: the file often is not there yet. */
  transcript_path: string | null
  cwd: string | null
  model?: string
  /** With `start`. */
  beginning?: Beginning
  /** With `prompt`: what the person wrote, without what was put around it; empty when that is nothing. */
  prompt?: string
  /** With `before_compaction`: `auto` is not yet one where the CLI says so before every turn. */
  trigger?: 'manual' | 'auto'
  /** With `end`: `clear` when a new session follows in the same process. */
  reason?: 'clear' | 'other'
  /** Set when it happened in a sub-agent, or is about one; the ids as transcripts give them. */
  agent?: { external_id: string | null; transcript_path: string | null }
}

/** What is said back. `context` reaches the model, `notice` the person, where the CLI shows it. */
export type HookAnswer = { context?: string; notice?: string }

/** How every notice begins: where a CLI writes it down, it is known as ours. */
export const noticeMark = 'gobby: session '

/** The hooks of one CLI: translation only, pure. */
export type SourceHooks = {
  /**
   * @param input the JSON that the CLI wrote to the hook's standard input
   * @throws GobbyError `invalid`, saying why the event is refused: no session id, a transcript outside the CLI's folders
   */
  read(input: unknown, where: { env: Env; home: string }): HookEvent
  /** What the hook prints, in exactly the form that the CLI takes for this event; empty for nothing. */
  print(event: HookEvent, answer: HookAnswer): string
  /** True where no end comes when the person clears: the new start ends the process's session before it. */
  clears_silently?: true
  /** True where no start follows a compaction, and `before_compaction` comes before every turn. */
  compacts_silently?: true
  /** How many compactions the transcript told of, by the `parser_state` of its last read; undefined where that does not say. */
  compactions?(parser_state: unknown): number | undefined
  /** Beginnings at which `context` reaches no model: it is given with the first prompt after them. */
  unheard?: readonly Beginning[]
}
