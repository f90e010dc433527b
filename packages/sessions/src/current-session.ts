/** Which session is calling, or else the one a person most likely means. */
import type { Project, Session } from '@gobby/storage'
import type { Context } from './context.js'
import { GobbyError } from './errors.js'
import { qualifiedRef, quoted } from './refs.js'
import { sources } from './sources/index.js'

export type CurrentSession = { session: Session; matched_by: 'environment' | 'newest' } | undefined

/**
 * The caller's own session where the CLI's environment variables tell it; else the newest by last activity among the
 * active, then the paused ones of the project. Never a sub-agent.
 *
 * @param project undefined: the caller is outside every known project, and only its own session is meant; `*`: all projects
 * @throws GobbyError `ambiguous` when two are equally recent
 */
export async function currentSession(ctx: Context, project: Project | '*' | undefined): Promise<CurrentSession> {
  for (const source of sources) {
    const external_id = source.callingSession?.(ctx.config.env)
    const session = external_id ? await ctx.store.sessions.findByExternalId(source.name, external_id) : undefined
    if (session && session.relation !== 'subagent' && (!project || project === '*' || session.project_id === project.id)) return { session, matched_by: 'environment' }
  }
  if (!project) return undefined
  const project_id = project === '*' ? undefined : project.id
  for (const status of ['active', 'paused'] as const) {
    const [first, ...others] = await ctx.store.sessions.list({ project_id, status }, 10)
    if (!first) continue
    const equal = others.filter((other) => other.last_activity_at === first.last_activity_at)
    if (equal.length === 0) return { session: first, matched_by: 'newest' }
    const candidates = [first, ...equal].map(qualifiedRef)
    throw new GobbyError('ambiguous', `${candidates.join(' and ')} were last active at the same time.`, `Name one: gobby session handoff --session-id ${quoted(candidates[0] as string)}`, {
      candidates,
    })
  }
  return undefined
}
