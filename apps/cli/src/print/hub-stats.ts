import type { hubStats } from '@gobby/sessions/operations'
import type { z } from 'zod'
import { ago, short } from './quantities.js'
import type { Screen } from './screen.js'
import { looks } from './session-list.js'
import { taskLooks } from './task-list.js'
import { harmless } from './text.js'

type Stats = z.output<(typeof hubStats)['output']>

export function hubStatsView(stats: Stats, { screen, now }: { screen: Screen; now: Date }): string {
  return screen.terminal ? onTerminal(stats, screen, now) : inPipe(stats)
}

/** One number per line: what it counts, of what, and the number. */
function inPipe({ projects, sessions, subagents, messages, tool_calls, tasks, last_activity_at, database }: Stats): string {
  const lines: (string | number | null)[][] = [
    ['projects', '', projects],
    ['sessions', '', sessions.total],
    ...Object.entries(sessions.by_status).map(([status, count]) => ['session status', status, count]),
    ...Object.entries(sessions.by_source).map(([source, count]) => ['source', source, count]),
    ['subagents', '', subagents],
    ['messages', '', messages],
    ['tool_calls', '', tool_calls],
    ['tasks', '', tasks.total],
    ...Object.entries(tasks.by_status).map(([status, count]) => ['task status', status, count]),
    ['last_activity', '', last_activity_at],
    ...Object.entries(database).map(([name, value]) => ['database', name, value]),
  ]
  return lines.map((line) => `${line.join('\t')}\n`).join('')
}

function onTerminal(stats: Stats, screen: Screen, now: Date): string {
  const { sessions, tasks, database } = stats
  const counted = (total: number, by_status: Record<string, number>, glyphs: Record<string, { glyph: string }>): string => {
    const statuses = Object.entries(by_status).filter(([, count]) => count > 0)
    return [total.toLocaleString('en-US'), ...statuses.map(([status, count]) => `${glyphs[status]?.glyph ?? ''} ${count} ${status}`)].join('   ')
  }
  const lines = [
    ['projects', String(stats.projects)],
    ['sessions', counted(sessions.total, sessions.by_status, looks)],
    ['sources', Object.entries(sessions.by_source).map(([source, count]) => `${source} ${count}`).join('   ')],
    ['sub-agents', stats.subagents.toLocaleString('en-US')],
    ['messages', stats.messages.toLocaleString('en-US')],
    ['tool calls', stats.tool_calls.toLocaleString('en-US')],
    ['tasks', counted(tasks.total, tasks.by_status, taskLooks)],
    ['last', ago(stats.last_activity_at, now)],
    ['database', `${short(database.size + database.wal_size)}B  ${database.path}`],
  ]
  return lines.filter(([, value]) => value !== '').map(([name = '', value = '']) => `${screen.paint('dim', name.padEnd(10))}  ${harmless(value)}\n`).join('')
}
