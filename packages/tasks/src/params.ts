/** Parameters, described once. */
import { oneOf, projectRef, sessionRef, whole } from '@gobby/sessions'
import { taskActions, taskStatuses } from '@gobby/storage'
import { z } from 'zod'

const TITLE = 500
const DESCRIPTION = 20_000
const REASON = 2000
const NAME = 100
const LABEL = 50
const LABELS = 20

/** A text of a person or an agent; SQLite takes no lone surrogates. */
const text = (most: number) => {
  const size = `must have at most ${most.toLocaleString('en-US')} characters`
  return z.string({ error: 'must be a text' }).trim().max(most, size)
}
const kept = (value: string): string => value.toWellFormed()
const emptyIsNone = (value: string): string | null => (value === '' ? null : kept(value))

export const taskRef = z
  .union([z.string(), z.number()], { error: 'must be a task: #N, N, project#N, gt-… or its beginning' })
  .transform(String)
  .describe('`#N`, `N`, `project#N`, `gt-…` or its beginning; `#N` counts within the project')

export const dependsOn = taskRef.describe('The task that it waits for')

const oneLine = (value: string): string => value.replace(/[\s\p{Cc}]+/gu, ' ').trim()

export const title = text(TITLE).overwrite(oneLine).min(1, 'must not be empty').transform(kept).describe(`What is to be done, in a line of at most ${TITLE} characters`)

export const description = text(DESCRIPTION).transform(emptyIsNone).describe('More about it, as Markdown')

export const type = z
  .string({ error: 'must be a word' })
  .trim()
  .toLowerCase()
  .regex(/^[a-z][a-z0-9_-]{0,29}$/, 'must be a word of at most 30 letters, digits, - and _')
  .describe('What kind of task: task, bug, feature, epic, chore, or another word')

export const priority = whole(1, 4).describe('1 (urgent), 2 (normal), 3 (low) or 4 (some day)')

export const parent = taskRef.describe('The task that it is a part of; empty for none')

const label = z
  .string({ error: 'must be words' })
  .trim()
  .min(1, 'must not hold an empty label')
  .max(LABEL, `must be labels of at most ${LABEL} characters`)
  .regex(/^[^,\p{Cc}]*$/u, 'must be labels without commas and control characters')
  .transform(kept)

export const labels = z
  .union([z.array(z.string()), z.string()], { error: 'must be words, as a list or with commas between them' })
  .transform((given) => (typeof given === 'string' ? given.split(',').filter((each) => each.trim() !== '') : given))
  .pipe(z.array(label).max(LABELS, `must be at most ${LABELS}`))
  .transform((all) => [...new Set(all)])
  .describe('Words to find it by, as a list or with commas between them')

export const assignee = z
  .union([z.string(), z.number()], { error: 'must be a session or a name' })
  .transform(String)
  .pipe(text(NAME))
  .describe('Who does it: a session (`#N`, `project#N`, a UUID) or a name; empty for nobody')

export const startedStatus = z
  .enum(['open', 'in_progress'], { error: `${oneOf(['open', 'in_progress'])}; close_task closes, and blocked follows from what a task waits for` })
  .describe('`open` also opens a closed task again, for anybody')

export const status = z.enum(taskStatuses, { error: oneOf(taskStatuses) }).describe('Only tasks of this status')

export const reason = text(REASON).transform(emptyIsNone).describe('How it ended: done, wontfix, duplicate of #4, …')

export const commitSha = z
  .string({ error: 'must be 4 to 64 hexadecimal characters' })
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-f]{4,64}$/, 'must be 4 to 64 hexadecimal characters')
  .describe('The commit that did it')

export const action = z.enum(taskActions, { error: oneOf(taskActions) }).describe('What the session did with the task')

export const oneProject = projectRef.describe('The project it belongs to, by name, id or path; normally the caller’s')

export const ownSession = sessionRef.describe('A session: `#N`, `N`, `project#N`, UUID or prefix; normally your own')
