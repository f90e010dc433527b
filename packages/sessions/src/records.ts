/** Records as surfaces show them. */
import { message, type Numbered, relations, type Session, session, task, taskActions, type Task, tokens } from '@gobby/storage'
import { z } from 'zod'
import type { Context } from './context.js'
import { refFrom, refOf } from './refs.js'

const { input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, summary_markdown: _s, compact_markdown: _c, ...fields } = session.shape

export const usage = z.object({ input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, by_model: z.record(z.string(), tokens) })

/** The session record. Its `ref` counts within its project. */
export const sessionRecord = z.object({
  ref: z.string(),
  ...fields,
  parent_ref: z.string().nullable(),
  usage,
})
/** See {@link sessionRecord}. */
export type SessionRecord = z.infer<typeof sessionRecord>

/** The record in a list. `tokens` is the sum of all kinds. */
export const sessionBrief = sessionRecord
  .partial({ machine_id: true, cwd: true, transcript_path: true, usage: true })
  .extend({ tokens: z.number().int() })
/** See {@link sessionBrief}. */
export type SessionBrief = z.infer<typeof sessionBrief>

export const messageRecord = message

const { id, seq_num, project_id, project, title, description, type, priority, status, assignee, parent_task_id, labels, ...ends } = task.omit({
  assignee_session: true,
  parent: true,
  blocked_by: true,
}).shape

/** The task record. Its `ref` counts within its project, and so do the refs in it; those of another project name that. */
export const taskRecord = z.object({
  id,
  ref: z.string(),
  seq_num,
  project_id,
  project,
  title,
  description,
  type,
  priority,
  status,
  /** A session as its ref, or a name. */
  assignee,
  assignee_session_id: z.string().nullable(),
  parent_task_id,
  parent_ref: z.string().nullable(),
  labels,
  /** Refs of what it waits for and is not closed. */
  blocked_by: z.array(z.string()),
  ...ends,
})
/** See {@link taskRecord}. */
export type TaskRecord = z.infer<typeof taskRecord>

const link = { action: z.enum(taskActions), link_created_at: z.string() }

/** A task of a session, and what the session did with it. */
export const linkedTask = z.object({ task: taskRecord, ...link })

/** A session of a task, and what it did with the task. */
export const linkedSession = z.object({ session: sessionBrief, ...link })

export const childRecord = z.object({ ref: z.string(), id: z.string(), relation: z.enum(relations).nullable() })

/** The record of a stored task. */
export function taskOf(stored: Task): TaskRecord {
  const { id, seq_num, project_id, project, title, description, type, priority, status, assignee, parent_task_id, labels, ...rest } = stored
  const { assignee_session, parent, blocked_by, ...ends } = rest
  const refTo = (other: Numbered): string => refFrom(stored, other)
  return {
    id,
    ref: refOf(stored),
    seq_num,
    project_id,
    project,
    title,
    description,
    type,
    priority,
    status,
    assignee: assignee_session ? refTo(assignee_session) : assignee,
    assignee_session_id: assignee_session?.id ?? null,
    parent_task_id,
    parent_ref: parent ? refTo(parent) : null,
    labels,
    blocked_by: blocked_by.map(refTo),
    ...ends,
  }
}

/** The whole record. */
export async function recordOf(ctx: Context, stored: Session): Promise<SessionRecord> {
  const { input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens } = stored
  const by_model = await ctx.store.sessions.usageByModel(stored.id)
  return { ...withoutUsage(stored, await parentOf(ctx, stored)), usage: { input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, by_model } }
}

/** The record as lists have it. */
export async function briefOf(ctx: Context, stored: Session): Promise<SessionBrief> {
  return briefFrom(stored, await parentOf(ctx, stored))
}

/** The same where the parent is known. */
export function briefFrom(stored: Session, parent: Numbered | null): SessionBrief {
  const { machine_id: _m, cwd: _w, transcript_path: _t, ...brief } = withoutUsage(stored, parent)
  return { ...brief, tokens: totalTokens(stored) }
}

async function parentOf(ctx: Context, stored: Session): Promise<Numbered | null> {
  return (stored.parent_session_id && (await ctx.store.sessions.get(stored.parent_session_id))) || null
}

function withoutUsage(stored: Session, parent: Numbered | null): Omit<SessionRecord, 'usage'> {
  const { input_tokens: _i, output_tokens: _o, cache_read_tokens: _r, cache_creation_tokens: _n, summary_markdown: _s, compact_markdown: _c, ...rest } = stored
  return { ref: refOf(stored), ...rest, parent_ref: parent ? refFrom(stored, parent) : null }
}

export function totalTokens(counts: z.infer<typeof tokens>): number {
  return counts.input_tokens + counts.output_tokens + counts.cache_read_tokens + counts.cache_creation_tokens
}
