import type { SessionBrief } from '@gobby/sessions'
import { ago, short } from './quantities.js'
import type { Screen } from './screen.js'
import { type Column, table } from './table.js'
import { fit } from './text.js'

/** How much of a branch a terminal shows, so that there is room for the title. */
const BRANCH = 24

type Look = { glyph: string; style: 'green' | 'yellow' | 'cyan' | 'dim' }

export const looks: Record<SessionBrief['status'], Look> = {
  active: { glyph: '●', style: 'green' },
  paused: { glyph: '◐', style: 'yellow' },
  handoff_ready: { glyph: '◆', style: 'cyan' },
  expired: { glyph: '○', style: 'dim' },
  archived: { glyph: '▪', style: 'dim' },
}

/** What the hooks told last. */
const event: Column<SessionBrief> = {
  head: 'EVENT',
  spare: true,
  value: ({ last_event }) => last_event,
  shown: ({ status, last_event }) => (isLive(status) ? (last_event ?? '') : ''),
}

/** @param across several projects are in it, so that a number alone would not do */
export function sessionList(sessions: SessionBrief[], { screen, now, across }: { screen: Screen; now: Date; across: boolean }): string {
  return table(
    sessions,
    [
      { head: 'REF', value: ({ ref, project }) => (across ? `${project}${ref}` : ref), style: 'bold' },
      {
        head: 'STATUS',
        value: ({ status }) => status,
        shown: ({ status }) => `${looks[status].glyph} ${status}`,
        style: ({ status }) => looks[status].style,
      },
      { head: 'SOURCE', value: ({ source }) => source, spare: true },
      { head: 'WHEN', value: ({ last_activity_at }) => last_activity_at, shown: ({ last_activity_at }) => ago(last_activity_at, now) },
      ...(screen.terminal && sessions.some(({ status, last_event }) => isLive(status) && last_event !== null) ? [event] : []),
      { head: 'MSGS', value: ({ message_count }) => message_count, right: true, spare: true },
      { head: 'TOKENS', value: ({ tokens }) => tokens, shown: ({ tokens }) => short(tokens), right: true, spare: true },
      { head: 'BRANCH', value: ({ git_branch }) => git_branch, shown: ({ git_branch }) => fit(git_branch ?? '', BRANCH), style: 'cyan', spare: true },
      { head: 'TITLE', value: ({ title }) => title },
      // Behind what scripts read by its place.
      ...(screen.terminal ? [] : [event]),
    ],
    screen,
  )
}

const isLive = (status: SessionBrief['status']): boolean => status === 'active' || status === 'paused'
