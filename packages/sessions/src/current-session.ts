/** Which session is calling, or else the one a person most likely means. */
import type { Project, Run, Session } from '@gobby/storage'
import type { Context } from './context.js'
import { GobbyError } from './errors.js'
import { ancestors } from './process.js'
import { qualifiedRef } from './refs.js'
import { sources } from './sources/index.js'

/** How a session was recognised as the caller's. */
export const matches = ['client', 'environment', 'process', 'newest'] as const

export type CurrentSession = { session: Session; matched_by: (typeof matches)[number] } | undefined

/**
 * The caller's own session: what the client itself names, else what the CLI's environment variables say, unless another
 * CLI runs between that one and the caller, else what hooks told of the process above the caller. Where that is not known, the newest by last activity among the active, then the
 * paused ones of the project. Never a sub-agent.
 *
 * @param project undefined: the caller is outside every known project, and only its own session is meant; `*`: all projects
 * @throws GobbyError `ambiguous` when two are equally recent
 */
export async function currentSession(ctx: Context, project: Project | '*' | undefined): Promise<CurrentSession> {
  const fits = (session: Session | undefined): session is Session =>
    session !== undefined && session.relation !== 'subagent' && (!project || project === '*' || session.project_id === project.id)
  const own = await callingSession(ctx, fits)
  if (own) return own
  if (!project) return undefined
  const project_id = project === '*' ? undefined : project.id
  for (const status of ['active', 'paused'] as const) {
    const [first, ...others] = await ctx.store.sessions.list({ project_id, status }, 10)
    if (!first) continue
    const equal = others.filter((other) => other.last_activity_at === first.last_activity_at)
    if (equal.length === 0) return { session: first, matched_by: 'newest' }
    const candidates = [first, ...equal].map(qualifiedRef)
    throw new GobbyError('ambiguous', `${candidates.join(' and ')} were last active at the same time.`, 'Name the session: --session 12 (session_id).', { candidates })
  }
  return undefined
}

async function callingSession(ctx: Context, fits: (session: Session | undefined) => session is Session): Promise<CurrentSession> {
  const { store, caller, config } = ctx
  if (caller.external_id !== undefined) {
    for (const { name } of sources) {
      const session = await store.sessions.findByExternalId(name, caller.external_id)
      if (fits(session)) return { session, matched_by: 'client' }
    }
  }
  const above = caller.pid === undefined ? [] : [...ancestors(caller.pid)]
  const distance = (run: Run | undefined): number => {
    const at = above.findIndex(({ pid, process_start }) => pid === run?.pid && process_start === run.process_start)
    return at < 0 ? Infinity : at
  }
  let named: Found | undefined
  let stale: Session | undefined
  for (const source of sources) {
    const external_id = source.callingSession?.(config.env)
    const session = external_id ? await store.sessions.findByExternalId(source.name, external_id) : undefined
    if (!fits(session)) continue
    const run = await store.runs.get(session.id)
    const found = { session, distance: distance(run) }
    // A process keeps the environment it was started with, also when the person clears and another session begins.
    if (run && run.ended_at !== null) stale ??= session
    else if (!named || found.distance < named.distance) named = found
  }
  const running = await nearest(ctx, above, fits)
  // A CLI that was started in the shell of another one has the other's variables too.
  const isInner = running && named && Number.isFinite(named.distance) && running.distance < named.distance
  if (named && !isInner) return { session: named.session, matched_by: 'environment' }
  if (running) return { session: running.session, matched_by: 'process' }
  return stale && { session: stale, matched_by: 'environment' }
}

/** A session, and how far above the caller its process is; infinite where it is not above it. */
type Found = { session: Session; distance: number }

/** The session that runs in the nearest process above the caller that runs any. */
async function nearest({ store }: Context, above: { pid: number; process_start: string }[], fits: (session: Session | undefined) => session is Session): Promise<Found | undefined> {
  for (const [distance, { pid, process_start }] of above.entries()) {
    for (const run of await store.runs.ofPid(pid)) {
      if (run.process_start !== process_start || run.ended_at !== null) continue
      const session = await store.sessions.get(run.session_id)
      if (fits(session)) return { session, distance }
    }
  }
  return undefined
}
