import type { listCrossProjectSessions } from '@gobby/sessions/operations'
import type { z } from 'zod'
import { ago } from './quantities.js'
import type { Screen } from './screen.js'
import { looks } from './session-list.js'
import { table } from './table.js'

type Sessions = z.output<(typeof listCrossProjectSessions)['output']>['sessions']

export function hubSessions(sessions: Sessions, { screen, now }: { screen: Screen; now: Date }): string {
  return table(
    sessions,
    [
      { head: 'REF', value: ({ ref }) => ref, style: 'bold' },
      { head: 'STATUS', value: ({ status }) => status, shown: ({ status }) => `${looks[status].glyph} ${status}`, style: ({ status }) => looks[status].style },
      { head: 'SOURCE', value: ({ source }) => source, spare: true },
      { head: 'WHEN', value: ({ last_activity_at }) => last_activity_at, shown: ({ last_activity_at }) => ago(last_activity_at, now) },
      { head: 'TITLE', value: ({ title }) => title },
    ],
    screen,
  )
}
