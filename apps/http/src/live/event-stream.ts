/** One listener's stream of server-sent events. */
import { performance } from 'node:perf_hooks'
import { HEARTBEAT_MS, STALLED_MS } from '../limits.js'
import type { ChangeFeed, LiveEvent } from './change-feed.js'

/** Which events a listener wants; what is left out does not narrow it. */
export type EventFilter = { project_id?: string; session_id?: string; types?: Set<string> }

const RETRY_MS = 2000

const encoder = new TextEncoder()

/**
 * The events after a place. A listener is read to as fast as it takes them: nothing waits for it in memory, so a slow one
 * costs nothing and delays nobody. One that takes nothing at all is ended; it comes back with `Last-Event-ID`.
 *
 * @param last_event_id where the listener was; undefined: from now on
 * @param hangUp cuts the connection, which ending the stream alone would not do while it is stuck
 */
export async function eventStream(feed: ChangeFeed, filter: EventFilter, last_event_id: number | undefined, hangUp: () => void): Promise<ReadableStream<Uint8Array>> {
  const { first, last } = await feed.enter()
  // What was trimmed, and an id that this database never gave, cannot be caught up with.
  const isLost = last_event_id !== undefined && (last_event_id > last || last_event_id + 1 < first)
  let place = isLost || last_event_id === undefined ? last : last_event_id
  let greeting: string | undefined = `retry: ${RETRY_MS}\n\n${isLost ? reset(place) : ''}`
  let handed: number | undefined
  const listening = new AbortController()
  const leave = () => {
    if (listening.signal.aborted) return
    listening.abort()
    clearInterval(watchdog)
    feed.leave()
  }
  const watchdog = setInterval(() => {
    if (handed !== undefined && performance.now() - handed > STALLED_MS) {
      leave()
      hangUp()
    }
  }, HEARTBEAT_MS)

  const next = async (): Promise<string | undefined> => {
    if (greeting !== undefined) {
      const text = greeting
      greeting = undefined
      return text
    }
    while (!listening.signal.aborted) {
      // Asked for before looking, so that nothing slips in between.
      const wake = feed.wake()
      const page = await feed.after(place)
      let text = ''
      for (const event of page) {
        place = event.id
        if (passes(filter, event)) text += event.text
      }
      if (text !== '') return text
      if (page.length > 0) continue
      const why = await wake
      if (why === 'ended') return undefined
      if (why === 'heartbeat') return ': still here\n\n'
    }
    return undefined
  }

  return new ReadableStream(
    {
      async pull(controller) {
        // Called only when all that was handed on before has been taken.
        handed = undefined
        const text = await next()
        if (text === undefined) {
          leave()
          controller.close()
          return
        }
        controller.enqueue(encoder.encode(text))
        handed = performance.now()
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  )
}

function passes({ project_id, session_id, types }: EventFilter, event: LiveEvent): boolean {
  if (project_id !== undefined && event.project_id !== project_id) return false
  if (session_id !== undefined && event.session_id !== session_id) return false
  return types === undefined || types.has(event.type)
}

/** Says that events were missed: the listener has to look at everything anew. */
function reset(id: number): string {
  return `id: ${id}\nevent: reset\ndata: ${JSON.stringify({ id, type: 'reset', reason: 'Events after your Last-Event-ID are not kept any more: look at everything anew.' })}\n\n`
}
