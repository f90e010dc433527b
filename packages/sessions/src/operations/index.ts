/** All operations. A surface loops over them; those it leaves out it names, with a reason. */
import type { Operation } from '../operation.js'
import { createHandoff } from './create-handoff.js'
import { deleteSession } from './delete-session.js'
import { findCommitSessions } from './find-commit-sessions.js'
import { getCurrentSession } from './get-current-session.js'
import { getHandoffContext } from './get-handoff-context.js'
import { getProject } from './get-project.js'
import { getSession } from './get-session.js'
import { getSessionCommits } from './get-session-commits.js'
import { getSessionMessages } from './get-session-messages.js'
import { hubStats } from './hub-stats.js'
import { initProject } from './init-project.js'
import { listAllProjects } from './list-all-projects.js'
import { listCrossProjectSessions } from './list-cross-project-sessions.js'
import { listSessions } from './list-sessions.js'
import { markLoopComplete } from './mark-loop-complete.js'
import { searchMessages } from './search-messages.js'
import { sessionStats } from './session-stats.js'
import { syncSessions } from './sync-sessions.js'

/** Every operation. Surfaces loop over this list. */
export const operations: Operation[] = [
  getSession,
  getCurrentSession,
  listSessions,
  getSessionMessages,
  searchMessages,
  sessionStats,
  deleteSession,
  syncSessions,
  createHandoff,
  getHandoffContext,
  getSessionCommits,
  findCommitSessions,
  markLoopComplete,
  listAllProjects,
  listCrossProjectSessions,
  hubStats,
  getProject,
  initProject,
]

export {
  createHandoff,
  deleteSession,
  findCommitSessions,
  getCurrentSession,
  getHandoffContext,
  getProject,
  getSession,
  getSessionCommits,
  getSessionMessages,
  hubStats,
  initProject,
  listAllProjects,
  listCrossProjectSessions,
  listSessions,
  markLoopComplete,
  searchMessages,
  sessionStats,
  syncSessions,
}
