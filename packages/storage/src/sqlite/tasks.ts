import type { Task, TaskAction } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'

export function tasks(db: Connection): Store['tasks'] {
  return {
    async ofSession(session_id) {
      const rows = db
        .prepare(
          `SELECT t.id, t.seq_num, t.project_id, p.name AS project, t.title, t.description, t.type, t.priority, t.status, t.assignee,
             t.parent_task_id, t.labels, t.created_at, t.updated_at, t.closed_at, t.closed_reason, t.closed_commit_sha,
             l.action, l.created_at AS link_created_at
           FROM session_tasks l JOIN tasks t ON t.id = l.task_id JOIN projects p ON p.id = t.project_id
           WHERE l.session_id = ? ORDER BY l.created_at DESC`,
        )
        .all(session_id) as (Omit<Task, 'labels'> & { labels: string; action: TaskAction; link_created_at: string })[]
      return rows.map(({ action, link_created_at, ...task }) => ({
        task: { ...task, labels: JSON.parse(task.labels) as string[] },
        action,
        link_created_at,
      }))
    },
  }
}
