import { GobbyError, resolveSessionReference } from '@gobby/sessions'
import { changeTypes } from '@gobby/storage'
import type { Context as Call } from 'hono'
import { z } from 'zod'
import { Refusal } from '../problem.js'
import { requestContext } from '../request-context.js'
import { queryOf } from '../request-input.js'
import type { Service, Surroundings } from '../service.js'
import { type EventFilter, eventStream } from './event-stream.js'

const place = z.string().regex(/^\d{1,15}$/, 'must be the id of an event').transform(Number)
const type = z.enum(changeTypes, { error: `must be one of ${changeTypes.join(', ')}` })

/** What `/events` takes in its query. `type` may be given several times. */
export const eventsQuery = z.strictObject({
  project: z.string().min(1, 'must name a project').optional().describe('Only events of this project, by name, id or path'),
  project_id: z.string().min(1, 'must name a project').optional().describe('Another name of project'),
  session: z.string().optional().describe('Only events of this session, as any ref'),
  type: z.array(type).optional().describe('Only events of this type; may be given several times'),
  last_event_id: place.optional().describe('Begin after this event, as the header Last-Event-ID says it too'),
})

/** How many may listen at once. */
const MOST = 1000

/** The live stream of changes. */
export function live(service: Service): (c: Call<{ Bindings: Surroundings }>) => Promise<Response> {
  return async (c) => {
    const given = [...queryOf(c.req)].map(([name, values]) => [name, name === 'type' || values.length > 1 ? values : values[0]])
    const checked = eventsQuery.safeParse(Object.fromEntries(given))
    if (!checked.success) {
      const errors = checked.error.issues.map((issue) =>
        issue.code === 'unrecognized_keys' ? { detail: 'is not known', parameter: issue.keys.join(', ') } : { detail: issue.message, parameter: String(issue.path[0]) },
      )
      throw new Refusal('invalid', `${errors.map(({ parameter, detail }) => `${parameter} ${detail}`).join('. ')}.`, { errors })
    }
    const { session, type: types } = checked.data
    const named = checked.data.project ?? checked.data.project_id ?? c.req.header('x-gobby-project')
    const ctx = requestContext(service, { project: named === '*' || named === '' ? undefined : named })
    const project = await ctx.project()
    const filter: EventFilter = {
      project_id: project?.id,
      session_id: session === undefined ? undefined : (await resolveSessionReference(ctx.store, session, project?.id)).id,
      types: types && new Set(types),
    }
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no', 'x-content-type-options': 'nosniff' }
    if (c.req.method === 'HEAD') return new Response(null, { headers })
    if (service.feed.listeners >= MOST) throw new GobbyError('unavailable', `${MOST} streams are open already.`)
    const header = place.safeParse(c.req.header('last-event-id'))
    const last = checked.data.last_event_id ?? (header.success ? header.data : undefined)
    const stream = await eventStream(service.feed, filter, last, () => c.env?.outgoing?.destroy())
    return new Response(stream, { headers: { ...headers, 'transfer-encoding': 'chunked' } })
  }
}
