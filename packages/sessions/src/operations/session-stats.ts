import { statuses, tokens } from '@gobby/storage'
import { z } from 'zod'
import { operation } from '../operation.js'
import { scopeOf } from '../scope.js'
import { parseSpan } from '../time.js'
import { flag, projectRef, when } from './params.js'

const count = z.number().int()

export const sessionStats = operation({
  name: 'session_stats',
  description: 'Count sessions, messages, tool calls and tokens of a project, by status, source, model and day.',
  effect: 'read',
  input: z.object({
    project_id: projectRef.optional(),
    since: when('Only sessions active since this time').optional(),
    include_subagents: flag('Sub-agents too'),
    include_empty: flag('Sessions that ended without a prompt too'),
  }),
  output: z.object({
    total: count,
    by_status: z.object(Object.fromEntries(statuses.map((status) => [status, count])) as Record<(typeof statuses)[number], typeof count>),
    by_source: z.record(z.string(), count),
    messages: count,
    tool_calls: count,
    tokens: tokens.extend({ by_model: z.record(z.string(), tokens) }),
    by_day: z.array(tokens.extend({ day: z.string(), sessions: count })),
    timezone: z.string(),
  }),
  async run(ctx, { project_id, since, ...filter }) {
    const project = await scopeOf(ctx, project_id)
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const span = parseSpan({ since }, ctx.now())
    return { ...(await ctx.store.sessions.stats({ ...filter, since: span.since, project_id: project?.id }, timezone)), timezone }
  },
})
