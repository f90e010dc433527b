/** What sessions did with tasks: one query in each direction. */
import { GobbyError } from '../errors.js'
import type { Numbered, Session, Task, TaskAction } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'
import { SESSION_COLUMNS } from './session-queries.js'
import { taskChanges } from './task-changes.js'
import { PARENT_OF_SESSION, TASK_COLUMNS, taskFrom, taskQueries, type TaskRow } from './task-queries.js'

type Link = { action: TaskAction; link_created_at: string }

/** Links a session with a task; call it inside a transaction. What is there already keeps its time. */
export function taskLinker(db: Connection) {
  const insert = db.prepare('INSERT OR IGNORE INTO session_tasks (session_id, task_id, action, created_at) VALUES (@session_id, @task_id, @action, @now)')
  const since = db.prepare('SELECT created_at FROM session_tasks WHERE session_id = ? AND task_id = ? AND action = ?').pluck()
  const isThere = db.prepare('SELECT 1 FROM sessions WHERE id = ?')
  const { say } = taskChanges(db)
  return (task: Task, session_id: string, action: TaskAction, now: string): { link_created_at: string; created: boolean } => {
    if (!isThere.get(session_id)) throw new GobbyError('not_found', `The session ${session_id} was deleted.`, 'See the sessions there are: gobby session list --all')
    const created = insert.run({ session_id, task_id: task.id, action, now }).changes > 0
    if (created) say('task.linked', task, now, { session_id, action })
    return { link_created_at: since.get(session_id, task.id, action) as string, created }
  }
}

export function linkWrites(db: Connection): Pick<Store['tasks'], 'link'> {
  const { get } = taskQueries(db)
  const linkTo = taskLinker(db)
  return {
    async link({ task_id, session_id, action }, now) {
      return db
        .transaction(() => {
          const task = get(task_id)
          if (!task) throw new GobbyError('not_found', `The task ${task_id} was deleted.`, 'See the tasks there are: gobby task list --all')
          return linkTo(task, session_id, action, now)
        })
        .immediate()
    },
  }
}

export function linkReads(db: Connection): Pick<Store['tasks'], 'ofSession' | 'sessionsOf'> {
  return {
    async ofSession(session_id) {
      const rows = db
        .prepare(
          `SELECT ${TASK_COLUMNS}, l.action, l.created_at AS link_created_at
           FROM session_tasks l JOIN tasks t ON t.id = l.task_id WHERE l.session_id = ? ORDER BY l.created_at DESC, l.rowid DESC`,
        )
        .all(session_id) as (TaskRow & Link)[]
      return rows.map(({ action, link_created_at, ...row }) => ({ task: taskFrom(row), action, link_created_at }))
    },
    async sessionsOf(task_id) {
      const rows = db
        .prepare(
          `SELECT ${SESSION_COLUMNS}, ${PARENT_OF_SESSION} AS parent, l.action, l.created_at AS link_created_at
           FROM session_tasks l JOIN sessions s ON s.id = l.session_id WHERE l.task_id = ? ORDER BY l.created_at DESC, l.rowid DESC`,
        )
        .all(task_id) as (Session & { parent: string | null } & Link)[]
      return rows.map(({ action, link_created_at, parent, ...session }) => ({ session, parent: JSON.parse(parent ?? 'null') as Numbered | null, action, link_created_at }))
    },
  }
}
