import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, HookJob } from '@gobby/sessions'
import type { Store } from '@gobby/storage'
import type { Failures } from './failures.js'
import type { ChangeFeed } from './live/change-feed.js'
import type { Readers } from './readers.js'
import type { Token } from './token.js'

/** What all requests share. */
export type Service = {
  /** The server's own context; a request gets one made of it. */
  ctx: Context
  /** The same store, less patient: for events of CLIs, which wait. */
  hookStore: Store
  feed: ChangeFeed
  /** Threads for questions that take long; without them the one thread answers all. */
  readers?: Readers
  token: Token
  failures: Failures
  /** What a request may name as `Host`. */
  hosts: Set<string>
  /** Reachable from other machines: then even the sign of life asks for the token. */
  exposed: boolean
  /** Set when the server is about to end. */
  closing: boolean
  version: string
  started_at: string
  /** Does work of a hook after its answer, out of the way of requests. */
  later(job: HookJob): void
  /** Tells the person at the server something. */
  log(line: string): void
}

/** What a request brings along besides itself. `socket`: it came over the unix socket, which only the user can open. */
export type Surroundings = { via?: 'tcp' | 'socket'; incoming?: IncomingMessage; outgoing?: ServerResponse }
