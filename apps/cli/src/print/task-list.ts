import type { TaskRecord } from '@gobby/sessions'
import type { Screen } from './screen.js'
import { table } from './table.js'
import { fit, harmless, oneLine } from './text.js'

/** How much of who does a task a terminal shows, so that there is room for the title. */
const ASSIGNEE = 20

type Look = { glyph: string; style: 'green' | 'yellow' | 'cyan' | 'dim' }

export const taskLooks: Record<TaskRecord['status'], Look> = {
  open: { glyph: '○', style: 'cyan' },
  in_progress: { glyph: '●', style: 'green' },
  blocked: { glyph: '◌', style: 'yellow' },
  closed: { glyph: '✓', style: 'dim' },
}

/** @param across several projects are in it, so that a number alone would not do */
export function taskList(tasks: TaskRecord[], { screen, across }: { screen: Screen; across: boolean }): string {
  return table(
    tasks,
    [
      { head: 'REF', value: (task) => (across ? acrossProjects(task) : task.ref), style: 'bold' },
      { head: 'STATUS', value: ({ status }) => status, shown: ({ status }) => `${taskLooks[status].glyph} ${status}`, style: ({ status }) => taskLooks[status].style },
      { head: 'PRIO', value: ({ priority }) => priority, right: true },
      { head: 'TYPE', value: ({ type }) => type, spare: true },
      { head: 'ASSIGNEE', value: ({ assignee }) => assignee, shown: ({ assignee }) => fit(assignee ?? '', ASSIGNEE), spare: true },
      { head: 'WAITS FOR', value: ({ blocked_by }) => blocked_by.join(', '), spare: true },
      { head: 'TITLE', value: ({ title }) => title },
    ],
    screen,
  )
}

/** `orchard#3`, also where the record's ref says so already. */
export function acrossProjects({ project, ref }: Pick<TaskRecord, 'project' | 'ref'>): string {
  return ref.startsWith('#') ? `${project}${ref}` : ref
}

/** What was done with one task: a sentence on a terminal, its line of the list in a pipe. */
export function taskReport(what: string, task: TaskRecord, screen: Screen, more = ''): string {
  if (!screen.terminal) return taskList([task], { screen, across: false })
  return `${fit(`${what} ${task.ref}  ${oneLine(harmless(task.title))}`, screen.columns)}\n${more === '' ? '' : `${oneLine(harmless(more))}\n`}`
}
