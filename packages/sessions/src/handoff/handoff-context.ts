/** What the next session must know: the record that is stored, rendered and sent. */
import { type Commit, commit } from '@gobby/storage'
import { z } from 'zod'

export const commitRecord = commit
/** See `commit` of @gobby/storage. */
export type CommitRecord = Commit

export const todo = z.object({ content: z.string(), status: z.enum(['pending', 'in_progress', 'completed']) })
export type Todo = z.infer<typeof todo>

export const touchedFile = z.object({
  path: z.string(),
  change: z.enum(['added', 'modified', 'deleted', 'renamed']),
  by: z.enum(['session', 'subagent']),
})
export type TouchedFile = z.infer<typeof touchedFile>

export const handoffContext = z.object({
  initial_goal: z.string().nullable(),
  /** The last prompt that changed the task; null when there was none after the goal. */
  latest_request: z.string().nullable(),
  active_task: z.object({ id: z.string(), ref: z.string().nullable(), title: z.string(), status: z.string() }).nullable(),
  todos: z.array(todo),
  /** Plain paths, the newest touch first, deleted ones included. */
  files_modified: z.array(z.string()),
  files: z.array(touchedFile),
  git_commits: z.array(commitRecord.pick({ hash: true, message: true, timestamp: true })),
  /** The text of `git status --short`; null without a repository. */
  git_status: z.string().nullable(),
  /** Build, test and lint commands, the newest last. `exit_status` is null while one runs, or was never seen to end. */
  commands: z.array(z.object({ command: z.string(), exit_status: z.number().int().nullable() })),
  open_problems: z.array(z.string()),
  /** The last steps, the newest last. */
  recent_activity: z.array(z.string()),
  notes: z.string().nullable(),
})
/** See {@link handoffContext}. */
export type HandoffContext = z.infer<typeof handoffContext>
