/**
 * What is stored, as records. A field that is stored or sent is spelled one way everywhere, from the column to the
 * JSON of every surface, so that a search for its name finds all of it.
 */
import { z } from 'zod'
import { certainties, changeTypes, contentTypes, evidences, makers, relations, roles, statuses, type taskActions, taskStatuses } from './words.js'

/** An instant: UTC, ISO 8601 with milliseconds and `Z`, always 24 characters, so that text order is time order. */
export const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** A repository (with all its worktrees) or a folder that gobby knows. */
export const project = z.object({
  id: z.string(),
  name: z.string(),
  /** The top folder; null for the project `unknown`. */
  path: z.string().nullable(),
  /** The repository's common directory, which all its worktrees share; null outside git. */
  git_dir: z.string().nullable(),
  created_at: instant,
  updated_at: instant,
})
/** A stored project; see {@link project}. */
export type Project = z.infer<typeof project>

/** Tokens, each API message counted once. The four kinds do not overlap: `input_tokens` excludes what was cached. */
export const tokens = z.object({
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cache_read_tokens: z.number().int(),
  cache_creation_tokens: z.number().int(),
})
/** Counts of tokens; see {@link tokens}. */
export type Tokens = z.infer<typeof tokens>

/** One run of one CLI in a project. A resumed run is the same session. Identified by `source` and `external_id`. */
export const session = z.object({
  id: z.string(),
  seq_num: z.number().int(),
  /** The id the CLI itself gave the run. */
  external_id: z.string(),
  source: z.string(),
  project_id: z.string(),
  /** The project's name. */
  project: z.string(),
  machine_id: z.string(),
  title: z.string().nullable(),
  status: z.enum(statuses),
  cwd: z.string().nullable(),
  git_branch: z.string().nullable(),
  model: z.string().nullable(),
  transcript_path: z.string().nullable(),
  parent_session_id: z.string().nullable(),
  relation: z.enum(relations).nullable(),
  agent_depth: z.number().int(),
  message_count: z.number().int(),
  turn_count: z.number().int(),
  tool_call_count: z.number().int(),
  ...tokens.shape,
  skipped_lines: z.number().int(),
  summary_markdown: z.string().nullable(),
  compact_markdown: z.string().nullable(),
  created_at: instant,
  updated_at: instant,
  last_activity_at: instant,
  ended_at: instant.nullable(),
  /** What the CLI's hooks told last: `start`, `prompt`, `turn_end`, `end`, …; null where it has no hooks. */
  last_event: z.string().nullable(),
  /** `completed`: not to be handed on by itself; a new prompt takes it back. */
  stop_reason: z.string().nullable(),
})
/** A stored session; see {@link session}. */
export type Session = z.infer<typeof session>
/** One of {@link statuses}. */
export type Status = Session['status']
/** One of {@link relations}. */
export type Relation = (typeof relations)[number]
/** One of {@link roles}. */
export type Role = (typeof roles)[number]
/** One of {@link contentTypes}. */
export type ContentType = (typeof contentTypes)[number]

/** What a tool call does, in words that hold for every source. */
export const action = z.object({
  kind: z.enum(['edit', 'write', 'read', 'shell', 'search', 'todo', 'subagent', 'mcp', 'web', 'other']),
  /** Files, as the tool named them. `from` is the old path of a rename. */
  paths: z
    .array(z.object({ path: z.string(), change: z.enum(['added', 'modified', 'deleted', 'renamed']).optional(), from: z.string().optional() }))
    .optional(),
  command: z.string().optional(),
  /** What the tool was asked in a few words, where neither paths nor a command say it: a description, a query. */
  label: z.string().optional(),
  /** A call to a tool of an MCP server. */
  mcp: z.object({ server: z.string(), tool: z.string(), arguments: z.unknown() }).optional(),
  /** One change of a list whose tool speaks of single todos. A new one gets its id from the tool's result. */
  todo_event: z
    .object({ id: z.string().optional(), content: z.string().optional(), status: z.enum(['pending', 'in_progress', 'completed', 'deleted']).optional() })
    .optional(),
  /** The whole list, when the tool carries the whole list. */
  todos: z.array(z.object({ content: z.string(), status: z.enum(['pending', 'in_progress', 'completed']) })).optional(),
  /** Set when the source itself reported how it ended; otherwise the call's result tells. */
  succeeded: z.boolean().optional(),
  exit_status: z.number().int().optional(),
})
/** See {@link action}. */
export type Action = z.infer<typeof action>

/** One block of a transcript, normalised. */
export const message = z.object({
  /** The place in the transcript after the source's own replay, then the block; from 0, without gaps. */
  message_index: z.number().int(),
  role: z.enum(roles),
  content_type: z.enum(contentTypes),
  /** The text of `text` and `thinking`, a placeholder such as `[image/png 73 KB]` for `image`, empty for tool blocks. */
  content: z.string(),
  tool_name: z.string().nullable(),
  /** The arguments of a `tool_use`: an object, or a string where the tool takes raw text. */
  tool_input: z.unknown(),
  /** The output of a `tool_result`, as text. */
  tool_result: z.string().nullable(),
  tool_use_id: z.string().nullable(),
  is_error: z.boolean(),
  timestamp: instant.nullable(),
  model: z.string().nullable(),
})
/** A stored message; see {@link message}. */
export type Message = z.infer<typeof message>

/** What names a session or a task in short: its number in its project. */
export const numbered = z.object({
  id: z.string(),
  seq_num: z.number().int(),
  project_id: z.string(),
  /** The project’s name. */
  project: z.string(),
})
/** See {@link numbered}. */
export type Numbered = z.infer<typeof numbered>

/** Something to do in a project, numbered there by a counter of its own. */
export const task = z.object({
  /** `gt-` and six characters. */
  id: z.string(),
  seq_num: z.number().int(),
  project_id: z.string(),
  project: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  type: z.string(),
  /** 1 (highest) to 4. */
  priority: z.number().int(),
  /** `blocked` is stored nowhere: it is what an open or begun task shows as long as one that it waits for is not closed. */
  status: z.enum(taskStatuses),
  /** The id of the session that claimed it, or a name. */
  assignee: z.string().nullable(),
  /** The assignee, where it is a session. */
  assignee_session: numbered.nullable(),
  parent_task_id: z.string().nullable(),
  parent: numbered.nullable(),
  labels: z.array(z.string()),
  /** What it waits for and is not closed, in the order in which it was added. */
  blocked_by: z.array(numbered),
  created_at: instant,
  updated_at: instant,
  closed_at: instant.nullable(),
  closed_reason: z.string().nullable(),
  closed_commit_sha: z.string().nullable(),
})
/** A stored task; see {@link task}. */
export type Task = z.infer<typeof task>
/** One of {@link taskActions}. */
export type TaskAction = (typeof taskActions)[number]

/** What a session left for the next one. Never changed; a newer one is added. */
export const handoff = z.object({
  id: z.string(),
  session_id: z.string(),
  created_at: instant,
  made_by: z.enum(makers),
  notes: z.string().nullable(),
  /** The facts, as JSON of a shape that the makers of handoffs define. */
  context: z.unknown(),
  markdown: z.string(),
  sha256: z.string(),
  /** How many secrets were masked. */
  masked: z.number().int(),
  /** The session that received it. */
  delivered_to: z.string().nullable(),
})
/** A stored handoff; see {@link handoff}. */
export type Handoff = z.infer<typeof handoff>

/** The process that runs, or last ran, a session. */
export type Run = {
  session_id: string
  pid: number | null
  /** Tells this process from a later one with the same pid; null where the system does not say. */
  process_start: string | null
  terminal: string | null
  started_at: string
  seen_at: string
  ended_at: string | null
  end_reason: string | null
  owed_handoff_id: string | null
}

/** Something that changed. `id` only grows, in the order of the changes. */
export const change = z.object({
  id: z.number().int(),
  type: z.enum(changeTypes),
  created_at: instant,
  project_id: z.string().nullable(),
  session_id: z.string().nullable(),
  /** What the type adds: the new status, the place of the messages, the handoff, the task. */
  data: z.record(z.string(), z.unknown()),
})
/** See {@link change}. */
export type Change = z.infer<typeof change>

/** A git commit made in a session. */
export const commit = z.object({
  /** The full one when it was verified, as printed when not, null when only the message is known. */
  hash: z.string().nullable(),
  message: z.string(),
  /** The committer's date. */
  timestamp: instant.nullable(),
  author: z.string().nullable(),
  branch: z.string().nullable(),
  evidence: z.enum(evidences),
  certainty: z.enum(certainties),
})
/** A commit of a session; see {@link commit}. */
export type Commit = z.infer<typeof commit>
