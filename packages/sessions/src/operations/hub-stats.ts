import { statuses, taskStatuses } from '@gobby/storage'
import { z } from 'zod'
import { operation } from '../operation.js'

const count = z.number().int()

/** A count for each of some words. */
function each<Word extends string>(words: readonly Word[]) {
  return z.object(Object.fromEntries(words.map((word) => [word, count])) as Record<Word, typeof count>)
}

export const hubStats = operation({
  name: 'hub_stats',
  description: 'Count what gobby keeps on this machine: projects, sessions by status and source, messages, tasks by status, and the size of the database.',
  effect: 'read',
  input: z.object({}),
  output: z.object({
    projects: count,
    /** Without sub-agents, and without sessions that ended without a prompt. */
    sessions: z.object({ total: count, by_status: each(statuses), by_source: z.record(z.string(), count) }),
    subagents: count,
    messages: count,
    tool_calls: count,
    tasks: z.object({ total: count, by_status: each(taskStatuses) }),
    last_activity_at: z.string().nullable(),
    /** Sizes in bytes. */
    database: z.object({ path: z.string(), size: count, wal_size: count, version: count }),
  }),
  async run({ store }) {
    const [projects, { messages, tool_calls, ...sessions }, whole, tasks, info] = await Promise.all([
      store.projects.list(),
      store.sessions.counts({}),
      store.sessions.counts({ include_subagents: true }),
      store.tasks.counts(),
      store.info(),
    ])
    const { path, size, wal_size, version } = info
    return {
      projects: projects.length,
      sessions,
      subagents: whole.total - sessions.total,
      messages,
      tool_calls,
      tasks: { total: Object.values(tasks).reduce((sum, each) => sum + each, 0), by_status: tasks },
      last_activity_at: projects[0]?.last_activity_at ?? null,
      database: { path, size, wal_size, version },
    }
  },
})
