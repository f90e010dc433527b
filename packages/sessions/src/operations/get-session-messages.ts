import { z } from 'zod'
import { operation } from '../operation.js'
import { messageRecord } from '../records.js'
import { refOf } from '../refs.js'
import { freshSessionAt } from '../scope.js'
import { contentType, flag, limit, offset, role, sessionRef, toolName } from './params.js'

export const getSessionMessages = operation({
  name: 'get_session_messages',
  description: 'Read the messages of one session (a previous conversation), in order.',
  effect: 'read',
  input: z.object({
    session_id: sessionRef,
    limit: limit(50),
    offset,
    role: role.optional(),
    content_type: contentType.optional(),
    tool_name: toolName.optional(),
    tail: flag('The last messages instead of the first; `offset` then counts from the end'),
  }),
  output: z.object({
    session_id: z.string(),
    ref: z.string(),
    messages: z.array(messageRecord),
    total_count: z.number().int(),
    limit: z.number().int(),
    offset: z.number().int(),
  }),
  async run(ctx, { session_id, limit, offset, tail, ...filter }) {
    const session = await freshSessionAt(ctx, session_id)
    const { messages, total } = await ctx.store.messages.list(session.id, filter, { limit, offset, tail })
    return { session_id: session.id, ref: refOf(session), messages, total_count: total, limit, offset }
  },
})
