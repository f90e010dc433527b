import { GobbyError, operation, recordOf } from '@gobby/sessions'
import { z } from 'zod'
import { knownProject, place, source } from './place.js'
import { anySession } from './record.js'

/** As many as are looked at for one of the right machine. */
const MOST = 200

export const findParent = operation({
  name: 'find_parent',
  description: 'Find the newest session of a CLI in a project that ended with something to hand over and that nobody took up yet. Claims nothing.',
  effect: 'read',
  input: z.object({
    source,
    machine_id: z.string().nullish().describe('Only on this machine'),
    ...place,
  }),
  output: anySession,
  async run(ctx, { source, machine_id, ...where }) {
    const project = await knownProject(ctx, where)
    if (!project && where.project_id === undefined && where.cwd === undefined) {
      throw new GobbyError('invalid', 'project_id or cwd is missing: of which project?')
    }
    if (!project) return { session: null }
    const ready = await ctx.store.sessions.list({ project_id: project.id, source, status: 'handoff_ready', include_empty: true }, MOST)
    const parent = ready.find((session) => machine_id == null || session.machine_id === machine_id)
    return { session: parent ? await recordOf(ctx, parent) : null }
  },
})
