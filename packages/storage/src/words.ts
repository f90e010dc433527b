/** The words that fields may hold. Apart from the records, so that who needs only these loads no schemas. */

/** What state a session is in. `handoff_ready`: it ended, and left a handoff that nobody received yet. */
export const statuses = ['active', 'paused', 'expired', 'archived', 'handoff_ready'] as const
/** How a session came from its parent. */
export const relations = ['handoff', 'fork', 'subagent'] as const
/** Who speaks in a message. A tool’s result is `tool`; text that a CLI or a hook put in is `system`. */
export const roles = ['user', 'assistant', 'system', 'tool'] as const
/** What a message is. Each block of a transcript is one message. */
export const contentTypes = ['text', 'thinking', 'tool_use', 'tool_result', 'image'] as const
/** What state a task is in; `blocked` follows from what it waits for. */
export const taskStatuses = ['open', 'in_progress', 'blocked', 'closed'] as const
/** What a session did with a task. */
export const taskActions = ['worked_on', 'discovered', 'mentioned', 'claimed', 'closed'] as const
/** Who made a handoff. */
export const makers = ['person', 'agent', 'hook'] as const
/** What shows that a commit belongs to a session: its own tool output, its worktree’s reflog, or only the log’s dates. */
export const evidences = ['tool_output', 'reflog', 'log'] as const
/**
 * How sure it is. `certain`: printed by the session and found by git. `likely`: in its worktree’s reflog at the time. `reported`: printed, in
 * no repository to check. `candidate`: only the date fits.
 */
export const certainties = ['certain', 'likely', 'reported', 'candidate'] as const
/** What a change is called in the live stream. */
export const changeTypes = [
  'session.created',
  'session.updated',
  'session.deleted',
  'session.message',
  'handoff.created',
  'handoff.delivered',
  'task.created',
  'task.updated',
  'task.closed',
  'task.deleted',
  'task.linked',
] as const
