import { GobbyError, resolveSessionReference } from '@gobby/sessions'
import { changeTypes } from '@gobby/storage'
import type { Context as Call, HonoRequest } from 'hono'
import { z } from 'zod'
import { MOST_STREAMS } from '../limits.js'
import { requestContext } from '../request-context.js'
import { invalid, PROJECT_NAMES, projectOf, queryOf, twice } from '../request-input.js'
import type { Service, Surroundings } from '../service.js'
import { type EventFilter, eventStream } from './event-stream.js'

const place = z.string().regex(/^\d{1,15}$/, 'must be the id of an event').transform(Number)
const type = z.enum(changeTypes, { error: `must be one of ${changeTypes.join(', ')}` })

/** What `/events` takes in its query besides the project. */
export const eventsQuery = z.strictObject({
  session: z.string().optional().describe('Only events of this session, as any ref'),
  type: z.array(type).optional().describe('Only events of this type; may be given several times'),
  last_event_id: place.optional().describe('Begin after this event, as the header Last-Event-ID says it too'),
})

/** The live stream of changes. */
export function live(service: Service): (c: Call<{ Bindings: Surroundings }>) => Promise<Response> {
  return async (c) => {
    const named = projectOf(c.req)
    const { session, type: types, last_event_id } = wanted(c.req)
    const ctx = requestContext(service, { project: named === '*' ? undefined : named })
    const project = await ctx.project()
    const filter: EventFilter = {
      project_id: project?.id,
      session_id: session === undefined ? undefined : (await resolveSessionReference(ctx.store, session, project?.id)).id,
      types: types && new Set(types),
    }
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no', 'x-content-type-options': 'nosniff' }
    if (c.req.method === 'HEAD') return new Response(null, { headers })
    if (service.feed.listeners >= MOST_STREAMS) throw new GobbyError('unavailable', `${MOST_STREAMS} streams are open already.`)
    const last = last_event_id ?? placeIn(c.req.header('last-event-id'))
    const stream = await eventStream(service.feed, filter, last, () => c.env?.outgoing?.destroy())
    return new Response(stream, { headers: { ...headers, 'transfer-encoding': 'chunked' } })
  }
}

function wanted(request: HonoRequest): z.output<typeof eventsQuery> {
  const query = queryOf(request)
  for (const name of PROJECT_NAMES) query.delete(name)
  const given = [...query].map(([name, values]) => {
    if (values.length > 1 && name !== 'type') throw twice(name)
    return [name, name === 'type' ? values : values[0]]
  })
  const checked = eventsQuery.safeParse(Object.fromEntries(given))
  if (checked.success) return checked.data
  throw invalid(
    checked.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((parameter) => ({ detail: 'is not known', parameter })) : { detail: issue.message, parameter: String(issue.path[0]) },
    ),
  )
}

/** Where a listener says it was. What is no id of ours is no place either: it is told that it missed something. */
function placeIn(header: string | undefined): number | undefined {
  if (header === undefined || header === '') return undefined
  return place.safeParse(header).data ?? Infinity
}
