/** The routes, behind their guards. */
import { createHash } from 'node:crypto'
import { type Context, GobbyError, ingest, resolveSessionReference } from '@gobby/sessions'
import { type Context as Call, Hono, type HonoRequest } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { CallName } from './client.js'
import { docsPage } from './docs-page.js'
import { guard } from './guard.js'
import { type Answer, KeptAnswers, transcriptAt } from './kept-answers.js'
import { LARGEST_BODY } from './limits.js'
import { live } from './live/live.js'
import { mcp } from './mcp.js'
import { openapi } from './openapi.js'
import { aboutToEnd, problemResponse, Refusal } from './problem.js'
import { requestContext } from './request-context.js'
import { checkNames, inputReader, type RequestInput } from './request-input.js'
import { isRecord, type Route, routes } from './routes.js'
import type { Service, Surroundings } from './service.js'

type App = Hono<{ Bindings: Surroundings }>
type Handler = (c: Call<{ Bindings: Surroundings }>) => Response | Promise<Response>

/** An app without routes, behind the guards that every route stands behind. */
export function guardedApp(service: Service): App {
  const app: App = new Hono()
  app.onError((error) => {
    // A client that hung up in the middle of its request is nobody's failure.
    const isForeseen = error instanceof GobbyError || error instanceof Refusal || (error as NodeJS.ErrnoException).code === 'ECONNRESET'
    if (!isForeseen) service.log(`A request failed: ${error.stack ?? error.message}`)
    return problemResponse(error)
  })
  app.notFound(() => problemResponse(new Refusal('not_found', 'There is nothing here.', { hint: 'See /docs for what there is.' })))
  app.use(guard(service))
  app.use(async (c, next) => {
    if (service.closing && c.req.path !== '/healthz') throw aboutToEnd()
    await next()
  })
  const tooLarge = () => {
    throw new Refusal('too_large', 'The body has more than 10 MB.', {}, { connection: 'close' })
  }
  // Looking at the body of a GET would make a whole Request of it, which takes as long as all the rest.
  app.on(['POST', 'PUT', 'PATCH', 'DELETE'], '*', bodyLimit({ maxSize: LARGEST_BODY, onError: tooLarge }))
  return app
}

/** Makes the app that answers requests; `fetch` of it takes them. */
export function createApp(service: Service): App {
  const app = guardedApp(service)
  const doors = new Map<string, Map<string, Handler>>()
  const door = (method: string, path: string, handler: Handler) => {
    const methods = doors.get(path) ?? new Map<string, Handler>()
    doors.set(path, methods.set(method, handler))
  }
  const document = openapi(service.version)
  const page = docsPage(document)
  const own = (path: string, handler: () => Response | Promise<Response>) =>
    door('GET', path, (c) => {
      checkNames(c.req)
      return handler()
    })
  own('/healthz', () => health(service))
  own('/readyz', () => readiness(service))
  own('/openapi.json', () => json(JSON.stringify(document)))
  own('/docs', () => new Response(page.html, { headers: page.headers }))
  door('GET', '/events', live(service))
  door('POST', '/mcp', mcp(service))
  const kept = new KeptAnswers()
  for (const route of routes) door(route.method, route.path, answer(service, route, kept))

  for (const [path, methods] of doors) {
    const pattern = path.replace(/\{(\w+)\}/g, ':$1')
    for (const [method, handler] of methods) app.on(method, pattern, handler)
    const allow = [...(methods.has('GET') ? ['HEAD'] : []), ...methods.keys()].sort().join(', ')
    app.all(pattern, (c) => {
      throw new Refusal('method_not_allowed', `${c.req.method} is not for this address.`, {}, { allow })
    })
  }
  return app
}

type Run = (ctx: Context, input: unknown, url: string) => Promise<Answer>

/** Runs a route's operation. What is sent is its output, exactly. */
function answer(service: Service, route: Route, kept: KeptAnswers): Handler {
  const { operation, name } = route
  const read = inputReader(route)
  const headersOf = isRecord(route) ? recordHeaders : listHeaders
  const run: Run = async (ctx, input, url) => {
    const text = JSON.stringify(await operation.run(ctx, input as never))
    return { text, headers: headersOf(text, url) }
  }
  return async (c) => {
    const known = c.req.header('if-none-match')
    if (KEPT.has(name) && !isTimed(c.req)) return sent(await keeping(service, kept, c.req, read, run), known)
    const { input, project } = await read(c.req)
    if (SLOW.has(name) && service.readers) return json(await service.readers.ask({ name, input, asking: { project } }))
    return sent(await run(requestContext(service, { project }), input, c.req.url), known)
  }
}

/** What walks through much of the database. */
const SLOW: ReadonlySet<string> = new Set<CallName>(['search_messages', 'session_stats', 'hub_stats'])

/** What depends on the database and one transcript alone, not on the time nor on git. */
const KEPT: ReadonlySet<string> = new Set<CallName>(['list_sessions', 'get_session', 'list_tasks', 'get_task', 'get_project', 'list_all_projects', 'list_cross_project_sessions'])

/** `since=7d` means another time in every request. */
const isTimed = (request: { query(name: string): string | undefined }): boolean => request.query('since') !== undefined || request.query('until') !== undefined

/** The answer that is kept, if it still stands, or a new one. What the session's transcript has gained belongs into it. */
async function keeping(service: Service, kept: KeptAnswers, request: HonoRequest, read: (request: HonoRequest) => Promise<RequestInput>, run: Run): Promise<Answer> {
  const { store } = service.ctx
  const key = `${request.url} ${request.header('x-gobby-project') ?? ''}`
  const known = kept.get(key, await store.version())
  if (known) return known
  const { input, project } = await read(request)
  const ctx = requestContext(service, { project })
  const { session_id } = input
  const session = typeof session_id === 'string' ? await resolveSessionReference(store, session_id, (await ctx.project())?.id) : undefined
  // Looked at before it is read: a line that comes meanwhile is seen the next time.
  const transcript = transcriptAt(session?.transcript_path)
  if (session) await ingest(ctx, session)
  const version = await store.version()
  const answer = { ...(await run(ctx, input, request.url)), transcript }
  kept.keep(key, version, answer)
  return answer
}

/** A record need not be sent again to who has it. */
function sent({ text, headers }: Answer, known: string | undefined): Response {
  const { etag } = headers
  const tags = etag === undefined ? undefined : known?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (tags?.some((tag) => tag === etag || tag === '*')) return new Response(null, { status: 304, headers })
  return new Response(text, { headers: { ...JSON_HEADERS, ...headers } })
}

function json(text: string): Response {
  return sent({ text, headers: { 'cache-control': 'no-store' } }, undefined)
}

const JSON_HEADERS = { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' }

function recordHeaders(text: string): Answer['headers'] {
  return { etag: `"${createHash('sha1').update(text).digest('base64url')}"`, 'cache-control': 'private, no-cache', vary: 'X-Gobby-Project' }
}

/** `next_cursor` stands last in every page. */
const CURSOR = /"next_cursor":"([^"]*)"\}$/

function listHeaders(text: string, url: string): Answer['headers'] {
  const cursor = CURSOR.exec(text)?.[1]
  return { 'cache-control': 'no-store', ...(cursor === undefined ? {} : { link: `<${nextPage(url, cursor)}>; rel="next"` }) }
}

function nextPage(url: string, cursor: string): string {
  const { pathname, searchParams } = new URL(url)
  searchParams.set('cursor', cursor)
  return `${pathname}?${searchParams.toString()}`
}

function health({ version, started_at }: Service): Response {
  return json(JSON.stringify({ name: 'gobby', status: 'alive', version, pid: process.pid, started_at }))
}

/** Ready: the database answers, and the server is not about to end. */
async function readiness({ ctx }: Service): Promise<Response> {
  const { last } = await ctx.store.changes.range()
  return json(JSON.stringify({ status: 'ready', last_event_id: last }))
}
