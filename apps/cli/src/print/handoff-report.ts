import { handoffTokens } from '@gobby/sessions'
import type { createHandoff } from '@gobby/sessions/operations'
import type { z } from 'zod'
import { counted } from './text.js'

type Answer = z.output<typeof createHandoff.output>

const WHY: Record<Answer['matched_by'], string> = {
  parameter: 'the one you named',
  client: 'your own session',
  environment: 'your own session',
  process: 'your own session',
  newest: 'the most recent one that is active or paused',
}

/** What a handoff holds, in a few lines. */
export function handoffReport(answer: Answer, markdown: string, name: string): string {
  const { context, matched_by, created, masked, transcript_found } = answer
  const done = context.todos.filter(({ status }) => status === 'completed').length
  const changes = context.git_status?.split('\n').filter((line) => line.trim() !== '').length ?? 0
  const lines = [
    `${created ? 'Handed over' : 'Handed over before, and nothing has changed since:'} ${name} (${WHY[matched_by]})`,
    ['Size', `${markdown.length.toLocaleString('en-US')} characters, about ${handoffTokens(markdown).toLocaleString('en-US')} tokens`],
    ['Goal', context.initial_goal ? 'yes' : 'no'],
    ['Todos', `${context.todos.length - done} open, ${done} done`],
    ['Files', String(context.files.length)],
    ['Commits', String(context.git_commits.length)],
    ['Uncommitted', context.git_status === null ? 'no repository' : counted(changes, 'change')],
    ...(masked > 0 ? [['Masked', counted(masked, 'secret')]] : []),
    ...(transcript_found ? [] : [['Transcript', 'gone; made of what was stored']]),
  ]
  return lines.map((line) => (typeof line === 'string' ? `${line}\n` : `  ${(line[0] as string).padEnd(12)}${line[1]}\n`)).join('')
}
