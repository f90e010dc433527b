import { type Context, GobbyError, mayBecome } from '@gobby/sessions'
import { type Session, type Status, statuses } from '@gobby/storage'
import { z } from 'zod'

export const newStatus = z.enum(statuses, { error: `must be one of ${statuses.join(', ')}` }).describe('The status to move the session to, where the table of transitions allows it')

/**
 * Moves a session along the table of transitions; to the status it has is no move.
 * @throws GobbyError `conflict`
 */
export async function moveTo(ctx: Context, session: Session, status: Status): Promise<void> {
  if (session.status === status) return
  const from = mayBecome(status)
  const change = { reason: 'asked for over HTTP', actor: 'http', now: ctx.now().toISOString() }
  if (await ctx.store.sessions.setStatus(session.id, from, status, change)) return
  const now = (await ctx.store.sessions.get(session.id))?.status ?? session.status
  throw new GobbyError('conflict', `A session that is ${now} cannot become ${status}.`, `Only one that is ${from.join(', ')} can.`)
}
