import { z } from 'zod'
import { currentSession, matches } from '../current-session.js'
import { operation } from '../operation.js'
import { recordOf, sessionRecord } from '../records.js'
import { scopeOf } from '../scope.js'
import { projectRef } from './params.js'

export const getCurrentSession = operation({
  name: 'get_current_session',
  description: 'Find your own session: the one that is calling, or else the project’s most recent one that is active or paused.',
  effect: 'read',
  input: z.object({ project_id: projectRef.optional() }),
  output: z.object({ session: sessionRecord.nullable(), matched_by: z.enum(matches).nullable() }),
  async run(ctx, { project_id }) {
    const found = await currentSession(ctx, project_id === '*' ? '*' : await scopeOf(ctx, project_id))
    return { session: found ? await recordOf(ctx, found.session) : null, matched_by: found?.matched_by ?? null }
  },
})
