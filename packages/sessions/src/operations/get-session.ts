import { z } from 'zod'
import { operation } from '../operation.js'
import { childRecord, linkedTask, recordOf, refFrom, sessionRecord, taskOf } from '../records.js'
import { freshSessionAt } from '../scope.js'
import { filesTouched } from '../files-touched.js'
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
      files: await filesTouched(ctx, session),
      tasks: (await store.tasks.ofSession(session.id)).map((link) => ({ ...link, task: taskOf(link.task) })),
    }
  },
})
