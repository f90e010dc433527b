/** What is said of a task that changed, and of those whose status follows from it. */
import type { Change, Task } from '../model.js'
import { changeWriter } from './changes.js'
import type { Connection } from './connection.js'
import { taskQueries } from './task-queries.js'

type TaskChangeType = Extract<Change['type'], `task.${string}`>

/** Writes the outbox; call both inside the transaction of the change. */
export function taskChanges(db: Connection) {
  const write = changeWriter(db)
  const { where } = taskQueries(db)
  const say = (type: TaskChangeType, task: Task, now: string, { session_id = null, ...more }: { session_id?: string | null } & Change['data'] = {}): void => {
    const { id, seq_num, title, status, assignee } = task
    write({ type, session_id, project_id: task.project_id, data: { task_id: id, seq_num, title, status, assignee, ...more }, now })
  }
  /** The tasks that wait for this one, before it changes; `tell` afterwards says which of them changed with it. */
  const dependentsOf = (ids: string[]): { tell(now: string): void } => {
    const read = () => where('t.id IN (SELECT task_id FROM task_dependencies WHERE depends_on_id IN (SELECT value FROM json_each(?)))', JSON.stringify(ids))
    const before = read()
    const again = (): Task[] => where('t.id IN (SELECT value FROM json_each(?))', JSON.stringify(before.map(({ id }) => id)))
    return {
      tell(now) {
        const statuses = new Map(before.map(({ id, status }) => [id, status]))
        for (const task of before.length > 0 ? again() : []) if (statuses.get(task.id) !== task.status) say('task.updated', task, now)
      },
    }
  }
  return { say, dependentsOf }
}
