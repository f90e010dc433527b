/** Which session a call is for. */
import { type Context, currentSession, GobbyError, sessionAt } from '@gobby/sessions'
import type { Session } from '@gobby/storage'

/**
 * The session named, else the caller's own; undefined for a caller that is none. That a session is the newest of the
 * project does not make it the caller: a link that nobody asked for is never a guess.
 */
export async function callingSession(ctx: Context, session_id: string | undefined, project_id?: string): Promise<Session | undefined> {
  return session_id === undefined ? (await currentSession(ctx, undefined))?.session : sessionAt(ctx, session_id, project_id)
}

/**
 * The session named, else the caller's own, else the project's newest that is active or paused.
 * @throws GobbyError `not_found` when there is none
 */
export async function neededSession(ctx: Context, session_id: string | undefined): Promise<Session> {
  const own = await callingSession(ctx, session_id)
  if (own) return own
  const project = await ctx.project()
  const newest = project && (await currentSession(ctx, project))
  if (newest) return newest.session
  throw new GobbyError(
    'not_found',
    project ? `No session of project ${project.name} is active or paused.` : 'You are in no session, and in no project that is known.',
    'Name the session: --session 12 (session_id).',
  )
}
