/** What a CLI is told at a start: facts, within what it takes in whole. */
import type { Handoff, Session } from '@gobby/storage'
import type { Context } from '../context.js'
import type { HandoffContext } from '../handoff/handoff-context.js'
import { handoffBudget, handoffTokens, renderHandoff } from '../handoff/render-handoff.js'
import { refFrom, refOf } from '../refs.js'
import { type HookAnswer, noticeMark } from '../sources/hook-event.js'
import { ago } from '../time.js'

/** What there is to hand over: a handoff, its parent where it is another session's; or a line that tells of one. */
export type Handed = { handoff: Handoff; parent?: Session | undefined } | { line: string }

export const sessionLine = (session: Session): string => `Gobby Session: ${refOf(session)}`

/** The line that every session is told, and what is handed over to it. */
export function injection(ctx: Context, session: Session, handed?: Handed): HookAnswer {
  const line = sessionLine(session)
  const notice = `${noticeMark}${refOf(session)}`
  if (!handed) return { context: line, notice }
  if ('line' in handed) return { context: `${line}\n${handed.line}`, notice }
  const { handoff, parent } = handed
  const from = parent
    ? `Continued from ${refFrom(session, parent)} (${parent.source}, last active ${ago(parent.last_activity_at, ctx.now())}).`
    : 'Kept from before the compaction of this conversation.'
  return {
    context: within(`${line}\n${from}\n\n`, handoff, (parent ?? session).seq_num),
    notice: parent ? `${notice}, continues ${refFrom(session, parent)}` : notice,
  }
}

/** The handoff as it is stored where it fits behind `head`, else rendered anew for what is left. */
function within(head: string, { markdown, context }: Handoff, seq_num: number): string {
  const whole = head + markdown
  if (whole.length <= handoffBudget.characters && handoffTokens(whole) <= handoffBudget.tokens) return whole
  const budget = { characters: handoffBudget.characters - head.length, tokens: handoffBudget.tokens - handoffTokens(head) }
  return head + renderHandoff(context as HandoffContext, { budget, more: `Whole: get_handoff_context ${seq_num}` })
}
