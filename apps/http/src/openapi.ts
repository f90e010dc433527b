/**
 * The OpenAPI document, made of the table of routes and the operations' own schemas. By hand and not by a library: those for
 * Hono take a schema beside each route, a second definition of what the operations define already.
 */
import type { Operation } from '@gobby/sessions'
import { change } from '@gobby/storage'
import { z } from 'zod'
import { eventsQuery } from './live/live.js'
import { problem, type ProblemCode, statusOf } from './problem.js'
import { fieldOf, isRecord, nameOf, pathNames, type Route, routes, takesProject } from './routes.js'

type Json = Record<string, unknown>

/** An OpenAPI 3.1 document, as far as it is looked into here. */
export type OpenApi = {
  openapi: string
  info: { title: string; version: string; description: string }
  servers: Json[]
  tags: { name: string; description: string }[]
  security: Json[]
  paths: Record<string, Record<string, OpenApiCall>>
  components: { schemas: Record<string, Json>; securitySchemes: Json; parameters: Json; responses: Record<string, Json> }
}

/** One call of the document. */
export type OpenApiCall = {
  operationId: string
  summary: string
  description: string
  tags: string[]
  parameters: Json[]
  requestBody?: Json
  responses: Record<string, Json>
  security?: Json[]
}

const TAGS: Record<string, string> = {
  sessions: 'Runs of coding CLIs, their messages, commits and status.',
  handoffs: 'What one session hands over to the next.',
  messages: 'Search in everything that was said and done.',
  commits: 'Which session made a commit.',
  tasks: 'Things to do, linked with the sessions that work on them.',
  hub: 'All projects at once.',
  hooks: 'Events of the CLIs.',
  events: 'What changes, as it changes.',
  mcp: 'The same for agents.',
  service: 'The service itself.',
}

const PROJECT = {
  name: 'project',
  in: 'query',
  description: 'The project the request comes from, by name, id or path; `*` and none: all. Also as `project_id`, or as the header X-Gobby-Project',
  schema: { type: 'string' },
}

/** Everything that the service answers, described. */
export function openapi(version: string): OpenApi {
  const schemas: Record<string, Json> = { problem: schemaOf(problem) }
  const paths: OpenApi['paths'] = {}
  const put = (path: string, method: string, call: OpenApiCall) => (paths[path] = { ...paths[path], [method.toLowerCase()]: call })
  for (const route of routes) {
    schemas[route.operation.name] ??= schemaOf(route.operation.output)
    put(route.path, route.method, callOf(route))
  }
  schemas.event = schemaOf(change.loose())
  for (const { path, method = 'GET', ...call } of own()) put(path, method, call)
  return {
    openapi: '3.1.0',
    info: { title: 'gobby', version, description: 'The sessions of AI coding CLIs on this machine: records, messages, search, handoffs, and a live stream of what changes.' },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{ token: [] }],
    paths,
    components: {
      schemas,
      parameters: { project: PROJECT },
      responses: Object.fromEntries(Object.entries(PROBLEMS).map(([code, description]) => [code, problemResponse(description)])),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Printed by: gobby serve token. Not needed over the unix socket.' } },
    },
  }
}

const PROBLEMS: Partial<Record<ProblemCode, string>> = {
  invalid: 'Something in the request is wrong; `errors` says what.',
  unauthorized: 'The token is missing or wrong.',
  forbidden: 'The Host or Origin is not ours.',
  not_found: 'There is no such record.',
  ambiguous: 'The ref may mean several, listed in `candidates`; or the record does not allow it now.',
  too_large: 'The body has more than 10 MB.',
  too_many_requests: 'Too many wrong tokens at once; try again after Retry-After.',
  unsupported_media_type: 'The body is not JSON in UTF-8.',
  nothing_to_hand_over: 'The session holds nothing to hand over.',
  unavailable: 'The database is busy or cannot be used; try again after Retry-After.',
  internal: 'The service failed.',
}

function problemResponse(description: string): Json {
  return { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/problem' } } } }
}

/** What any call may answer, and more. */
function problems(codes: ProblemCode[]): Record<string, Json> {
  const common: ProblemCode[] = ['invalid', 'unauthorized', 'forbidden', 'too_many_requests', 'internal', 'unavailable']
  return Object.fromEntries([...common, ...codes].map((code) => [String(statusOf(code)), { $ref: `#/components/responses/${code}` }]))
}

function callOf(route: Route): OpenApiCall {
  const { operation, path, method, name } = route
  const inPath = pathNames(path)
  const fields = Object.entries(operation.input.shape) as [string, z.ZodType][]
  const isInPath = (field: string) => inPath.some((param) => fieldOf(route, param) === field)
  const outside = fields.filter(([field]) => !isInPath(field) && field !== 'project_id')
  const hasBody = method === 'POST' || method === 'PATCH'
  const query = hasBody ? [] : outside.map(([field, schema]) => parameter(nameOf(route, field), 'query', schema))
  const path_ = inPath.map((param) => parameter(param, 'path', operation.input.shape[fieldOf(route, param)] as z.ZodType))
  const project = takesProject(route) ? [{ $ref: '#/components/parameters/project' }] : []
  const hasRefs = inPath.length > 0 || hasBody || outside.some(([field]) => field.endsWith('_id'))
  const mayLack: ProblemCode[] = hasRefs ? ['not_found', 'ambiguous'] : ['not_found']
  const ofBodies: ProblemCode[] = hasBody ? ['too_large', 'unsupported_media_type'] : []
  const ofHandoffs: ProblemCode[] = operation.name === 'create_handoff' ? ['nothing_to_hand_over'] : []
  const hasTag = isRecord(route)
  const success = {
    description: 'The operation’s answer.',
    ...(hasTag ? { headers: { ETag: { description: 'To be sent as If-None-Match the next time', schema: { type: 'string' } } } } : {}),
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${operation.name}` } } },
  }
  return {
    operationId: name,
    summary: firstSentence(operation.description),
    description: operation.description,
    tags: [path.split('/')[1] as string],
    parameters: [...path_, ...query, ...project],
    ...(hasBody ? { requestBody: bodyOf(operation, route, isInPath) } : {}),
    responses: { '200': success, ...(hasTag ? { '304': { description: 'What the If-None-Match names still stands.' } } : {}), ...problems([...mayLack, ...ofBodies, ...ofHandoffs]) },
  }
}

function bodyOf(operation: Operation, route: Route, isInPath: (field: string) => boolean): Json {
  if (route.body) return { required: true, content: { 'application/json': { schema: { type: 'object' } } } }
  const schema = schemaOf(z.object(Object.fromEntries(Object.entries(operation.input.shape).filter(([field]) => !isInPath(field)))))
  return { required: Array.isArray(schema.required) && schema.required.length > 0, content: { 'application/json': { schema: { ...schema, additionalProperties: false } } } }
}

function parameter(name: string, where: 'path' | 'query', schema: z.ZodType): Json {
  const { description, ...rest } = schemaOf(schema)
  const required = where === 'path' || !schema.safeParse(undefined).success
  return { name, in: where, required, ...(description === undefined ? {} : { description }), schema: rest }
}

/** A schema as JSON Schema 2020-12, of what is written, not of what it becomes. */
export function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json
  return rest
}

function firstSentence(text: string): string {
  return /^.*?[.:;](?=\s|$)/.exec(text)?.[0].replace(/[:;]$/, '.') ?? text
}

type Own = OpenApiCall & { path: string; method?: string }

/** A refusal by MCP's own transport, which speaks JSON-RPC, or by the service. */
function rpcError(description: string): Json {
  return { description, content: { 'application/json': { schema: { type: 'object' } }, 'application/problem+json': { schema: { $ref: '#/components/schemas/problem' } } } }
}

/** What no operation answers. */
function own(): Own[] {
  const json = (description: string, schema: z.ZodType) => ({ description, content: { 'application/json': { schema: schemaOf(schema) } } })
  const call = (path: string, operationId: string, summary: string, more: Partial<Own>): Own => ({
    path,
    operationId,
    summary,
    description: summary,
    tags: ['service'],
    parameters: [],
    ...more,
    responses: { ...problems([]), ...more.responses },
  })
  return [
    call('/healthz', 'health', 'Tell that the service lives.', {
      security: [],
      responses: { '200': json('It lives.', z.object({ name: z.literal('gobby'), status: z.literal('alive'), version: z.string(), pid: z.number().int(), started_at: z.string() })) },
    }),
    call('/readyz', 'ready', 'Tell whether the service can answer.', {
      responses: { '200': json('It can.', z.object({ status: z.literal('ready'), last_event_id: z.number().int() })) },
    }),
    call('/openapi.json', 'openapi', 'Give this document.', { responses: { '200': json('The document.', z.looseObject({ openapi: z.string() })) } }),
    call('/docs', 'docs', 'Show this document as a page.', { responses: { '200': { description: 'The page.', content: { 'text/html': { schema: { type: 'string' } } } } } }),
    call('/mcp', 'mcp', 'Speak the Model Context Protocol.', {
      method: 'POST',
      tags: ['mcp'],
      description: 'Streamable HTTP without state: each request is answered by itself. The project is the request’s: put `?project=` into the address that a client is given.',
      parameters: [{ $ref: '#/components/parameters/project' }],
      requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
      responses: {
        '200': { description: 'The answer, as JSON-RPC.', content: { 'application/json': { schema: { type: 'object' } } } },
        '202': { description: 'A notification was taken.' },
        '406': rpcError('The header Accept does not name both application/json and text/event-stream.'),
        '413': { $ref: '#/components/responses/too_large' },
        '400': rpcError('The request is no JSON-RPC, or its address is wrong.'),
        '415': rpcError('The body is not JSON.'),
      },
    }),
    call('/events', 'events', 'Follow what changes.', {
      tags: ['events'],
      description:
        'Server-sent events: `id` only grows, `event` is the type, `data` the change with its project and ref. After a break the header Last-Event-ID (or `last_event_id`) goes on where it was; if that is not kept any more, the first event is `reset`. A comment comes every 15 seconds.',
      parameters: [
        ...Object.entries(eventsQuery.shape).map(([name, schema]) => parameter(name, 'query', schema)),
        { $ref: '#/components/parameters/project' },
        { name: 'Last-Event-ID', in: 'header', required: false, description: 'The last event that was received', schema: { type: 'string' } },
      ],
      responses: { '200': { description: 'The stream.', content: { 'text/event-stream': { schema: { $ref: '#/components/schemas/event' } } } }, ...problems(['not_found', 'ambiguous']) },
    }),
  ]
}
