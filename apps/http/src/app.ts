/** The routes, behind their guards. */
import { createHash } from 'node:crypto'
import { type Context, GobbyError, ingest, resolveSessionReference } from '@gobby/sessions'
import { type Context as Call, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { CallName } from './client.js'
import { docsPage } from './docs-page.js'
import { guard } from './guard.js'
import { type Answer, KeptAnswers } from './kept-answers.js'
import { live } from './live/live.js'
import { mcp } from './mcp.js'
import { openapi } from './openapi.js'
import { problemResponse, Refusal } from './problem.js'
import { requestContext } from './request-context.js'
import { checkNames, inputReader, type RequestInput } from './request-input.js'
import { isRecord, type Route, routes } from './routes.js'
import type { Service, Surroundings } from './service.js'

/** The largest body taken, in bytes. */
const LARGEST_BODY = 10 * 1024 * 1024

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
    if (service.closing && c.req.path !== '/healthz') throw new GobbyError('unavailable', 'The server is about to end.')
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

type Run = (ctx: Context, input: unknown) => Promise<string>

/** Runs a route's operation. What is sent is its output, exactly. */
function answer(service: Service, route: Route, kept: KeptAnswers): Handler {
  const { operation, name } = route
  const read = inputReader(route)
  const hasTag = isRecord(route)
  const isSlow = SLOW.has(name)
  const run: Run = async (ctx, input) => JSON.stringify(await operation.run(ctx, input as never))
  return async (c) => {
    const known = c.req.header('if-none-match')
    if (KEPT.has(name)) {
      const { text, etag } = await keeping(service, kept, `${c.req.url} ${c.req.header('x-gobby-project') ?? ''}`, () => read(c.req), run)
      return hasTag ? tagged(text, etag, known) : paged(text, c.req.url)
    }
    const { input, project } = await read(c.req)
    if (isSlow && service.readers) return json(await service.readers.ask({ name, input, asking: { project } }))
    const text = await run(requestContext(service, { project }), input)
    return hasTag ? tagged(text, etagOf(text), known) : paged(text, c.req.url)
  }
}

/** What walks through much of the database. */
const SLOW: ReadonlySet<string> = new Set<CallName>(['search_messages', 'session_stats', 'hub_stats'])

/** What depends on the database and one transcript alone, not on the time nor on git. */
const KEPT: ReadonlySet<string> = new Set<CallName>(['list_sessions', 'get_session', 'list_tasks', 'get_task', 'get_project', 'list_all_projects', 'list_cross_project_sessions'])

/** `next_cursor` stands last in every page. */
const CURSOR = /"next_cursor":"([^"]*)"\}$/

/** The answer that is kept, if it still stands, or a new one. What the session's transcript has gained belongs into it. */
async function keeping(service: Service, kept: KeptAnswers, key: string, read: () => Promise<RequestInput>, run: Run): Promise<Answer> {
  const { store } = service.ctx
  const before = await store.version()
  const known = kept.get(key, before)
  if (known?.session) await ingest(service.ctx, known.session)
  if (known && (!known.session || (await store.version()) === before)) return known
  const { input, project } = await read()
  const ctx = requestContext(service, { project })
  const { session_id } = input
  const session = typeof session_id === 'string' ? await ingest(ctx, await resolveSessionReference(store, session_id, (await ctx.project())?.id)) : undefined
  const version = await store.version()
  const text = await run(ctx, input)
  const answer = { text, etag: etagOf(text), session }
  kept.keep(key, version, answer)
  return answer
}

const etagOf = (text: string): string => `"${createHash('sha1').update(text).digest('base64url')}"`

function paged(text: string, url: string): Response {
  const cursor = CURSOR.exec(text)?.[1]
  return json(text, cursor === undefined ? undefined : `<${nextPage(url, cursor)}>; rel="next"`)
}

function json(text: string, link?: string): Response {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
  if (link !== undefined) headers.link = link
  return new Response(text, { headers })
}

/** A single record: it need not be sent again to who has it. */
function tagged(text: string, etag: string, known: string | undefined): Response {
  const headers = { etag, 'cache-control': 'private, no-cache', vary: 'X-Gobby-Project' }
  const tags = known?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (tags?.includes(etag) || tags?.includes('*')) return new Response(null, { status: 304, headers })
  return new Response(text, { headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff', ...headers } })
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
