import { type Context, GobbyError, recordOf, sessionRecord } from '@gobby/sessions'
import { z } from 'zod'

/** The answer of calls that are about one session. */
export const oneSession = z.object({ session: sessionRecord })

/** The same where there may be none. */
export const anySession = z.object({ session: sessionRecord.nullable() })

/** The record of a session as it is by now. */
export async function recordAt(ctx: Context, id: string): Promise<z.input<typeof oneSession>> {
  const stored = await ctx.store.sessions.get(id)
  if (!stored) throw new GobbyError('not_found', 'The session was deleted meanwhile.')
  return { session: await recordOf(ctx, stored) }
}
