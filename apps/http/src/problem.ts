/** Everything that goes wrong, as the answer says it: problem+json (RFC 9457). */
import { STATUS_CODES } from 'node:http'
import { type ErrorCode, GobbyError } from '@gobby/sessions'
import { z } from 'zod'
import { forRequests } from './hints.js'

/** What the service itself refuses, before any operation is asked. */
const refusals = {
  unauthorized: 401,
  forbidden: 403,
  method_not_allowed: 405,
  timeout: 408,
  too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  headers_too_large: 431,
} as const

const statuses: Record<ErrorCode | keyof typeof refusals, number> = {
  invalid: 400,
  not_found: 404,
  ambiguous: 409,
  conflict: 409,
  nothing_to_hand_over: 422,
  busy: 503,
  unavailable: 503,
  internal: 500,
  ...refusals,
}

/** A code that a problem may have. */
export type ProblemCode = keyof typeof statuses

/** The body of an answer that is no success. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.enum(Object.keys(statuses) as [ProblemCode, ...ProblemCode[]]),
  hint: z.string().optional(),
  /** What is wrong, one by one: `parameter` names one of path or query, `pointer` a place in the body. */
  errors: z.array(z.object({ detail: z.string(), parameter: z.string().optional(), pointer: z.string().optional() })).optional(),
  /** What an ambiguous ref may mean. */
  candidates: z.array(z.string()).optional(),
})
/** See {@link problem}. */
export type Problem = z.infer<typeof problem>

/** An answer of the service itself that is no success. */
export class Refusal extends Error {
  readonly code: ProblemCode
  readonly more: Pick<Problem, 'hint' | 'errors'>
  readonly headers: Record<string, string>

  constructor(code: ProblemCode, message: string, more: Pick<Problem, 'hint' | 'errors'> = {}, headers: Record<string, string> = {}) {
    super(message)
    this.code = code
    this.more = more
    this.headers = headers
  }
}

export const aboutToEnd = (): GobbyError => new GobbyError('unavailable', 'The server is about to end.')

export const statusOf = (code: ProblemCode): number => statuses[code]

/** The answer for whatever was thrown. What nobody foresaw is told without what was inside. */
export function problemResponse(error: unknown): Response {
  const headers: Record<string, string> = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
  const body = problemOf(error)
  if (error instanceof Refusal) Object.assign(headers, error.headers)
  if (body.code === 'busy' || body.code === 'unavailable') headers['retry-after'] ??= '5'
  return new Response(JSON.stringify(body), { status: body.status, headers })
}

function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return shaped(error.code, error.message, error.more)
  if (error instanceof GobbyError) return shaped(error.code, forRequests(error.message), { hint: error.hint && forRequests(error.hint), candidates: error.candidates })
  return shaped('internal', 'gobby failed to answer.', { hint: 'The server’s own output says more; please report it.' })
}

/** A problem, its members in the order of the contract. */
export function shaped(code: ProblemCode, detail: string, more: Pick<Problem, 'hint' | 'errors' | 'candidates'> = {}): Problem {
  const status = statuses[code]
  const { hint, errors, candidates } = more
  return { type: `urn:gobby:problem:${code}`, title: STATUS_CODES[status] ?? 'Error', status, detail, code, hint, errors, candidates }
}
