/** What goes back to the client: the answer as structure, and the same as text. */
import { type Answer, fitted, type Limits } from './fitted.js'
import type { Served } from './registries.js'
import type { CallToolResult } from './sdk.js'

/** About 6,000 tokens, and what `full` may cost: less than any client throws away. */
const BYTES = 24_000
const FULL_BYTES = 80_000
const TEXT = 2000

type Input = { full: boolean } & Record<string, unknown>
type Ask = (more?: object) => Promise<Answer>

export async function answerResult(served: Served, input: Input, ask: Ask): Promise<CallToolResult> {
  const limits: Limits = {
    bytes: input.full ? FULL_BYTES : BYTES,
    ...(input.full ? {} : { text: TEXT }),
    ...(served.page === undefined ? {} : { keeps: [served.page] }),
    fromEnd: served.fromEnd?.(input) ?? false,
  }
  const whole = fitted(await ask(), limits)
  const { left } = whole
  let { answer } = whole
  const list = Object.keys(left)[0]
  // A cursor leads past what was left out: the page is asked for again, as long as it may be.
  if (list !== undefined && typeof answer.next_cursor !== 'undefined' && 'limit' in served.operation.input.shape) {
    answer = fitted(await ask({ limit: Math.max(1, lengthOf(answer, list)) }), limits).answer
  }
  const lists = Object.entries(left)
  if (lists.length > 0) {
    const shown = (name: string) => lengthOf(answer, name)
    if (typeof answer.count === 'number' && list !== undefined && !list.includes('.')) answer = { ...answer, count: shown(list) }
    const many = lists.map(([name, count]) => `${count} more ${name.replace(/^.*\./, '')}`).join(', ')
    answer = { ...answer, more: `${many} left out for length${served.rest ? `: ${served.rest(answer, shown)}` : ''}.` }
  }
  return { content: [{ type: 'text', text: textOf(answer, served.page) }], structuredContent: answer }
}

function lengthOf(answer: Answer, path: string): number {
  let value: unknown = answer
  for (const name of path.split('.')) value = (value as Answer | undefined)?.[name]
  return Array.isArray(value) ? value.length : 0
}

/** JSON; a page is easier to read as it is, under what is said of it. */
function textOf(answer: Answer, page: string | undefined): string {
  const text = page === undefined ? undefined : answer[page]
  if (page === undefined || typeof text !== 'string') return JSON.stringify(answer)
  const { [page]: _, ...rest } = answer
  return `${JSON.stringify(rest)}\n\n${text}`
}
