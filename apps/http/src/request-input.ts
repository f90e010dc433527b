/** From a request to the input of its operation. */
import type { HonoRequest } from 'hono'
import type { z } from 'zod'
import { jsonBody } from './json-body.js'
import { type Problem, Refusal } from './problem.js'
import { fieldOf, nameOf, pathNames, type Route, takesProject } from './routes.js'

/** Names of the request's project in the query. */
export const PROJECT_NAMES = ['project', 'project_id']
const PROJECT_HEADER = 'x-gobby-project'

/** What a request says: the operation's input, and the project it comes from (`*` and none: all of them). */
export type RequestInput = { input: Record<string, unknown>; project: string | undefined }

/** Makes the reader of one route's requests. */
export function inputReader(route: Route): (request: HonoRequest) => Promise<RequestInput> {
  const { operation } = route
  const schema = operation.input.strict()
  const inPath = pathNames(route.path)
  const lists = new Set(Object.entries(operation.input.shape).filter(([, field]) => takesList(field as z.ZodType)).map(([name]) => name))
  const hasBody = route.method === 'POST' || route.method === 'PATCH'
  const asksProject = takesProject(route)
  const isTaken = new Set(inPath.map((name) => fieldOf(route, name)))

  return async (request) => {
    // Not an object yet: `__proto__` is a name like any other here.
    const raw = new Map<string, unknown>()
    const put = (field: string, value: unknown, name: string) => {
      if (isTaken.has(field) && raw.has(field)) throw twice(name)
      raw.set(field, value)
    }
    for (const name of inPath) put(fieldOf(route, name), request.param(name), name)
    const project = asksProject ? projectOf(request) : undefined
    for (const [name, values] of queryOf(request)) {
      if (asksProject && PROJECT_NAMES.includes(name)) continue
      if (hasBody) throw invalid([{ detail: 'is not known', parameter: name }], 'The input of this call is its JSON body; only project is taken in the query.')
      const field = fieldOf(route, name)
      if (values.length > 1 && !lists.has(field)) throw twice(name)
      // What the document calls by another name is not known by its inner one.
      if (field === name && Object.values(route.names ?? {}).includes(name)) throw invalid([{ detail: 'is not known', parameter: name }])
      put(field, lists.has(field) ? values : values[0], name)
    }
    if (hasBody) {
      const body = jsonBody(await request.arrayBuffer(), request.header('content-type'))
      for (const [field, value] of route.body ? [[route.body, body] as const] : Object.entries(body)) put(field, value, field)
    }
    // All projects: a question for the operation, where it has one.
    if (project === '*' && 'project_id' in operation.input.shape && !raw.has('project_id')) raw.set('project_id', '*')
    const checked = schema.safeParse(Object.fromEntries(raw))
    if (!checked.success) throw invalid(checked.error.issues.flatMap((issue) => told(issue, { route, raw, inBody: (field) => hasBody && !isTaken.has(field) })))
    return { input: checked.data, project: project === '*' ? undefined : project }
  }
}

/** Whether a parameter may be given several times. */
function takesList(field: z.ZodType): boolean {
  return field.safeParse(['x']).success && !field.safeParse({}).success
}

/** The parameters of the query, each with all that it is given. */
export function queryOf({ url }: HonoRequest): Map<string, string[]> {
  const query = new Map<string, string[]>()
  const at = url.indexOf('?')
  if (at < 0) return query
  for (const [name, value] of new URLSearchParams(url.slice(at + 1))) query.set(name, [...(query.get(name) ?? []), value])
  return query
}

/** Refuses what a route does not know. */
export function checkNames(request: HonoRequest, known: string[] = []): void {
  const unknown = [...queryOf(request).keys()].filter((name) => !known.includes(name))
  if (unknown.length > 0) throw invalid(unknown.map((parameter) => ({ detail: 'is not known', parameter })))
}

/** The project of the request: one of `?project=`, `?project_id=`, `X-Gobby-Project`. */
export function projectOf(request: HonoRequest): string | undefined {
  const query = queryOf(request)
  const named = PROJECT_NAMES.flatMap((name) => query.get(name) ?? [])
  if (named.length > 1) throw twice('project')
  const [project] = named
  if (project === '') throw invalid([{ detail: 'must name a project', parameter: 'project' }])
  return project ?? (request.header(PROJECT_HEADER) || undefined)
}

type Flaw = NonNullable<Problem['errors']>[number]

type Telling = { route: Route; raw: Map<string, unknown>; inBody(field: string): boolean }

function told(issue: z.core.$ZodIssue, { route, raw, inBody }: Telling): Flaw[] {
  const at = (field: string, detail: string): Flaw =>
    inBody(field) ? { detail, pointer: `/${[field, ...issue.path.slice(1)].map(String).join('/')}` } : { detail, parameter: nameOf(route, field) }
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => at(key, 'is not known'))
  const [field] = issue.path
  if (field === undefined) return [{ detail: issue.message }]
  return [at(String(field), raw.has(String(field)) ? issue.message : 'is missing')]
}

/** The refusal of a request's input, each flaw told once. */
export function invalid(flaws: Flaw[], hint?: string): Refusal {
  const told = new Map(flaws.map((flaw) => [`${flaw.parameter ?? flaw.pointer?.slice(1) ?? ''} ${flaw.detail}`.trim(), flaw]))
  return new Refusal('invalid', `${[...told.keys()].join('. ')}.`, { hint, errors: [...told.values()] })
}

/** The refusal of a parameter that can be given once only. */
export function twice(name: string): Refusal {
  return invalid([{ detail: 'is given twice', parameter: name }])
}
