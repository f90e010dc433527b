/**
 * What gobby must know of one CLI. Everything that holds for a single CLI stands in its folder; nothing outside that
 * folder names it, but the one line that lists it in `index.ts`.
 */
import type { Action, NewMessage, SessionFacts, SkippedLine, ApiUsage } from '@gobby/storage'
import type { SourceHooks } from './hook-event.js'
import type { SourceInstall } from './source-install.js'
import type { TranscriptFile } from './transcript-file.js'

/** One CLI: where its transcripts are, and how they are read. A new one implements this and passes the shared tests. */
export type Source = {
  /** As stored in `session.source`: lower case, one word. */
  name: string
  /** As people write it. */
  label: string
  /** Raise it when the same bytes would give other messages: every transcript is then read again and matched. */
  parser_version: number
  /** The folders where this CLI keeps transcripts, whether they exist or not. */
  folders(env: Record<string, string | undefined>, home: string): string[]
  /** Whether a file below one of `folders` is a transcript, by its path alone (a listing of thousands opens none). */
  keeps(path: string): boolean
  /**
   * Reads as many lines from the top as it takes to tell whose session this is. `undefined`: not written by this CLI.
   * Must refuse look-alikes: it is asked about any file that a person names.
   */
  peek(file: { path: string; lines: Iterable<string> }): TranscriptHead | undefined
  /** True where the CLI rewrites what it wrote: each read starts at the first byte and is matched with what is stored. */
  rereads?: true
  /** Reads the transcript from `resume` (or the start) to its end, in steps of a few megabytes. */
  read(file: TranscriptFile, resume: Resume | undefined): AsyncIterable<ReadStep>
  /** The `external_id` of the session that a process was started by, from the variables the CLI sets. */
  callingSession?(env: Record<string, string | undefined>): string | undefined
  /**
   * What the CLI tells a server of its session and folder: in the metadata of a request, or in the variables it starts the
   * server with. No `external_id` from a variable: a server outlives the session it was started in. Undefined: it is not this CLI.
   */
  callerOf?(request: { meta: Record<string, unknown>; env: Record<string, string | undefined> }): { external_id?: string; cwd?: string } | undefined
  /** What the output of a call tells beyond success: what an analysis cannot know from the call alone. Pure. */
  outcome?(tool_name: string, result: string, failed: boolean): Outcome
  /** Whether a `system` message is the person's order to forget all before it, inside one transcript. */
  startsAnew?(content: string): boolean
  /** How this CLI tells what happens in it; absent where it has no hooks. */
  hooks?: SourceHooks
  /** How gobby is put into this CLI's own settings; absent where that cannot be. */
  install?: SourceInstall
  /** What a tool call does. Pure; unknown tools are `other`. `input` is the parsed `tool_input`. */
  actions(tool_name: string, input: unknown): Action[]
}

export type Outcome = {
  exit_status?: number
  /** The command goes on after the call has answered. */
  running?: boolean
  /** The id given to the todo that the call made. */
  todo_id?: string
  /** The file written was not there before. */
  created?: boolean
  /** What a command printed, where the result says more around it. */
  printed?: string
}

/** Whose session a transcript holds. */
export type TranscriptHead = {
  external_id: string
  /** Null where the transcript does not say. */
  cwd: string | null
  /** Null where no line has a time; the file's own time is taken then. */
  started_at: string | null
  git_branch: string | null
  /** The session this one came from, by that session's `external_id`. */
  parent: { external_id: string; relation: 'fork' | 'subagent' } | null
  /** Two files of one session: the higher one is read. 0 when there is only one form. */
  preference: number
  /** The id of a line that a fork would copy: two sessions with the same mark, and the later came from the earlier. */
  mark?: string
  /** A session that this one may have come from: decides which of two with the same mark and start is the earlier. */
  follows?: string
}

/** Where an earlier read ended. */
export type Resume = { offset: number; next_index: number; parser_state: unknown }

/** What one stretch of a transcript gives. */
export type ReadStep = {
  messages: NewMessage[]
  amendments: { message_index: number; actions: Action[] }[]
  usage: ApiUsage[]
  facts: SessionFacts
  skipped: SkippedLine[]
  /** All before this byte is in this step or an earlier one. */
  offset: number
  parser_state: unknown
}

/** A parser of transcripts whose lines are records and only ever grow at the end. It never throws on what a line holds. */
export type LineParser = {
  record(value: unknown, draft: Draft): void
  /** Called once when a step is full or the file ends, for facts that are only worth computing then. */
  endStep?(draft: Draft): void
  /** What it must remember to go on later; must survive JSON. */
  save(): unknown
}

/** The step that a parser is filling. */
export class Draft {
  messages: NewMessage[] = []
  amendments: ReadStep['amendments'] = []
  usage: ApiUsage[] = []
  facts: SessionFacts = {}
  /** Reasons to pass over the current record; the reader adds the position. */
  skips: string[] = []
  #first: number

  constructor(first_index: number) {
    this.#first = first_index
  }

  /** The `message_index` that the next message gets. */
  get next_index(): number {
    return this.#first + this.messages.length
  }

  add(fields: Partial<NewMessage> & Pick<NewMessage, 'role' | 'content_type'>): void {
    this.messages.push({
      role: fields.role,
      content_type: fields.content_type,
      content: fields.content ?? '',
      tool_name: fields.tool_name ?? null,
      tool_input: fields.tool_input ?? null,
      tool_result: fields.tool_result ?? null,
      tool_use_id: fields.tool_use_id ?? null,
      is_error: fields.is_error ?? false,
      is_prompt: fields.is_prompt ?? false,
      is_sidechain: fields.is_sidechain ?? false,
      searchable: fields.searchable ?? true,
      timestamp: fields.timestamp ?? null,
      model: fields.model ?? null,
      actions: fields.actions ?? null,
    })
    if (fields.timestamp) this.sawTime(fields.timestamp)
  }

  /** Adds what the source reported later about a message, wherever that message is by now. */
  amend(message_index: number, actions: Action[]): void {
    const message = this.messages[message_index - this.#first]
    if (message) message.actions = [...(message.actions ?? []), ...actions]
    else this.amendments.push({ message_index, actions })
  }

  /** Takes an instant into the session's span: it starts with the first that its transcript names. */
  sawTime(timestamp: string): void {
    this.facts.started_at ??= timestamp
    if (!this.facts.last_activity_at || timestamp > this.facts.last_activity_at) this.facts.last_activity_at = timestamp
  }

  /** Notes a line that a fork would copy as its first (see `TranscriptHead.mark`). */
  mark(id: string): void {
    ;(this.facts.marks ??= []).push(id)
  }

  /** Counts the record as passed over: a line that is broken, or of a type nobody has seen yet. */
  skip(reason: string): void {
    this.skips.push(reason)
  }
}
