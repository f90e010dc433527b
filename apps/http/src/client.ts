/** Calls the service from TypeScript, typed by the same table that the server answers by. */
import type { Problem } from './problem.js'
import { type Address, addresses } from './addresses.js'
import type { answering } from './routes.js'
import type { z } from 'zod'

type Calls = typeof answering

/** The name of a call: the operation's, or another where one operation has two addresses. */
export type CallName = keyof Calls
/** What a call takes. */
export type CallInput<Name extends CallName> = z.input<Calls[Name]['input']>
/** What a call answers. */
export type CallOutput<Name extends CallName> = z.output<Calls[Name]['output']>

/** Where the service is, and who asks. */
export type ClientOptions = {
  /** What `gobby serve` printed: `http://127.0.0.1:8765`. */
  url: string
  /** What `gobby serve token` prints. */
  token?: string
  /** The project that refs count in and lists are of; none: all. */
  project?: string
  /** Another `fetch`, for instance one that goes over the unix socket. */
  fetch?: typeof fetch
}

/** The service as a client sees it. */
export type Client = {
  /**
   * Calls an operation.
   * @throws ServiceError when the answer is no success
   */
  call<Name extends CallName>(name: Name, ...input: Record<never, never> extends CallInput<Name> ? [input?: CallInput<Name>] : [input: CallInput<Name>]): Promise<CallOutput<Name>>
  /** Follows what changes until the signal ends it; a broken connection is taken up again where it was. */
  events(options?: { types?: string[]; session?: string; last_event_id?: number; signal?: AbortSignal }): AsyncGenerator<ServiceEvent>
}

/** A change, as the stream tells it; with the type `reset`, that changes were missed. */
export type ServiceEvent = { id: number; type: string; created_at?: string; project_id?: string | null; project?: string | null; session_id?: string | null; ref?: string | null; [data: string]: unknown }

/** An answer that is no success. */
export class ServiceError extends Error {
  override name = 'ServiceError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/**
 * Makes a client.
 * @example
 * const gobby = createClient({ url: 'http://127.0.0.1:8765', token })
 * const { sessions } = await gobby.call('list_sessions', { limit: 5 })
 */
export function createClient(options: ClientOptions): Client {
  const ask = options.fetch ?? fetch
  const headers: Record<string, string> = {}
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`
  if (options.project !== undefined) headers['x-gobby-project'] = options.project

  return {
    async call(name, ...[input]) {
      const { url, init } = requestFor(addresses[name], (input ?? {}) as Record<string, unknown>, options.url)
      const response = await ask(url, { ...init, headers: { ...headers, ...init.headers } })
      const answer: unknown = await response.json()
      if (!response.ok) throw new ServiceError(answer as Problem)
      return answer as never
    },
    async *events({ types = [], session, last_event_id, signal } = {}) {
      let place = last_event_id
      const isOver = () => signal?.aborted === true
      while (!isOver()) {
        const url = new URL('/events', options.url)
        for (const type of types) url.searchParams.append('type', type)
        if (session !== undefined) url.searchParams.set('session', session)
        if (place !== undefined) url.searchParams.set('last_event_id', String(place))
        try {
          const response = await ask(url, { headers, signal })
          if (!response.ok) throw new ServiceError((await response.json()) as Problem)
          for await (const event of eventsIn(response)) {
            place = event.id
            yield event
          }
        } catch (error) {
          if (isOver()) return
          if (error instanceof ServiceError && error.problem.status < 500) throw error
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    },
  }
}

const RETRY_MS = 1000

/** Path parameters into the path, the rest into the query or the body. */
function requestFor(address: Address, input: Record<string, unknown>, base: string): { url: URL; init: { method: string; headers?: Record<string, string>; body?: string } } {
  const { method, path, names = {}, body } = address
  const left = new Map(Object.entries(input).filter(([, value]) => value !== undefined))
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const field = names[name] ?? name
    const value = left.get(field)
    left.delete(field)
    return encodeURIComponent(String(value))
  })
  const url = new URL(filled, base)
  if (method === 'POST' || method === 'PATCH') {
    const sent = body === undefined ? Object.fromEntries(left) : left.get(body)
    return { url, init: { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(sent) } }
  }
  const outer = new Map(Object.entries(names).map(([name, field]) => [field, name]))
  for (const [field, value] of left) for (const one of [value].flat()) url.searchParams.append(outer.get(field) ?? field, String(one))
  return { url, init: { method } }
}

async function* eventsIn(response: Response): AsyncGenerator<ServiceEvent> {
  let rest = ''
  for await (const chunk of (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream())) {
    const blocks = `${rest}${chunk}`.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = block.split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice('data: '.length))
      if (data.length > 0) yield JSON.parse(data.join('\n')) as ServiceEvent
    }
  }
}
