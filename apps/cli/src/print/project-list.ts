import type { listAllProjects } from '@gobby/sessions/operations'
import type { z } from 'zod'
import { ago } from './quantities.js'
import type { Screen } from './screen.js'
import { table } from './table.js'

type Projects = z.output<(typeof listAllProjects)['output']>['projects']

export function projectList(projects: Projects, { screen, now }: { screen: Screen; now: Date }): string {
  return table(
    projects,
    [
      { head: 'NAME', value: ({ name }) => name, style: 'bold' },
      { head: 'SESSIONS', value: ({ session_count }) => session_count, right: true },
      { head: 'WHEN', value: ({ last_activity_at }) => last_activity_at, shown: ({ last_activity_at }) => ago(last_activity_at, now) },
      { head: 'PATH', value: ({ path }) => path },
    ],
    screen,
  )
}
