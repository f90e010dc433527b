import type { sessionStats } from '@gobby/sessions/operations'
import type { z } from 'zod'
import { short } from './quantities.js'
import type { Screen } from './screen.js'
import { looks } from './session-list.js'
import { type Column, table } from './table.js'
import { harmless } from './text.js'

type Stats = z.output<(typeof sessionStats)['output']>
type Tokens = Pick<Stats['tokens'], 'input_tokens' | 'output_tokens' | 'cache_read_tokens' | 'cache_creation_tokens'>

/** How many days the chart has: the last ones on which something happened. */
const DAYS = 14
const BAR = 30
const LEAST_BAR = 4
/** What SESSIONS and TOKENS take of a line, with the gaps. */
const BESIDE = 20

export function statsView(stats: Stats, screen: Screen): string {
  return screen.terminal ? onTerminal(stats, screen) : inPipe(stats)
}

/** One number per line: what it counts, of what, and the number. */
function inPipe({ total, by_status, by_source, messages, tool_calls, tokens, by_day, timezone }: Stats): string {
  const { by_model, ...kinds } = tokens
  const lines: (string | number)[][] = [
    ['sessions', '', total],
    ...Object.entries(by_status).map(([status, count]) => ['status', status, count]),
    ...Object.entries(by_source).map(([source, count]) => ['source', source, count]),
    ['messages', '', messages],
    ['tool_calls', '', tool_calls],
    ...Object.entries(kinds).map(([kind, count]) => ['tokens', kind, count]),
    ...Object.entries(by_model).flatMap(([model, each]) => Object.entries(each).map(([kind, count]) => [`tokens of ${model}`, kind, count])),
    ...by_day.flatMap(({ day, sessions, ...each }) => [['sessions per day', day, sessions], ['tokens per day', day, sum(each)]]),
    ['timezone', timezone, ''],
  ]
  return lines.map((line) => `${line.join('\t')}\n`).join('')
}

function onTerminal(stats: Stats, screen: Screen): string {
  const { by_model, ...kinds } = stats.tokens
  const statuses = Object.entries(stats.by_status).filter(([, count]) => count > 0)
  const head = [
    ['sessions', [String(stats.total), ...statuses.map(([status, count]) => `${looks[status as keyof typeof looks].glyph} ${count} ${status}`)].join('   ')],
    ['sources', Object.entries(stats.by_source).map(([source, count]) => `${source} ${count}`).join('   ')],
    ['messages', stats.messages.toLocaleString('en-US')],
    ['tool calls', stats.tool_calls.toLocaleString('en-US')],
  ]
    .filter(([, value]) => value !== '')
    .map(([name = '', value = '']) => `${screen.paint('dim', name.padEnd(10))}  ${harmless(value)}\n`)
  const models = [...Object.entries(by_model).map(([name, each]) => Object.assign({ name }, each)), { name: 'all models', ...kinds }]
  if (stats.total === 0) return head.join('')
  return [...head, '\n', table(models, tokenColumns, screen), '\n', chart(stats, screen)].join('')
}

const kind = (head: string, field: keyof Tokens): Column<Tokens & { name: string }> => ({ head, value: (row) => short(row[field]), right: true })

const tokenColumns: Column<Tokens & { name: string }>[] = [
  { head: 'TOKENS', value: ({ name }) => name },
  kind('INPUT', 'input_tokens'),
  kind('OUTPUT', 'output_tokens'),
  kind('CACHE READ', 'cache_read_tokens'),
  kind('CACHE CREATION', 'cache_creation_tokens'),
]

function chart({ by_day, timezone }: Stats, screen: Screen): string {
  const days = by_day.slice(-DAYS)
  const most = Math.max(1, ...days.map(sum))
  const head = `DAY (${timezone})`
  const room = Math.max(LEAST_BAR, Math.min(BAR, screen.columns - Math.max(head.length, '2026-11-22'.length) - BESIDE))
  return table(
    days,
    [
      { head, value: ({ day }) => day },
      { head: 'SESSIONS', value: ({ sessions }) => sessions, right: true },
      { head: 'TOKENS', value: (row) => short(sum(row)), right: true },
      { head: '', value: (row) => '█'.repeat(Math.ceil((sum(row) / most) * room)), style: 'cyan' },
    ],
    screen,
  )
}

function sum(tokens: Tokens): number {
  return tokens.input_tokens + tokens.output_tokens + tokens.cache_read_tokens + tokens.cache_creation_tokens
}
