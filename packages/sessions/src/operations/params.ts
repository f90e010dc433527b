/** Parameters, described once. */
import { contentTypes, roles, statuses } from '@gobby/storage'
import { z } from 'zod'
import { sourceNames } from '../sources/index.js'

/** Says which words a value may be. */
export const oneOf = (values: readonly string[]) => `must be one of ${values.join(', ')}`

/** A number, also as text, between two. */
export const whole = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`
  return z.coerce.number({ error: message }).int(message).min(least, message).max(most, message)
}

export const sessionRef = z
  .union([z.string(), z.number()], { error: 'must be a session: #N, N, project#N, UUID or prefix' })
  .transform(String)
  .describe('`#N`, `N`, `project#N`, UUID or prefix; `#N` counts within the project')

export const limit = (normally: number) => whole(1, 200).default(normally).describe(`How many at most, 1 to 200; normally ${normally}`)

export const offset = whole(0, Number.MAX_SAFE_INTEGER).default(0).describe('How many to pass over first')

export const projectRef = z.string().min(1, 'must name a project').describe('A project by name, id or path; `*` for all; normally the caller’s')

export const status = z.enum(statuses, { error: oneOf(statuses) }).describe('Only sessions of this status')

export const source = z.enum(sourceNames as [string, ...string[]], { error: oneOf(sourceNames) }).describe('Only sessions of this CLI')

export const role = z.enum(roles, { error: oneOf(roles) }).describe('Only messages of this role')

export const contentType = z.enum(contentTypes, { error: oneOf(contentTypes) }).describe('Only messages of this content type')

export const toolName = z.string().min(1).describe('Only calls and results of this tool')

export const when = (what: string) => z.string().describe(`${what}: a date, a time, or how long ago (30m, 12h, 7d, 4w)`)

export const cursor = z.string().describe('Where the last page ended: its `next_cursor`')

/** True where a flag or a query parameter says so. */
export const flag = (what: string) =>
  z
    .union([z.boolean(), z.enum(['true', 'false', '1', '0', ''])], { error: 'must be true or false' })
    .transform((value) => value === true || value === 'true' || value === '1' || value === '')
    .default(false)
    .describe(what)

export const detail = z.enum(['brief', 'full'], { error: oneOf(['brief', 'full']) }).default('brief').describe('`full` adds machine_id, cwd, transcript_path and usage')
