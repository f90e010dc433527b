/** Reading tasks: one shape of row for every question. */
import type { Statement } from 'better-sqlite3'
import type { Task } from '../model.js'
import type { Store } from '../store.js'
import type { TaskFilter } from '../task-store.js'
import type { Connection } from './connection.js'

/** A row of `sessions` or `tasks` as `Numbered`. */
const place = (row: string): string =>
  `json_object('id', ${row}.id, 'seq_num', ${row}.seq_num, 'project_id', ${row}.project_id, 'project', (SELECT name FROM projects WHERE id = ${row}.project_id))`

/** The parent of a session, as `Numbered` in JSON; for a query over `sessions s`. */
export const PARENT_OF_SESSION = `(SELECT ${place('sp')} FROM sessions sp WHERE sp.id = s.parent_session_id)`

const WAITS = `EXISTS (SELECT 1 FROM task_dependencies d WHERE d.task_id = t.id AND (SELECT status FROM tasks WHERE id = d.depends_on_id) <> 'closed')`
const BLOCKED = `t.status <> 'closed' AND ${WAITS}`
const STATUS = `CASE WHEN ${BLOCKED} THEN 'blocked' ELSE t.status END`

/** For a query over `tasks t`. */
export const TASK_COLUMNS = `t.id, t.seq_num, t.project_id, (SELECT name FROM projects WHERE id = t.project_id) AS project, t.title, t.description, t.type, t.priority,
  ${STATUS} AS status, t.assignee, (SELECT ${place('s')} FROM sessions s WHERE s.id = t.assignee) AS assignee_session,
  t.parent_task_id, (SELECT ${place('p')} FROM tasks p WHERE p.id = t.parent_task_id) AS parent, t.labels,
  (SELECT json_group_array(${place('b')} ORDER BY d.rowid) FROM task_dependencies d JOIN tasks b ON b.id = d.depends_on_id
   WHERE d.task_id = t.id AND b.status <> 'closed') AS blocked_by,
  t.created_at, t.updated_at, t.closed_at, t.closed_reason, t.closed_commit_sha`

/** Of every list of tasks; for a query over `tasks t`. */
const ORDER = `t.status = 'closed', t.priority, t.created_at, t.seq_num, t.id`

/** A row of {@link TASK_COLUMNS}. */
export type TaskRow = Omit<Task, 'assignee_session' | 'parent' | 'labels' | 'blocked_by'> & {
  assignee_session: string | null
  parent: string | null
  labels: string
  blocked_by: string
}

export function taskFrom({ assignee_session, parent, labels, blocked_by, ...row }: TaskRow): Task {
  return {
    ...row,
    assignee_session: JSON.parse(assignee_session ?? 'null') as Task['assignee_session'],
    parent: JSON.parse(parent ?? 'null') as Task['parent'],
    labels: JSON.parse(labels) as string[],
    // Nothing waits when all is done.
    blocked_by: row.status === 'closed' ? [] : (JSON.parse(blocked_by) as Task['blocked_by']),
  }
}

export function taskQueries(db: Connection) {
  const prepared = new Map<string, Statement>()
  const where = (sql: string, ...params: unknown[]): Task[] => {
    let statement = prepared.get(sql)
    if (!statement) prepared.set(sql, (statement = db.prepare(`SELECT ${TASK_COLUMNS} FROM tasks t WHERE ${sql}`)))
    return (statement.all(...params) as TaskRow[]).map(taskFrom)
  }
  return { get: (id: string) => where('t.id = ?', id)[0], where }
}

function matching(filter: TaskFilter): { sql: string; params: unknown[] } {
  const parts: [string, ...unknown[]][] = []
  if (filter.project_id !== undefined) parts.push(['t.project_id = ?', filter.project_id])
  if (filter.status === 'blocked') parts.push([BLOCKED])
  else if (filter.status !== undefined) parts.push([`t.status = ? AND NOT (${BLOCKED})`, filter.status])
  if (filter.type !== undefined) parts.push(['t.type = ?', filter.type])
  if (filter.priority !== undefined) parts.push(['t.priority = ?', filter.priority])
  if (filter.assignee !== undefined) parts.push(['t.assignee IS ?', filter.assignee])
  if (filter.parent_task_id !== undefined) parts.push(['t.parent_task_id = ?', filter.parent_task_id])
  if (filter.label !== undefined) parts.push(['EXISTS (SELECT 1 FROM json_each(t.labels) WHERE value = ?)', filter.label])
  return { sql: parts.map(([sql]) => sql).join(' AND ') || '1', params: parts.flatMap(([, ...params]) => params) }
}

export function taskReads(db: Connection): Pick<Store['tasks'], 'get' | 'findByNumber' | 'findById' | 'list' | 'counts' | 'around'> {
  const { get, where } = taskQueries(db)
  /** Found by their ids alone: SQLite would put the records of thousands together to sort them. */
  const first = (those: string, params: unknown[], limit: number): Task[] =>
    where(`t.id IN (SELECT t.id FROM tasks t WHERE ${those} ORDER BY ${ORDER} LIMIT ?) ORDER BY ${ORDER}`, ...params, limit)
  return {
    async get(id) {
      return get(id)
    },
    async findByNumber(seq_num, project_id) {
      return project_id === undefined ? where('t.seq_num = ? ORDER BY project', seq_num) : where('t.seq_num = ? AND t.project_id = ?', seq_num, project_id)
    },
    async findById(text, limit) {
      const from = text.toLowerCase()
      const exact = get(from)
      return exact ? [exact] : where('t.id >= ? AND t.id < ? ORDER BY t.created_at DESC LIMIT ?', from, `${from}\u{10ffff}`, limit)
    },
    async list(filter, limit, after) {
      const { sql, params } = matching(filter)
      const beyond = after ? `AND (${ORDER}) > (?, ?, ?, ?, ?)` : ''
      const at = after ? [after.closed ? 1 : 0, after.priority, after.created_at, after.seq_num, after.id] : []
      return first(`${sql} ${beyond}`, [...params, ...at], limit)
    },
    async counts(project_id) {
      const all = matching({ project_id })
      const counted = (more: string) =>
        db.prepare(`SELECT t.status, count(*) AS n FROM tasks t WHERE ${all.sql} ${more} GROUP BY t.status`).all(...all.params) as { status: Task['status']; n: number }[]
      const counts = { open: 0, in_progress: 0, blocked: 0, closed: 0 }
      for (const { status, n } of counted('')) counts[status] = n
      for (const { status, n } of counted(`AND ${BLOCKED}`)) {
        counts[status] -= n
        counts.blocked += n
      }
      return counts
    },
    async around(id, limit) {
      const some = (those: string) => ({
        tasks: first(those, [id], limit),
        count: db.prepare(`SELECT count(*) FROM tasks t WHERE ${those}`).pluck().get(id) as number,
      })
      return {
        depends_on: some('t.id IN (SELECT depends_on_id FROM task_dependencies WHERE task_id = ?)'),
        dependents: some('t.id IN (SELECT task_id FROM task_dependencies WHERE depends_on_id = ?)'),
        children: some('t.parent_task_id = ?'),
      }
    },
  }
}
