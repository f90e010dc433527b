import { GobbyError, operation, resolveSessionReference, sessionRecord } from '@gobby/sessions'
import { getSession } from '@gobby/sessions/operations'
import { z } from 'zod'
import { recordAt } from './record.js'
import { moveTo, newStatus } from './status.js'

export const updateSession = operation({
  name: 'update_session',
  description: 'Give a session another title, or move its status along the table of transitions.',
  effect: 'write',
  input: z.object({
    session_id: getSession.input.shape.session_id,
    title: z.string().trim().min(1, 'must not be empty').max(500, 'must have at most 500 characters').optional().describe('The new title'),
    status: newStatus.optional(),
  }),
  output: sessionRecord,
  async run(ctx, { session_id, title, status }) {
    if (title === undefined && status === undefined) throw new GobbyError('invalid', 'title or status is missing: nothing to change.')
    const session = await resolveSessionReference(ctx.store, session_id, (await ctx.project())?.id)
    // The status first: it may be refused, and then nothing changes.
    if (status !== undefined) await moveTo(ctx, session, status)
    if (title !== undefined) await ctx.store.sessions.setTitle(session.id, title, ctx.now().toISOString())
    return (await recordAt(ctx, session.id)).session
  },
})
