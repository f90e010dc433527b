import type { getTask } from '@gobby/tasks'
import type { z } from 'zod'
import { type Line, recordLines } from './record-lines.js'
import { ago, localTime } from './quantities.js'
import type { Screen } from './screen.js'
import { acrossProjects, taskLooks } from './task-list.js'
import { harmless, oneLine } from './text.js'

type Task = z.output<(typeof getTask)['output']>

/** Everything about one task: a name and a value per line. */
export function taskView(task: Task, { screen, now }: { screen: Screen; now: Date }): string {
  const head = `${acrossProjects(task)}  ${oneLine(harmless(task.title))}`
  return recordLines(head, [...about(task, now), ...around(task)], screen, [task.description])
}

function about(task: Task, now: Date): Line[] {
  const time = (instant: string | null): string | undefined => (instant === null ? undefined : `${localTime(instant)} (${ago(instant, now)})`)
  return [
    ['ref', task.ref],
    ['project', task.project],
    ['title', task.title],
    ['status', task.status, `${taskLooks[task.status].glyph} ${task.status}`],
    ['priority', task.priority],
    ['type', task.type],
    ['assignee', task.assignee],
    ['description', task.description],
    ['labels', task.labels.join(', ')],
    ['parent', task.parent_ref],
    ['created', task.created_at, time(task.created_at)],
    ['updated', task.updated_at, time(task.updated_at)],
    ['closed', task.closed_at, time(task.closed_at)],
    ['reason', task.closed_reason],
    ['commit', task.closed_commit_sha],
    ['id', task.id],
  ]
}

function around(task: Task): Line[] {
  const lines = (name: string, others: Task['children'], count: number, command = ''): Line[] => [
    ...others.map((other): Line => [name, `${other.project_id === task.project_id ? other.ref : acrossProjects(other)} ${other.title} (${other.status})`]),
    ...(count > others.length ? [[name, `and ${(count - others.length).toLocaleString('en-US')} more${command}`] satisfies Line] : []),
  ]
  return [
    ...lines('waits for', task.depends_on, task.depends_on_count),
    ...lines('awaited by', task.dependents, task.dependents_count),
    ...lines('part', task.children, task.children_count, `: gobby task list --all --parent ${task.id}`),
    ...task.sessions.map(({ session, action, link_created_at }): Line => {
      const ref = session.project_id === task.project_id ? session.ref : `${session.project}${session.ref}`
      const words = (when: string) => `${ref} ${session.title ?? '(no title)'} (${action}, ${when})`
      return ['session', words(link_created_at), words(localTime(link_created_at))]
    }),
  ]
}
