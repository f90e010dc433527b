import { makers } from '@gobby/storage'
import { z } from 'zod'
import { operation } from '../operation.js'
import { childRecord, linkedTask, recordOf, sessionRecord, taskOf } from '../records.js'
import { refFrom } from '../refs.js'
import { freshSessionAt } from '../scope.js'
import { analysisOf } from '../handoff/handoff.js'
import { sessionRef } from './params.js'

export const getSession = operation({
  name: 'get_session',
  description:
    'Look up one session (a previous conversation or run of a coding CLI): its title, status, branch, usage, tools, files touched, children and tasks.',
  effect: 'read',
  input: z.object({ session_id: sessionRef }),
  output: sessionRecord.extend({
    summary_markdown: z.string().nullable(),
    compact_markdown: z.string().nullable(),
    skipped_reasons: z.record(z.string(), z.number().int()),
    children: z.array(childRecord),
    tools: z.record(z.string(), z.number().int()),
    files: z.array(z.string()),
    handoffs: z.array(z.object({ handoff_id: z.string(), created_at: z.string(), made_by: z.enum(makers) })),
    tasks: z.array(linkedTask),
  }),
  async run(ctx, { session_id }) {
    const session = await freshSessionAt(ctx, session_id)
    const { store } = ctx
    const children = await store.sessions.children(session.id)
    return {
      ...(await recordOf(ctx, session)),
      summary_markdown: session.summary_markdown,
      compact_markdown: session.compact_markdown,
      skipped_reasons: (await store.ingest.state(session.id))?.skipped_reasons ?? {},
      children: children.map((child) => ({ ref: refFrom(session, child), id: child.id, relation: child.relation })),
      tools: await store.messages.tools(session.id),
      files: (await analysisOf(ctx, session)).files.map(({ path }) => path),
      handoffs: (await store.handoffs.ofSession(session.id)).map(({ id, ...made }) => ({ handoff_id: id, ...made })),
      tasks: (await store.tasks.ofSession(session.id)).map((link) => ({ ...link, task: taskOf(link.task) })),
    }
  },
})
