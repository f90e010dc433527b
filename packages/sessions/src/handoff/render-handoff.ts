/** A handoff as one page of Markdown, within what a client takes in whole. */
import type { HandoffContext } from './handoff-context.js'
import { oneLine } from './escape-markdown.js'
import { handoffParts, type Part, type Shown } from './handoff-parts.js'

export type HandoffBudget = { characters: number; tokens: number }

/** Clients cut what is injected above 10,000 characters or 2,500 tokens; this leaves room for the line or two around it. */
export const handoffBudget: HandoffBudget = { characters: 9_000, tokens: 2_200 }

/** What some clients show of a text that is too long for them. */
const head = 2_000

/**
 * In this order parts give way, each down to the number beside it (list items, or characters of a text) before the next
 * loses anything. The long lists first, to a useful length, and a long request; then these lists to nothing, in the same
 * order; then what is kept longest: notes, open todos and the goal. The goal is never left out.
 */
const givingWay: readonly (readonly [Part, number])[] = [
  ['files', 20], ['status', 20], ['done', 5], ['activity', 5], ['commits', 10], ['checks', 5], ['problems', 5], ['request', 1_000],
  ['files', 0], ['status', 0], ['done', 0], ['activity', 0], ['commits', 0], ['checks', 0], ['problems', 0], ['request', 300],
  ['notes', 1_500], ['open', 20], ['goal', 1_000], ['notes', 300], ['open', 5],
  ['request', 0], ['task', 0], ['open', 0], ['notes', 0], ['goal', 2],
]

/** About what a text costs a model. */
export function handoffTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4)
}

/**
 * The page of a handoff. Sections stand in a fixed order, empty ones are left out, and the whole is never over the budget:
 * see `givingWay` for what is left out first. `more` says where the whole is, and stands last when something was left out.
 */
export function renderHandoff(context: HandoffContext, options: { budget?: HandoffBudget; more?: string } = {}): string {
  const budget = options.budget ?? handoffBudget
  const parts = handoffParts(context)
  const more = oneLine(options.more ?? '', 200)
  const shown: Shown = { ...parts.totals }
  let openFirst = false

  const page = (of: Shown = shown): string => {
    const whole = givingWay.every(([part]) => of[part] === parts.totals[part])
    return ['## Continuation Context', ...parts.sections(of, openFirst), ...(whole || more === '' ? [] : [more])].join('\n\n')
  }
  const fits = (part: Part, count: number): boolean => {
    const text = page({ ...shown, [part]: count })
    return text.length <= budget.characters && handoffTokens(text) <= budget.tokens
  }

  openFirst = parts.endOfOpen(page()) > head
  for (const [part, least] of givingWay) {
    if (fits(part, shown[part])) break
    if (shown[part] > least) shown[part] = mostThat((count) => fits(part, count), least, shown[part])
  }
  return page()
}

/** The highest count under `high` that fits; `low` when none does. */
function mostThat(fits: (count: number) => boolean, low: number, high: number): number {
  let [best, over] = [low, high]
  if (!fits(low)) return low
  while (over - best > 1) {
    const middle = (best + over) >> 1
    if (fits(middle)) best = middle
    else over = middle
  }
  return best
}
