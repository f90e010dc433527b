/** Which task waits for which: never in a circle. */
import { GobbyError } from '../errors.js'
import type { Task } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'
import { taskChanges } from './task-changes.js'
import { taskQueries } from './task-queries.js'

export function taskDependencies(db: Connection): Pick<Store['tasks'], 'addDependency' | 'removeDependency'> {
  const { get } = taskQueries(db)
  const { say } = taskChanges(db)
  const refuseCircle = circleRefuser(db)
  const insert = db.prepare('INSERT OR IGNORE INTO task_dependencies (task_id, depends_on_id, created_at) VALUES (?, ?, ?)')
  const remove = db.prepare('DELETE FROM task_dependencies WHERE task_id = ? AND depends_on_id = ?')
  const touch = db.prepare('UPDATE tasks SET updated_at = ? WHERE id = ?')
  const waitsFor = db.prepare('SELECT depends_on_id FROM task_dependencies WHERE task_id = ? ORDER BY rowid').pluck()

  /** Makes a change to a task's dependencies, and says so when there was one. */
  const changing = (id: string, now: string, change: () => number): boolean =>
    db
      .transaction(() => {
        if (change() === 0) return false
        touch.run(now, id)
        const task = get(id)
        if (task) say('task.updated', task, now)
        return true
      })
      .immediate()

  return {
    async addDependency(id, depends_on_id, now) {
      return changing(id, now, () => {
        const gone = [id, depends_on_id].find((one) => !get(one))
        if (gone !== undefined) throw new GobbyError('not_found', `The task ${gone} was deleted.`, 'See the tasks there are: gobby task list --all')
        refuseCircle(id, depends_on_id, (each) => waitsFor.all(each) as string[], 'waits for')
        return insert.run(id, depends_on_id, now).changes
      })
    },
    async removeDependency(id, depends_on_id, now) {
      return changing(id, now, () => remove.run(id, depends_on_id).changes)
    },
  }
}

/**
 * Refuses a step from one task to another from which steps lead back.
 * @throws GobbyError `conflict` with the path: `#3 → #5 → #3`
 */
export function circleRefuser(db: Connection) {
  const { get } = taskQueries(db)
  return (from: string, to: string, next: (id: string) => string[], relation: 'waits for' | 'is below'): void => {
    const path = pathBetween(to, from, next)
    if (!path) return
    const own = get(from)
    const ref = (task: Task | undefined) => (task ? `${task.project_id === own?.project_id ? '' : task.project}#${task.seq_num}` : '?')
    const refs = [from, ...path].map((id) => ref(get(id)))
    const advice = relation === 'is below' ? 'Name another parent, or none.' : from === to ? 'Name another task.' : `Take one of these dependencies out first; see them with: gobby task show ${from}`
    throw new GobbyError(
      'conflict',
      from === to ? `A task that ${relation} itself would be a circle: ${refs.join(' → ')}.` : `${refs[1]} ${relation} ${refs[0]} already, so that would be a circle: ${refs.join(' → ')}.`,
      advice,
    )
  }
}

/** The shortest way from one task to another along `next`, both ends included. */
function pathBetween(start: string, end: string, next: (id: string) => string[]): string[] | undefined {
  const cameFrom = new Map<string, string | null>([[start, null]])
  // A Map is walked in the order of insertion, also over what is added on the way: first all near, then all far.
  for (const [id] of cameFrom) {
    if (id === end) {
      const path: string[] = []
      for (let at: string | null = id; at !== null; at = cameFrom.get(at) ?? null) path.unshift(at)
      return path
    }
    for (const neighbour of next(id)) if (!cameFrom.has(neighbour)) cameFrom.set(neighbour, id)
  }
  return undefined
}
