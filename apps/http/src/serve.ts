/** The running server. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createContext, type Env, GobbyError, readConfig } from '@gobby/sessions'
import { openStore, patiently, patientStore } from '@gobby/storage'
import { createApp } from './app.js'
import { startBackground } from './background.js'
import { Failures } from './failures.js'
import { FINISH_MS, HEADERS_MS, IDLE_MS, LARGEST_HEADERS, MOST_CONNECTIONS, REQUEST_MS } from './limits.js'
import { isLoopback, listenOnPort, listenOnSocket, ownHosts, urlOf } from './listen.js'
import { ChangeFeed } from './live/change-feed.js'
import { problemResponse, type ProblemCode, Refusal, shaped } from './problem.js'
import { Readers } from './readers.js'
import { forgetRunning, noteRunning } from './running.js'
import type { Service, Surroundings } from './service.js'
import { tokenOf } from './token.js'
import { version } from './version.js'

export const PORT = 8765
export const HOST = '127.0.0.1'

/** Where and how to serve; what is left out comes from the environment, or is the usual. */
export type ServeOptions = {
  port?: number
  host?: string
  /** A unix socket to listen on too. */
  socket?: string
  /** False: transcripts are not followed. */
  watch?: boolean
  env?: Env
  cwd?: string
  /** Told what happens meanwhile; each a line. */
  log?: (line: string) => void
}

/** A server that answers. */
export type RunningServer = {
  url: string
  port: number
  socket: string | null
  token_path: string
  /** Other machines can reach it. */
  exposed: boolean
  /** Ends it: in at most 6 seconds, whatever the clients do. */
  close(): Promise<void>
}

/** A CLI waits for its hook: an event that cannot be written by then is kept for later. */
const HOOK_MS = 500

/**
 * Starts serving.
 * @throws GobbyError `unavailable` when the port or the database cannot be used
 */
export async function startServer(options: ServeOptions = {}): Promise<RunningServer> {
  const { port: wanted = PORT, host = HOST, log = () => {} } = options
  // An empty host would be all addresses, an empty path the folder itself.
  if (host === '') throw new GobbyError('invalid', '--host must name an address.')
  if (options.socket === '') throw new GobbyError('invalid', '--socket must name a path.')
  const config = readConfig({ env: options.env, cwd: options.cwd })
  // SQLite would wait in the thread that everybody needs; the store waits instead.
  const opened = await patiently(() => openStore(config.database_url, { busy_timeout_ms: 25 }))
  const store = patientStore(opened)
  const servers: Server[] = []
  try {
    const ctx = await createContext({ env: config.env, cwd: config.cwd, database_url: config.database_url, store })
    const token = tokenOf(config.home)
    const started_at = ctx.now().toISOString()
    const service: Service = {
      ctx,
      token,
      hookStore: patientStore(opened, { most_ms: HOOK_MS }),
      feed: new ChangeFeed(store),
      failures: new Failures(),
      hosts: new Set(),
      exposed: !isLoopback(host),
      closing: false,
      version,
      started_at,
      log,
      later: () => {},
    }
    const app = createApp(service)
    const serverFor = (via: Surroundings['via']): Server => {
      const server = limited(getRequestListener((request, env) => app.fetch(request, { ...env, via }), { errorHandler: notUnderstood }))
      servers.push(server)
      return server
    }
    const port = await listenOnPort(serverFor('tcp'), { port: wanted, host, home: config.home })
    service.hosts = ownHosts(host, port)
    const socket = options.socket === undefined ? null : resolve(config.cwd, options.socket)
    if (socket !== null) await listenOnSocket(serverFor('socket'), socket)
    const url = urlOf(host, port)
    noteRunning(config.home, { url, port, socket, version, started_at })
    const { env, cwd, database_url } = config
    const background = startBackground({ env, cwd, database_url, watch: options.watch !== false }, log)
    service.later = background.later
    service.readers = new Readers({ env, cwd, database_url })
    let closed: Promise<void> | undefined
    const close = async () => {
      service.closing = true
      service.feed.end()
      await Promise.all([background.end(), ...servers.map(finish)])
      await service.readers?.end()
      await store.close()
      forgetRunning(config.home, port)
    }
    return { url, port, socket, token_path: token.path, exposed: service.exposed, close: () => (closed ??= close()) }
  } catch (error) {
    for (const server of servers) server.close()
    await store.close()
    throw error
  }
}

const NOT_UNDERSTOOD = 'The request cannot be understood.'
const notUnderstood = (): Response => problemResponse(new Refusal('invalid', NOT_UNDERSTOOD))

const LIMITS = { maxHeaderSize: LARGEST_HEADERS, headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: IDLE_MS, connectionsCheckingInterval: 1000 }

/** A server with limits on what a client may make it hold, and for how long. */
function limited(listener: ReturnType<typeof getRequestListener>): Server {
  const answer = (request: IncomingMessage, response: ServerResponse) => void listener(request, response)
  // A request without Host is refused further on, with a problem.
  const server = createServer({ ...LIMITS, requireHostHeader: false }, answer)
  server.maxConnections = MOST_CONNECTIONS
  // Node itself would refuse what it does not know to expect, and hang up on CONNECT, both without a word.
  server.on('checkExpectation', answer)
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => tell(socket, 'method_not_allowed', 'This is no proxy.', 'Allow: \r\n'))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy()
    else tell(socket, ...(TROUBLES[error.code ?? ''] ?? (['invalid', NOT_UNDERSTOOD] as const)))
  })
  return server
}

const TROUBLES: Record<string, [ProblemCode, string]> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The address and the headers have more than 16 KB.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['timeout', 'The request took too long to come.'],
}

/** Answers where there is no request yet, and ends the connection. */
function tell(socket: Duplex, code: ProblemCode, detail: string, headers = ''): void {
  const problem = shaped(code, detail)
  const body = JSON.stringify(problem)
  const head = `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}Connection: close`
  socket.end(`${head}\r\n\r\n${body}`)
}

/** Takes no more, lets what runs come to its end, and cuts off what does not. */
function finish(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    const last = setTimeout(() => server.closeAllConnections(), FINISH_MS)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(last)
      resolve()
    })
  })
}
