import { z } from 'zod'
import type { ListCursor } from '@gobby/storage'
import { GobbyError } from '../errors.js'
import { operation } from '../operation.js'
import { briefOf, recordOf, sessionBrief, totalTokens } from '../records.js'
import { scopeOf } from '../scope.js'
import { cursor, detail, flag, limit, projectRef, source, status } from './params.js'

export const listSessions = operation({
  name: 'list_sessions',
  description: 'List sessions (previous conversations and runs of coding CLIs) of a project, the newest activity first.',
  effect: 'read',
  input: z.object({
    project_id: projectRef.optional(),
    status: status.optional(),
    source: source.optional(),
    limit: limit(20),
    cursor: cursor.optional(),
    detail,
    include_subagents: flag('Sub-agents too'),
    include_empty: flag('Sessions that ended without a prompt too'),
  }),
  output: z.object({ sessions: z.array(sessionBrief), count: z.number().int(), next_cursor: z.string().nullable() }),
  async run(ctx, { project_id, limit, cursor, detail, ...filter }) {
    const project = await scopeOf(ctx, project_id)
    const found = await ctx.store.sessions.list({ ...filter, project_id: project?.id }, limit + 1, cursor === undefined ? undefined : placeOf(cursor))
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      sessions: await Promise.all(
        page.map(async (session) => (detail === 'full' ? { ...(await recordOf(ctx, session)), tokens: totalTokens(session) } : briefOf(ctx, session))),
      ),
      count: page.length,
      next_cursor: last && found.length > limit ? cursorAt(last) : null,
    }
  },
})

const place = z.tuple([z.string(), z.string()])

function cursorAt({ last_activity_at, id }: ListCursor): string {
  return Buffer.from(JSON.stringify([last_activity_at, id])).toString('base64url')
}

function placeOf(text: string): ListCursor {
  try {
    const [last_activity_at, id] = place.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    return { last_activity_at, id }
  } catch {
    throw new GobbyError('invalid', 'cursor: is none that a list gave.', 'Give the next_cursor of the page before, unchanged.')
  }
}
