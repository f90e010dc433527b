/** Makes a handoff: takes in the transcript, analyses it, asks git and the tasks, masks, renders, keeps. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Commit, Handoff, Session, Store } from '@gobby/storage'
import { type Touch, touchesOf } from '../analyzer/analyze-files.js'
import { analyze, type Analysis } from '../analyzer/analyzer.js'
import { callsOf, type Reader, resultsWanted } from '../analyzer/calls.js'
import { type SessionCommits, sessionCommits } from '../git/commits.js'
import type { Context } from '../context.js'
import { GobbyError } from '../errors.js'
import { lookAt } from '../folder.js'
import { status } from '../git/git.js'
import type { HandoffContext } from './handoff-context.js'
import { maskContext } from './mask-secrets.js'
import { mergedCommits } from '../git/merged-commits.js'
import { refFrom, refOf } from '../refs.js'
import { renderHandoff } from './render-handoff.js'
import { sourceNamed } from '../sources/index.js'

export type MadeHandoff = Awaited<ReturnType<Store['handoffs']['add']>> & { context: HandoffContext }

/**
 * Makes the handoff of a session that has been brought up to its transcript.
 *
 * @param only see `Store.handoffs.add`
 * @throws GobbyError `nothing_to_hand_over` when there is no goal, file, commit, todo or note
 */
export async function makeHandoff(ctx: Context, session: Session, made_by: Handoff['made_by'], notes: string | null, only?: Parameters<Store['handoffs']['add']>[2]): Promise<MadeHandoff> {
  const raw = await handoffContextOf(ctx, session, notes)
  if (!raw.initial_goal && raw.files.length === 0 && raw.git_commits.length === 0 && raw.todos.length === 0 && !raw.notes) {
    throw new GobbyError('nothing_to_hand_over', `Session ${refOf(session)} has nothing to hand over: no goal, file, commit or todo.`, 'Give notes to hand those over: gobby session handoff "what comes next"')
  }
  const { context } = maskContext(raw)
  const markdown = renderHandoff(context, { more: `Whole: get_handoff_context ${session.seq_num}` })
  const sha256 = createHash('sha256').update(JSON.stringify(context)).digest('hex')
  // The analyzer masked some already, before it cut long texts.
  const masked = JSON.stringify(context).split('[masked: ').length - 1
  const kept = await ctx.store.handoffs.add(
    { session_id: session.id, made_by, notes: context.notes, context, markdown, sha256, masked },
    ctx.now().toISOString(),
    only,
  )
  return { ...kept, context }
}

async function handoffContextOf(ctx: Context, session: Session, notes: string | null): Promise<HandoffContext> {
  const analysis = await analysisOf(ctx, session)
  const [commits, git_status] = await Promise.all([commitsOf(ctx, session, analysis, { candidates: false }), statusOf(ctx, session)])
  return {
    initial_goal: analysis.initial_goal,
    latest_request: analysis.latest_request,
    active_task: await activeTask(ctx, session, analysis),
    todos: analysis.todos,
    files_modified: analysis.files.map(({ path }) => path),
    files: analysis.files,
    git_commits: commits.commits.filter(({ certainty }) => certainty !== 'candidate').map(({ hash, message, timestamp }) => ({ hash, message, timestamp })),
    git_status,
    commands: analysis.commands,
    open_problems: analysis.open_problems,
    recent_activity: analysis.recent_activity,
    notes: notes?.trim() ? notes.trim() : null,
  }
}

/** What the stored messages of a session say. */
export async function analysisOf(ctx: Context, session: Session): Promise<Analysis> {
  const reader = readerOf(session)
  const steps = await ctx.store.messages.steps(session.id)
  const results = await ctx.store.messages.results(session.id, resultsWanted(steps, reader))
  const checkout = await checkoutOf(ctx, session)
  const folder = checkout?.own ? checkout.folder : session.cwd
  return analyze({ steps, results, reader, folder, cwd: session.cwd, subagent_touches: await subagentTouches(ctx, session) })
}

/** Edits of the session's sub-agents, and of theirs. */
async function subagentTouches(ctx: Context, session: Session): Promise<Touch[]> {
  const touches: Touch[] = []
  for (const child of await ctx.store.sessions.children(session.id)) {
    if (child.relation !== 'subagent') continue
    const reader = readerOf(child)
    const steps = await ctx.store.messages.steps(child.id)
    const results = await ctx.store.messages.results(child.id, resultsWanted(steps, reader))
    touches.push(...touchesOf(callsOf(steps, results, reader), 'subagent'), ...(await subagentTouches(ctx, child)))
  }
  return touches
}

/** The commits of a session from its transcript, its worktree's reflog and the log; kept, since a reflog forgets. */
export async function commitsOf(ctx: Context, session: Session, analysis: Analysis, { candidates }: { candidates: boolean }): Promise<{ commits: Commit[]; reason?: string }> {
  const checkout = await checkoutOf(ctx, session)
  const window = { from: session.created_at, to: session.ended_at ?? laterOf(session.last_activity_at, session.status === 'active' ? ctx.now().toISOString() : '') }
  const found = await sessionCommits({
    reported: analysis.reported_commits,
    window,
    checkout: checkout?.folder ?? null,
    shared: checkout !== null && (!checkout.own || (await isShared(ctx, session, checkout.folder, window))),
    candidates,
    env: ctx.config.env,
  })
  const known = await ctx.store.commits.ofSession(session.id)
  const commits = mergedCommits(found.commits, known.filter((commit) => !isSettled(commit, found, analysis)))
  await ctx.store.commits.put(session.id, commits.filter(({ certainty }) => certainty !== 'candidate'))
  return { commits, ...(found.reason === undefined ? {} : { reason: found.reason }) }
}

/** Whether what was known of a commit has been looked into anew: what was found now stands for it. */
function isSettled({ hash, message }: Commit, { replaced, reason }: SessionCommits, { reported_commits }: Analysis): boolean {
  if (hash !== null && replaced.some((sha) => sha.startsWith(hash))) return true
  return hash === null && reason === undefined && reported_commits.some((report) => report.sha === null && report.message === message)
}

/** Whether another session was at work in the same worktree at the time: its reflog does not say whose a commit is. */
async function isShared(ctx: Context, session: Session, checkout: string, { from, to }: { from: string; to: string }): Promise<boolean> {
  const others = await ctx.store.sessions.livedBetween(session.project_id, from, to)
  for (const other of others) {
    if (other.id === session.id || other.parent_session_id === session.id) continue
    if ((await checkoutOf(ctx, other))?.folder === checkout) return true
  }
  return false
}

/**
 * Where git is asked about a session: the worktree that it worked in; when that is gone, the project's checkout, which is
 * not the session's `own`. Null when there is no repository. Never the transcript's own folder.
 */
async function checkoutOf(ctx: Context, session: Session): Promise<{ folder: string; own: boolean } | null> {
  const worktreeAt = (path: string | null | undefined): string | undefined => {
    const worktree = path ? lookAt(path, ctx.config.user_home, 'pass over').git?.worktree : undefined
    return worktree && existsSync(worktree) ? worktree : undefined
  }
  const own = worktreeAt(session.cwd)
  if (own !== undefined) return { folder: own, own: true }
  const project = worktreeAt((await ctx.store.projects.get(session.project_id))?.path)
  return project === undefined ? null : { folder: project, own: false }
}

async function statusOf(ctx: Context, session: Session): Promise<string | null> {
  const checkout = await checkoutOf(ctx, session)
  return checkout === null ? null : (await status(checkout.folder, ctx.config.env)).text
}

async function activeTask(ctx: Context, session: Session, { task }: Analysis): Promise<HandoffContext['active_task']> {
  const links = await ctx.store.tasks.ofSession(session.id)
  const linked = links.find(({ task: { status }, action }) => status !== 'closed' && (action === 'claimed' || action === 'worked_on'))?.task
  if (linked) return { id: linked.id, ref: refFrom(session, linked), title: linked.title, status: linked.status }
  const mentioned = task && links.find((link) => link.task.id === task.id)?.task
  if (mentioned) return { id: mentioned.id, ref: refFrom(session, mentioned), title: mentioned.title, status: mentioned.status }
  return task && { id: task.id, ref: null, title: task.title ?? task.id, status: 'open' }
}

function readerOf(session: Session): Reader {
  return sourceNamed(session.source) ?? { actions: () => [] }
}

const laterOf = (a: string, b: string) => (a > b ? a : b)
