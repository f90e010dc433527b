/** Records as surfaces show them. */
import { message, relations, type Session, session, task, taskActions, type Task, tokens } from '@gobby/storage'
import { z } from 'zod'
import type { Context } from './context.js'
import { refOf } from './refs.js'

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

export const taskRecord = z.object({ ref: z.string(), ...task.shape })

export const linkedTask = z.object({ task: taskRecord, action: z.enum(taskActions), link_created_at: z.string() })

export const childRecord = z.object({ ref: z.string(), id: z.string(), relation: z.enum(relations).nullable() })

export function taskOf(stored: Task): z.infer<typeof taskRecord> {
  return { ref: `#${stored.seq_num}`, ...stored }
}

/** The whole record. */
export async function recordOf(ctx: Context, stored: Session): Promise<SessionRecord> {
  const { input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens } = stored
  const by_model = await ctx.store.sessions.usageByModel(stored.id)
  return { ...(await withoutUsage(ctx, stored)), usage: { input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, by_model } }
}

/** The record as lists have it. */
export async function briefOf(ctx: Context, stored: Session): Promise<SessionBrief> {
  const { machine_id: _m, cwd: _w, transcript_path: _t, ...brief } = await withoutUsage(ctx, stored)
  return { ...brief, tokens: totalTokens(stored) }
}

async function withoutUsage(ctx: Context, stored: Session): Promise<Omit<SessionRecord, 'usage'>> {
  const { input_tokens: _i, output_tokens: _o, cache_read_tokens: _r, cache_creation_tokens: _n, summary_markdown: _s, compact_markdown: _c, ...rest } = stored
  const parent = stored.parent_session_id ? await ctx.store.sessions.get(stored.parent_session_id) : undefined
  return { ref: refOf(stored), ...rest, parent_ref: parent ? refFrom(stored, parent) : null }
}

export function totalTokens(counts: z.infer<typeof tokens>): number {
  return counts.input_tokens + counts.output_tokens + counts.cache_read_tokens + counts.cache_creation_tokens
}

/** A session's ref as seen from another: `#3` in the same project, `project#3` elsewhere. */
export function refFrom(from: Pick<Session, 'project_id'>, to: Session): string {
  return from.project_id === to.project_id ? refOf(to) : `${to.project}${refOf(to)}`
}
