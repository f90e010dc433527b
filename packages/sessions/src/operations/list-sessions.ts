import { z } from 'zod'
import type { ListCursor } from '@gobby/storage'
import { cursorAt, placeOf } from '../cursor.js'
import { operation } from '../operation.js'
import { briefOf, recordOf, sessionBrief, totalTokens } from '../records.js'
import { scopeOf } from '../scope.js'
import { parseSpan } from '../time.js'
import { cursor, detail, flag, limit, projectRef, source, status, when } from './params.js'

const place = z.tuple([z.string(), z.string()]).transform(([last_activity_at, id]): ListCursor => ({ last_activity_at, id }))

export const listSessions = operation({
  name: 'list_sessions',
  description: 'List sessions (previous conversations and runs of coding CLIs) of a project, the newest activity first.',
  effect: 'read',
  input: z.object({
    project_id: projectRef.optional(),
    status: status.optional(),
    source: source.optional(),
    since: when('Only sessions active since this time').optional(),
    until: when('Only sessions last active before this time').optional(),
    limit: limit(20),
    cursor: cursor.optional(),
    detail,
    include_subagents: flag('Sub-agents too'),
    include_empty: flag('Sessions that ended without a prompt too'),
  }),
  output: z.object({ sessions: z.array(sessionBrief), count: z.number().int(), next_cursor: z.string().nullable() }),
  async run(ctx, { project_id, since, until, limit, cursor, detail, ...filter }) {
    const project = await scopeOf(ctx, project_id)
    const found = await ctx.store.sessions.list(
      { ...filter, ...parseSpan({ since, until }, ctx.now()), project_id: project?.id },
      limit + 1,
      cursor === undefined ? undefined : placeOf(place, cursor),
    )
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      sessions: await Promise.all(
        page.map(async (session) => (detail === 'full' ? { ...(await recordOf(ctx, session)), tokens: totalTokens(session) } : briefOf(ctx, session))),
      ),
      count: page.length,
      next_cursor: last && found.length > limit ? cursorAt([last.last_activity_at, last.id]) : null,
    }
  },
})
