/** Parameters, described once. */
import { contentTypes, roles, statuses } from '@gobby/storage'
import { z } from 'zod'
import { sourceNames } from '../sources/index.js'

/** Says which words a value may be. */
export const oneOf = (values: readonly string[]) => `must be one of ${values.join(', ')}`

/** A number, also as text, between two. Its default is a `prefault`: only that is told in a schema of the input. */
export const whole = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`
  // Not by coercion, to which `true` is 1, and nothing 0.
  const read = (given: unknown): unknown => (typeof given === 'string' && given.trim() !== '' ? Number(given) : given)
  return z.preprocess(read, z.number({ error: message }).int(message).min(least, message).max(most, message))
}

export const text = () => z.string({ error: 'must be a text' })

export const sessionRef = z
  .union([z.string(), z.number()], { error: 'must be a session: #N, N, project#N, UUID or prefix' })
  .transform(String)
  .describe('`#N`, `N`, `project#N`, UUID or prefix; `#N` counts within the project')

/** How many rows one answer may hold, whatever the list. */
export const MOST_AT_ONCE = 200

export const limit = (normally: number) => whole(1, MOST_AT_ONCE).prefault(normally).describe(`How many at most, 1 to ${MOST_AT_ONCE}; normally ${normally}`)

export const offset = whole(0, Number.MAX_SAFE_INTEGER).prefault(0).describe('How many to pass over first')

export const projectRef = text().min(1, 'must name a project').describe('A project by name, id or path; `*` for all; normally the caller’s')

export const status = z.enum(statuses, { error: oneOf(statuses) }).describe('Only sessions of this status')

export const source = z.enum(sourceNames as [string, ...string[]], { error: oneOf(sourceNames) }).describe('Only sessions of this CLI')

export const role = z.enum(roles, { error: oneOf(roles) }).describe('Only messages of this role')

export const contentType = z.enum(contentTypes, { error: oneOf(contentTypes) }).describe('Only messages of this content type')

export const toolName = text().min(1, 'must name a tool').describe('Only calls and results of this tool')

export const when = (what: string) => text().describe(`${what}: a date, a time, or how long ago (30m, 12h, 7d, 4w)`)

export const cursor = text().describe('Where the last page ended: its `next_cursor`')

/** True where a flag or a query parameter says so. */
export const flag = (what: string) =>
  z
    .union([z.boolean(), z.enum(['true', 'false', '1', '0', ''])], { error: 'must be true or false' })
    .transform((value) => value === true || value === 'true' || value === '1' || value === '')
    .default(false)
    .describe(what)

export const detail = z.enum(['brief', 'full'], { error: oneOf(['brief', 'full']) }).default('brief').describe('`full` adds machine_id, cwd, transcript_path and usage')
