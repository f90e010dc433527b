/** The session that an event is about: registered at its first, told of what happens. */
import type { NewSession, Session, Status } from '@gobby/storage'
import type { Context } from '../context.js'
import { branchAt, lookAt } from '../folder.js'
import { projectFor } from '../project.js'
import { titleFrom } from '../sources/normalise.js'
import type { Told } from './told.js'

type Entered = {
  /** Hooks told of it before. */
  known: boolean
  /** The event waited, and later ones of its session were told meanwhile: it changes nothing that these did. */
  overtaken: boolean
}

export async function enterSession(ctx: Context, told: Told): Promise<{ session: Session } & Entered> {
  const { store } = ctx
  const { external_id, transcript_path, cwd } = told.event
  const session =
    (await store.sessions.findByExternalId(told.source.name, external_id)) ??
    (await registerSession(ctx, told, { external_id, transcript_path, cwd, parent_session_id: null, relation: null, agent_depth: 0 }))
  return { session, ...(await enterRun(ctx, told, session)) }
}

/** Notes in which process the session runs. */
export async function enterRun({ store }: Context, { origin }: Told, { id }: Session): Promise<Entered> {
  const run = await store.runs.get(id)
  const { pid, process_start, terminal, at, replayed } = origin
  // Only of one that waited: the clock may have been set back.
  const overtaken = replayed === true && run !== undefined && (run.seen_at > at || (run.ended_at !== null && run.ended_at > at))
  if (!overtaken) await store.runs.enter({ session_id: id, pid, process_start, terminal }, at)
  return { known: run !== undefined, overtaken }
}

type Parentage = Pick<NewSession, 'external_id' | 'transcript_path' | 'cwd' | 'parent_session_id' | 'relation' | 'agent_depth'> & { project_id?: string }

export async function registerSession(ctx: Context, { source, event, origin }: Told, fields: Parentage): Promise<Session> {
  const { cwd } = fields
  const worktree = cwd === null ? undefined : lookAt(cwd, ctx.config.user_home, 'pass over').git?.worktree
  const { session } = await ctx.store.sessions.register(
    {
      project_id: fields.project_id ?? (await projectFor(ctx, cwd)).id,
      ...fields,
      source: source.name,
      machine_id: ctx.machineId(),
      created_at: origin.at,
      last_activity_at: origin.at,
      status: 'active',
      git_branch: worktree === undefined ? null : branchAt(worktree),
      model: event.model ?? null,
      title: null,
    },
    ctx.now().toISOString(),
    'hook',
  )
  return session
}

/** Notes the event in the session. The first prompt becomes its title, if it has none. */
export async function hear(ctx: Context, { event, origin }: Told, { session, overtaken = false }: { session: Session; overtaken?: boolean }, name: string): Promise<void> {
  await ctx.store.sessions.heard(session.id, {
    event: (overtaken && session.last_event) || name,
    at: origin.at,
    now: ctx.now().toISOString(),
    title: (event.kind === 'prompt' && titleFrom(event.prompt ?? '')) || undefined,
    model: event.model,
    transcript_path: event.transcript_path ?? undefined,
    prompt: event.kind === 'prompt' && !overtaken,
  })
}

export async function move(ctx: Context, session: Session, from: Status[], to: Status, reason: string): Promise<void> {
  await ctx.store.sessions.setStatus(session.id, from, to, { reason, actor: 'hook', now: ctx.now().toISOString() })
}
