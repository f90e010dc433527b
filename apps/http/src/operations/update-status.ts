import { operation, resolveSessionReference } from '@gobby/sessions'
import { getSession } from '@gobby/sessions/operations'
import { z } from 'zod'
import { oneSession, recordAt } from './record.js'
import { moveTo, newStatus } from './status.js'

export const updateStatus = operation({
  name: 'update_status',
  description: 'Move a session’s status along the table of transitions.',
  effect: 'write',
  input: z.object({ session_id: getSession.input.shape.session_id, status: newStatus }),
  output: oneSession,
  async run(ctx, { session_id, status }) {
    const session = await resolveSessionReference(ctx.store, session_id, (await ctx.project())?.id)
    await moveTo(ctx, session, status)
    return recordAt(ctx, session.id)
  },
})
