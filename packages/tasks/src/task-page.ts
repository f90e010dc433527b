/** A page of a list of tasks; every operation that lists them gives one. */
import { type Context, cursor, cursorAt, limit, placeOf, qualifiedRef, taskOf, taskRecord } from '@gobby/sessions'
import type { TaskCursor, TaskFilter } from '@gobby/storage'
import { z } from 'zod'

export const pageInput = { limit: limit(20), cursor: cursor.optional() }

export const taskPage = z.object({ tasks: z.array(taskRecord), count: z.number().int(), next_cursor: z.string().nullable() })

const place = z
  .tuple([z.boolean(), z.number(), z.string(), z.number(), z.string()])
  .transform(([closed, priority, created_at, seq_num, id]): TaskCursor => ({ closed, priority, created_at, seq_num, id }))

/** @param page `across`: a list of several projects, in which a number alone would not do */
export async function pageOf(ctx: Context, filter: TaskFilter, page: { limit: number; cursor?: string; across?: true }): Promise<z.output<typeof taskPage>> {
  const after = page.cursor === undefined ? undefined : placeOf(place, page.cursor)
  const found = await ctx.store.tasks.list(filter, page.limit + 1, after)
  const shown = found.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    tasks: shown.map((task) => (page.across ? { ...taskOf(task), ref: qualifiedRef(task) } : taskOf(task))),
    count: shown.length,
    next_cursor: last && found.length > page.limit ? cursorAt([last.status === 'closed', last.priority, last.created_at, last.seq_num, last.id]) : null,
  }
}
