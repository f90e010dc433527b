/** What the events of a CLI mean for its session: the one place, whatever CLI it is. */
import type { Session } from '@gobby/storage'
import type { Context } from './context.js'
import { GobbyError } from './errors.js'
import { enterRun, enterSession, hear, move, registerSession } from './hooks/enter-session.js'
import { endPredecessor, handOn } from './hooks/hand-on.js'
import { doneInTime, putOff, type Told, workOn } from './hooks/told.js'
import { injection, sessionLine } from './hooks/injection.js'
import { ingestSession } from './ingest/ingest.js'
import { parentIn } from './ingest/parent.js'
import { mayBecome } from './lifecycle.js'
import { type Beginning, beginnings, type HookAnswer } from './sources/hook-event.js'

/**
 * Takes in one event: registers the session at its first, moves its status along, and says what the CLI is to be told.
 *
 * @throws GobbyError `busy`, `unavailable`: nothing is lost when the event is kept and told again (see `spool`)
 */
export async function handleHook(ctx: Context, told: Told): Promise<HookAnswer> {
  const began = performance.now()
  const answer = told.event.agent ? await ofSubagent(ctx, told) : await ofSession(ctx, told)
  try {
    await count(ctx, told, performance.now() - began)
  } catch (error) {
    // An answer may hold what is given only once: it is not lost for the sake of a number. All else can be told again.
    if (!(error instanceof GobbyError) || Object.keys(answer).length === 0) throw error
  }
  return told.origin.replayed ? {} : answer
}

async function count({ store, now }: Context, { source, event, origin }: Told, ms: number): Promise<void> {
  const took = origin.ms + (origin.replayed ? 0 : ms)
  await store.hooks.count({ source: source.name, event: event.event.slice(0, 100), known: event.kind !== null, ms: took, now: now().toISOString() })
}

async function ofSession(ctx: Context, told: Told): Promise<HookAnswer> {
  switch (told.event.kind) {
    case 'start':
      return started(ctx, told)
    case 'prompt':
      return prompted(ctx, told)
    case 'turn_end':
      return turnEnded(ctx, told)
    case 'before_compaction':
      return compacting(ctx, told)
    case 'end':
      return ended(ctx, told)
    default:
      return {}
  }
}

async function started(ctx: Context, told: Told): Promise<HookAnswer> {
  const { beginning = 'startup' } = told.event
  const { session, known, overtaken } = await enterSession(ctx, told)
  const unheard = unheardIn(told, beginning)
  if (!overtaken) await move(ctx, session, mayBecome('active'), 'active', `start: ${beginning}`)
  await hear(ctx, told, { session, overtaken }, unheard ? beginning : 'start')
  if (beginning === 'fork') await workOn(ctx, told, session, 'ingest')
  // What was said once stands in the transcript, and comes back with it.
  if ((beginning === 'resume' || beginning === 'startup') && known) return {}
  if (told.origin.replayed && beginning === 'clear') await endPredecessor(ctx, told, session)
  if (beginning === 'resume' || beginning === 'fork' || told.origin.replayed) return injection(ctx, session)
  const handed = await handOn(ctx, told, session, beginning)
  if (unheard && handed && 'handoff' in handed) await ctx.store.runs.owe(session.id, handed.handoff.id)
  return injection(ctx, session, handed)
}

/** Whether what is said at this start must be said with the next prompt. */
function unheardIn({ source }: Told, beginning: Beginning): boolean {
  return source.hooks?.unheard?.includes(beginning) === true
}

async function prompted(ctx: Context, told: Told): Promise<HookAnswer> {
  const { session, known, overtaken } = await enterSession(ctx, told)
  if (!overtaken) await move(ctx, session, mayBecome('active'), 'active', 'a prompt')
  await hear(ctx, told, { session, overtaken }, 'prompt')
  if (!known) return { context: sessionLine(session) }
  if (told.origin.replayed) return {}
  const unheard = beginnings.find((one) => one === session.last_event && unheardIn(told, one))
  const owed = await takeOwed(ctx, told, session)
  const handoff = owed === undefined ? undefined : await ctx.store.handoffs.get(owed)
  const parent = handoff && handoff.session_id !== session.id ? await ctx.store.sessions.get(handoff.session_id) : undefined
  if (unheard === undefined) return handoff ? injection(ctx, session, { handoff, parent }) : {}
  const handed = handoff ? { handoff, parent } : unheard === 'clear' && !session.relation ? await handOn(ctx, told, session, unheard) : undefined
  // The notice was shown at the start.
  return { context: injection(ctx, session, handed).context }
}

/**
 * What is owed of a compaction. The same one must not be noticed in the transcript later, and owed again. Taken last: what
 * fails before leaves it for the next prompt.
 */
async function takeOwed(ctx: Context, told: Told, session: Session): Promise<string | undefined> {
  const owed = (await ctx.store.runs.get(session.id))?.owed_handoff_id ?? null
  if (owed === null) return undefined
  const noticed = !told.source.hooks?.compactions || (await doneInTime(ctx, told, session, () => ingestSession(ctx, session)))
  const given = await ctx.store.runs.takeOwed(session.id)
  if (!noticed) told.later?.({ session_id: session.id, what: 'ingest', given })
  return given
}

async function turnEnded(ctx: Context, told: Told): Promise<HookAnswer> {
  const { session, overtaken } = await enterSession(ctx, told)
  if (!overtaken) await move(ctx, session, ['active'], 'paused', 'the turn ended')
  await hear(ctx, told, { session, overtaken }, 'turn_end')
  await workOn(ctx, told, session, 'ingest')
  return {}
}

async function compacting(ctx: Context, told: Told): Promise<HookAnswer> {
  const { session, overtaken } = await enterSession(ctx, told)
  const silent = told.source.hooks?.compacts_silently === true
  if (silent && told.event.trigger !== 'manual') {
    // It comes before every turn, compaction or not: what it costs is paid after the answer.
    await putOff(ctx, told, { session_id: session.id, what: 'handoff' })
    return {}
  }
  await hear(ctx, told, { session, overtaken }, 'before_compaction')
  await workOn(ctx, told, session, silent ? 'owed_handoff' : 'handoff')
  return {}
}

async function ended(ctx: Context, told: Told): Promise<HookAnswer> {
  const { source, event, origin } = told
  const session = await ctx.store.sessions.findByExternalId(source.name, event.external_id)
  // One that nobody heard of before has nothing that its transcript does not tell.
  if (!session) return {}
  const reason = event.reason ?? 'other'
  const run = await ctx.store.runs.get(session.id)
  // It waited, and the session was taken up again meanwhile.
  if (origin.replayed && run && run.seen_at > origin.at) return {}
  await hear(ctx, told, { session }, 'end')
  await ctx.store.runs.leave(session.id, reason, origin.at)
  await move(ctx, session, ['active', 'paused'], 'expired', `the session ended: ${reason}`)
  // A CLI gives its end a second or so.
  await putOff(ctx, told, { session_id: session.id, what: 'end' })
  return {}
}

/** A sub-agent is a session of its own; its other events tell nothing of its parent. */
async function ofSubagent(ctx: Context, told: Told): Promise<HookAnswer> {
  const { agent, external_id, kind, cwd } = told.event
  const starts = kind === 'subagent_start'
  if (!agent?.external_id || agent.external_id === external_id || !(starts || kind === 'subagent_stop')) return {}
  const { session: root } = await enterSession(ctx, told)
  // Sub-agents have sub-agents: the event names the session, the transcript who started it.
  const starter = agent.transcript_path === null ? undefined : await parentIn(ctx, told.source, agent.external_id, agent.transcript_path)
  const parent = starter?.relation === 'subagent' ? starter.session : root
  const child = await registerSession(ctx, told, {
    external_id: agent.external_id,
    transcript_path: agent.transcript_path,
    cwd: cwd ?? parent.cwd,
    parent_session_id: parent.id,
    relation: 'subagent',
    agent_depth: parent.agent_depth + 1,
    project_id: parent.project_id,
  })
  await ctx.store.sessions.setParent(child.id, parent.id, 'subagent')
  const { overtaken } = await enterRun(ctx, told, child)
  await ctx.store.sessions.heard(child.id, {
    event: starts ? 'start' : 'end',
    at: told.origin.at,
    now: ctx.now().toISOString(),
    transcript_path: agent.transcript_path ?? undefined,
  })
  if (!starts) {
    await ctx.store.runs.leave(child.id, 'other', told.origin.at)
    await move(ctx, child, ['active', 'paused'], 'expired', 'the sub-agent ended')
    await workOn(ctx, told, child, 'ingest')
  } else if (!overtaken) await move(ctx, child, mayBecome('active'), 'active', 'the sub-agent started')
  return {}
}
