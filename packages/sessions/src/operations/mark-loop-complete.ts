import { z } from 'zod'
import { operation } from '../operation.js'
import { refOf } from '../refs.js'
import { sessionAt } from '../scope.js'
import { sessionRef } from './params.js'

const COMPLETED = 'completed' as const

export const markLoopComplete = operation({
  name: 'mark_loop_complete',
  description: 'Say that the work of a session is done: no later session is given its handoff by itself. A new prompt in the session undoes it.',
  effect: 'write',
  input: z.object({ session_id: sessionRef }),
  output: z.object({ success: z.literal(true), session_id: z.string(), ref: z.string(), stop_reason: z.literal(COMPLETED) }),
  async run(ctx, { session_id }) {
    const session = await sessionAt(ctx, session_id)
    await ctx.store.sessions.setStopReason(session.id, COMPLETED, ctx.now().toISOString())
    return { success: true as const, session_id: session.id, ref: refOf(session), stop_reason: COMPLETED }
  },
})
