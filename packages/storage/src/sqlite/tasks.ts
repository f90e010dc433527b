/** Tasks: made once, numbered per project, changed and closed. */
import type { Task } from '../model.js'
import type { Store } from '../store.js'
import type { TaskChange } from '../task-store.js'
import type { Connection } from './connection.js'
import { numberer } from './counters.js'
import { taskChanges } from './task-changes.js'
import { taskClaims } from './task-claims.js'
import { circleRefuser, taskDependencies } from './task-dependencies.js'
import { linkReads, linkWrites, taskLinker } from './task-links.js'
import { taskQueries, taskReads } from './task-queries.js'

/** How many ids there are: six characters of 36. */
const IDS = 36 ** 6

type Reads = 'get' | 'findByNumber' | 'findById' | 'list' | 'counts' | 'around' | 'ofSession' | 'sessionsOf'

/** What changes tasks is prepared at the first change: a handoff only reads them, inside a hook. */
export function tasks(db: Connection): Store['tasks'] {
  let prepared: Omit<Store['tasks'], Reads> | undefined
  const later = () => (prepared ??= taskWrites(db))
  return {
    ...taskReads(db),
    ...linkReads(db),
    create: (...args) => later().create(...args),
    update: (...args) => later().update(...args),
    close: (...args) => later().close(...args),
    delete: (...args) => later().delete(...args),
    claim: (...args) => later().claim(...args),
    link: (...args) => later().link(...args),
    addDependency: (...args) => later().addDependency(...args),
    removeDependency: (...args) => later().removeDependency(...args),
  }
}

function taskWrites(db: Connection): Omit<Store['tasks'], Reads> {
  const { get } = taskQueries(db)
  const nextNumber = numberer(db)
  const link = taskLinker(db)
  const refuseCircle = circleRefuser(db)
  const { say, dependentsOf } = taskChanges(db)
  const insert = db.prepare(
    `INSERT INTO tasks (id, project_id, seq_num, title, description, type, priority, parent_task_id, labels, created_at, updated_at)
     VALUES (@id, @project_id, @seq_num, @title, @description, @type, @priority, @parent_task_id, @labels, @now, @now)`,
  )
  const changeable = db.prepare('SELECT title, description, type, priority, status, assignee, parent_task_id, labels FROM tasks WHERE id = ?')
  const change = db.prepare(
    `UPDATE tasks SET title = @title, description = @description, type = @type, priority = @priority, status = @status, assignee = @assignee,
       parent_task_id = @parent_task_id, labels = @labels, updated_at = @now,
       closed_at = iif(@status = 'closed', closed_at, NULL), closed_reason = iif(@status = 'closed', closed_reason, NULL),
       closed_commit_sha = iif(@status = 'closed', closed_commit_sha, NULL)
     WHERE id = @id`,
  )
  const end = db.prepare(
    `UPDATE tasks SET status = 'closed', closed_at = @now, closed_reason = @closed_reason, closed_commit_sha = @closed_commit_sha, updated_at = @now
     WHERE id = @id AND status <> 'closed'`,
  )
  // SQLite's own source of chance: loading node:crypto takes longer than a hook may.
  const chance = db.prepare(`SELECT (random() & 0x7fffffffffffffff) % ${IDS}`).pluck()
  const erase = db.prepare('DELETE FROM tasks WHERE id = ?')
  const parentOf = db.prepare('SELECT parent_task_id FROM tasks WHERE id = ? AND parent_task_id IS NOT NULL').pluck()

  function freeId(): string {
    for (;;) {
      const id = `gt-${(chance.get() as number).toString(36).padStart(6, '0')}`
      if (!get(id)) return id
    }
  }

  return {
    ...linkWrites(db),
    ...taskClaims(db),
    ...taskDependencies(db),
    async create(fields, now, session_id) {
      return db
        .transaction(() => {
          const id = freeId()
          insert.run({ ...fields, id, seq_num: nextNumber(fields.project_id, 'task'), labels: JSON.stringify(fields.labels), now })
          const task = get(id) as Task
          say('task.created', task, now, { session_id })
          if (session_id !== undefined) link(task, session_id, 'discovered', now)
          return task
        })
        .immediate()
    },
    async update(id, { labels, ...fields }, now) {
      return db
        .transaction(() => {
          const before = changeable.get(id) as Record<keyof TaskChange, unknown> | undefined
          if (!before) return undefined
          // Who closed a task is not about to do it: it is anybody's again.
          const freed = before.status === 'closed' && fields.status === 'open' ? { assignee: null } : {}
          const after = { ...before, ...freed, ...fields, ...(labels ? { labels: JSON.stringify(labels) } : {}) }
          if ((Object.keys(before) as (keyof TaskChange)[]).every((field) => before[field] === after[field])) return get(id)
          if (fields.parent_task_id) refuseCircle(id, fields.parent_task_id, (each) => parentOf.all(each) as string[], 'is below')
          const dependents = dependentsOf([id])
          change.run({ ...after, id, now })
          const task = get(id) as Task
          say('task.updated', task, now)
          dependents.tell(now)
          return task
        })
        .immediate()
    },
    async close(id, { session_id, ...reasons }, now) {
      return db
        .transaction(() => {
          const dependents = dependentsOf([id])
          const closed = end.run({ ...reasons, id, now }).changes > 0
          const task = get(id)
          if (!task || !closed) return task && { task, closed }
          say('task.closed', task, now, { session_id })
          if (session_id !== undefined) link(task, session_id, 'closed', now)
          dependents.tell(now)
          return { task, closed }
        })
        .immediate()
    },
    async delete(ids, now) {
      return db
        .transaction(() => {
          const found = ids.map((id) => get(id)).filter((task): task is Task => task !== undefined)
          const dependents = dependentsOf(ids)
          for (const task of found) {
            erase.run(task.id)
            say('task.deleted', task, now)
          }
          dependents.tell(now)
          return found
        })
        .immediate()
    },
  }
}
