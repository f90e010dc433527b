/** Who has a task. */
import type { Store } from '../store.js'
import type { Connection } from './connection.js'
import { taskChanges } from './task-changes.js'
import { taskLinker } from './task-links.js'
import { taskQueries } from './task-queries.js'

export function taskClaims(db: Connection): Pick<Store['tasks'], 'claim'> {
  const { get } = taskQueries(db)
  const link = taskLinker(db)
  const { say } = taskChanges(db)
  const take = db.prepare(
    `UPDATE tasks SET assignee = @session_id, status = 'in_progress', updated_at = @now
     WHERE id = @id AND status <> 'closed' AND (assignee IS NULL OR assignee = @session_id)
       AND NOT EXISTS (SELECT 1 FROM task_dependencies d WHERE d.task_id = tasks.id AND (SELECT status FROM tasks WHERE id = d.depends_on_id) <> 'closed')`,
  )
  const isAt = db.prepare(`SELECT 1 FROM tasks WHERE id = @id AND assignee = @session_id AND status = 'in_progress'`)
  const claimedAt = db.prepare(`SELECT created_at FROM session_tasks WHERE session_id = ? AND task_id = ? AND action = 'claimed'`).pluck()
  return {
    async claim(id, session_id, now) {
      return db
        .transaction(() => {
          const before = get(id)
          if (!before) return undefined
          if (isAt.get({ id, session_id })) {
            const { link_created_at } = link(before, session_id, 'claimed', now)
            return { task: before, outcome: 'already' as const, held_since: link_created_at }
          }
          if (take.run({ id, session_id, now }).changes > 0) {
            const task = get(id) ?? before
            link(task, session_id, 'claimed', now)
            say('task.updated', task, now, { session_id })
            return { task, outcome: 'claimed' as const, held_since: now }
          }
          const outcome = before.status === 'closed' ? 'closed' : before.assignee === null || before.assignee === session_id ? 'blocked' : 'held'
          return { task: before, outcome: outcome as 'closed' | 'blocked' | 'held', held_since: (claimedAt.get(before.assignee, id) as string | undefined) ?? null }
        })
        .immediate()
    },
  }
}

/** Gives back what a session has claimed, since it is going to be deleted; call it inside that transaction. */
export function taskReleaser(db: Connection) {
  const { where } = taskQueries(db)
  const { say } = taskChanges(db)
  const release = db.prepare(
    `UPDATE tasks SET assignee = NULL, status = CASE status WHEN 'in_progress' THEN 'open' ELSE status END, updated_at = ? WHERE id = ? RETURNING id`,
  )
  return (session_id: string, now: string): void => {
    for (const { id } of where('t.assignee = ?', session_id)) {
      release.run(now, id)
      for (const task of where('t.id = ?', id)) say('task.updated', task, now)
    }
  }
}
