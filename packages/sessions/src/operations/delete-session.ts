import { z } from 'zod'
import { operation } from '../operation.js'
import { refIn } from '../refs.js'
import { sessionAt } from '../scope.js'
import { sessionRef } from './params.js'

export const deleteSession = operation({
  name: 'delete_session',
  description: 'Delete a session for good, with its messages, its place in the search index and its sub-agents. The CLI’s own transcript stays.',
  effect: 'delete',
  input: z.object({
    session_id: z
      .union([sessionRef, z.array(sessionRef).min(1, 'must name at least one session').max(200, 'must name at most 200 sessions')], { error: 'must be a session, or a list of them' })
      .describe('One session or several'),
  }),
  output: z.object({ deleted: z.array(z.string()), count: z.number().int() }),
  async run(ctx, { session_id }) {
    // All are looked up before the first is deleted: a wrong one among them deletes nothing.
    const sessions = await Promise.all([session_id].flat().map((ref) => sessionAt(ctx, ref)))
    const project = await ctx.project()
    const deleted = await ctx.store.sessions.delete([...new Set(sessions.map(({ id }) => id))], ctx.now().toISOString())
    return { deleted: deleted.map((session) => refIn(project, session)), count: deleted.length }
  },
})
