import { z } from 'zod'
import { operation } from '../operation.js'
import { refOf } from '../refs.js'
import { freshSessionAt } from '../scope.js'
import { sessionRef } from './params.js'

export const getHandoffContext = operation({
  name: 'get_handoff_context',
  description:
    'Read what a previous session handed over (goal, todos, files, commits, last steps) to resume its work. Without a session: the project’s newest handoff.',
  effect: 'read',
  input: z.object({ session_id: sessionRef.optional() }),
  output: z.object({
    session_id: z.string().nullable(),
    ref: z.string().nullable(),
    compact_markdown: z.string().nullable(),
    has_context: z.boolean(),
    handoff_id: z.string().nullable(),
    created_at: z.string().nullable(),
  }),
  async run(ctx, { session_id }) {
    const { store } = ctx
    const project = await ctx.project()
    const named = session_id === undefined ? undefined : await freshSessionAt(ctx, session_id)
    const handoff = named ? await store.handoffs.newest(named.id) : project && (await store.handoffs.newestOfProject(project.id))
    const session = named ?? (handoff && (await store.sessions.get(handoff.session_id)))
    return {
      session_id: session?.id ?? null,
      ref: session ? refOf(session) : null,
      compact_markdown: handoff?.markdown ?? null,
      has_context: handoff !== undefined,
      handoff_id: handoff?.id ?? null,
      created_at: handoff?.created_at ?? null,
    }
  },
})
