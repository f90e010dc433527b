/** Which operations agents are given, in which registry, and what holds for them there. */
import type { Operation } from '@gobby/sessions'
import {
  createHandoff,
  findCommitSessions,
  getCurrentSession,
  getHandoffContext,
  getSession,
  getSessionCommits,
  getSessionMessages,
  hubStats,
  listAllProjects,
  listCrossProjectSessions,
  listSessions,
  markLoopComplete,
  searchMessages,
  sessionStats,
} from '@gobby/sessions/operations'
import {
  addDependency,
  claimTask,
  closeTask,
  createTask,
  deleteTask,
  getSessionTasks,
  getTask,
  getTaskSessions,
  linkTaskToSession,
  listBlockedTasks,
  listCrossProjectTasks,
  listReadyTasks,
  listTasks,
  removeDependency,
  updateTask,
} from '@gobby/tasks'
import type { RegistryName } from './registry-names.js'

/** An operation as a tool. */
export type Served = {
  operation: Operation
  /** Parameters that are not an agent's to set: each has a default. */
  without?: readonly string[]
  /** Parameters that are seldom needed: taken, and told of by `get_tool_schema`, but not in the list, where each costs tokens. */
  unlisted?: readonly string[]
  /** Takes `full`, which leaves long texts and lists whole. */
  full?: true
  /** A field that is a page to read: shown as such where only text is read, and never cut. */
  page?: string
  /** Nothing more happens when it is called again with the same arguments. */
  idempotent?: true
  /** How to get what a list lost. `answer` is the cut one, with `shown` items left in the list. */
  rest?(answer: Record<string, unknown>, shown: (list: string) => number): string
  /** Lists keep their end: it is the newest, or what was asked for. */
  fromEnd?(input: Record<string, unknown>): boolean
}

export type Registry = { description: string; tools: Served[] }

const withCursor = () => 'ask again with cursor set to next_cursor'
const inFull = { full: true, rest: () => 'ask again with full=true' } as const

export const registries: Record<RegistryName, Registry> = {
  'gobby-sessions': {
    description: 'Sessions (previous conversations) of this machine’s coding CLIs: find, read, search, hand over, resume.',
    tools: [
      { operation: getCurrentSession },
      { operation: listSessions, unlisted: ['since', 'until', 'detail', 'include_subagents', 'include_empty'], rest: withCursor },
      { operation: getSession, ...inFull },
      {
        operation: getSessionMessages,
        unlisted: ['content_type', 'tool_name'],
        full: true,
        rest: ({ offset }, shown) => `ask again with offset=${Number(offset) + shown('messages')}`,
        fromEnd: ({ tail }) => tail === true || tail === 'true',
      },
      { operation: searchMessages, unlisted: ['tool_name', 'until'], rest: () => 'narrow it by session_id, role, source or since' },
      { operation: sessionStats, unlisted: ['include_subagents', 'include_empty'], rest: () => 'ask for less with since', fromEnd: () => true },
      { operation: createHandoff, without: ['made_by'], rest: ({ ref }) => `read the whole page with get_handoff_context(session_id="${String(ref)}")` },
      { operation: getHandoffContext, page: 'compact_markdown' },
      { operation: getSessionCommits, rest: () => 'ask for fewer with max_commits' },
      { operation: findCommitSessions, rest: () => 'give more characters of the hash' },
      { operation: markLoopComplete, idempotent: true },
    ],
  },
  'gobby-tasks': {
    description: 'Tasks of a project, linked with the sessions (previous conversations) that work on them.',
    tools: [
      { operation: createTask },
      { operation: getTask, ...inFull },
      { operation: listTasks, rest: withCursor },
      { operation: updateTask, idempotent: true },
      { operation: closeTask },
      { operation: deleteTask },
      { operation: claimTask, idempotent: true },
      { operation: addDependency, idempotent: true },
      { operation: removeDependency, idempotent: true },
      { operation: listReadyTasks, rest: withCursor },
      { operation: listBlockedTasks, rest: withCursor },
      { operation: linkTaskToSession, idempotent: true },
      { operation: getSessionTasks, ...inFull },
      { operation: getTaskSessions, ...inFull },
    ],
  },
  'gobby-hub': {
    description: 'All projects of this machine at once.',
    tools: [
      { operation: listAllProjects, rest: () => 'ask about one by its name, in project_id of the other tools' },
      { operation: listCrossProjectSessions, rest: () => 'narrow it by status or source' },
      { operation: listCrossProjectTasks, rest: withCursor },
      { operation: hubStats },
    ],
  },
}
