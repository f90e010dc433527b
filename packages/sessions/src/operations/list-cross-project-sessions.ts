import { statuses } from '@gobby/storage'
import { z } from 'zod'
import { operation } from '../operation.js'
import { qualifiedRef } from '../refs.js'
import { flag, limit, source, status } from './params.js'

export const listCrossProjectSessions = operation({
  name: 'list_cross_project_sessions',
  description: 'List the sessions (previous conversations) of all projects on this machine, the newest activity first, as `project#N`.',
  effect: 'read',
  input: z.object({
    limit: limit(20),
    status: status.optional(),
    source: source.optional(),
    include_subagents: flag('Sub-agents too'),
    include_empty: flag('Sessions that ended without a prompt too'),
  }),
  output: z.object({
    sessions: z.array(
      z.object({
        ref: z.string(),
        session_id: z.string(),
        project: z.string(),
        source: z.string(),
        status: z.enum(statuses),
        title: z.string().nullable(),
        last_activity_at: z.string(),
      }),
    ),
    count: z.number().int(),
  }),
  async run(ctx, { limit, ...filter }) {
    const sessions = (await ctx.store.sessions.list(filter, limit)).map((session) => ({
      ref: qualifiedRef(session),
      session_id: session.id,
      project: session.project,
      source: session.source,
      status: session.status,
      title: session.title,
      last_activity_at: session.last_activity_at,
    }))
    return { sessions, count: sessions.length }
  },
})
