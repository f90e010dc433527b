import { operation, recordOf } from '@gobby/sessions'
import { z } from 'zod'
import { knownProject, place, source } from './place.js'
import { anySession } from './record.js'

export const findCurrent = operation({
  name: 'find_current',
  description: 'Find the session that a CLI’s own id stands for; null when it is not known, or is of another machine or project than asked for.',
  effect: 'read',
  input: z.object({
    external_id: z.string().min(1, 'must not be empty').describe('The id the CLI gave the run'),
    source,
    machine_id: z.string().nullish().describe('Only on this machine'),
    ...place,
  }),
  output: anySession,
  async run(ctx, { external_id, source, machine_id, ...where }) {
    const session = await ctx.store.sessions.findByExternalId(source, external_id)
    const isNamed = where.project_id !== undefined || where.cwd !== undefined
    const project = isNamed ? await knownProject(ctx, where) : undefined
    const fits = session && (!isNamed || session.project_id === project?.id) && (machine_id == null || session.machine_id === machine_id)
    return { session: fits ? await recordOf(ctx, session) : null }
  },
})
