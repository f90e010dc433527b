/** The tool calls of a session, each with what it did and how it ended. */
import type { Action, Step } from '@gobby/storage'
import type { Outcome, Source } from '../sources/source.js'

/** What an analysis needs to know of the CLI whose session it is. */
export type Reader = Pick<Source, 'actions' | 'outcome' | 'startsAnew'>

export type Call = {
  tool_name: string
  actions: Action[]
  /** `open`: no result yet, or never. */
  ended: 'ok' | 'failed' | 'open'
  /** Its output, where the analysis asked for it. */
  result: string | undefined
  outcome: Outcome
  is_sidechain: boolean
  timestamp: string | null
}

/** The messages after the last order to forget what was before. */
export function sinceBoundary(steps: Step[], reader: Reader): Step[] {
  if (!reader.startsAnew) return steps
  const last = steps.findLastIndex((step) => step.role === 'system' && reader.startsAnew?.(step.content))
  return steps.slice(last + 1)
}

/** The calls in order. A result belongs to its call by id; ids that occur twice are paired in turn. */
export function callsOf(steps: Step[], results: Map<number, string>, reader: Reader): Call[] {
  const endings = endingsOf(steps)
  return steps
    .filter((step) => step.content_type === 'tool_use')
    .map((step) => {
      const ending = step.tool_use_id ? endings.get(step.tool_use_id) : undefined
      const tool_name = step.tool_name ?? 'unknown'
      const result = ending && results.get(ending.message_index)
      const actions = actionsOf(step, reader)
      const failed = ending?.is_error ?? actions.some((action) => action.succeeded === false)
      return {
        tool_name,
        actions,
        ended: ending ? (ending.is_error ? 'failed' : 'ok') : failed ? 'failed' : 'open',
        result,
        outcome: result === undefined ? {} : (reader.outcome?.(tool_name, result, failed) ?? {}),
        is_sidechain: step.is_sidechain,
        timestamp: step.timestamp,
      }
    })
}

/** The `tool_result` messages whose text the analysis wants: few, so that a long session costs little to read. */
export function resultsWanted(steps: Step[], reader: Reader): number[] {
  const endings = endingsOf(steps)
  return steps.flatMap((step) => {
    if (step.content_type !== 'tool_use' || !step.tool_use_id) return []
    const ending = endings.get(step.tool_use_id)
    const wanted = actionsOf(step, reader).some(({ kind, todo_event, mcp }) => kind === 'shell' || kind === 'write' || (todo_event && !todo_event.id) || mcp)
    return ending && wanted ? [ending.message_index] : []
  })
}

/** Scripts are long to read, and asked for twice. */
const known = new WeakMap<Step, Action[]>()

function actionsOf(step: Step, reader: Reader): Action[] {
  const before = known.get(step)
  if (before) return before
  const actions = mergedActions(reader.actions(step.tool_name ?? 'unknown', step.tool_input), step.actions ?? [])
  known.set(step, actions)
  return actions
}

function endingsOf(steps: Step[]): Map<string, Step> {
  return new Map(steps.flatMap((step) => (step.content_type === 'tool_result' && step.tool_use_id ? [[step.tool_use_id, step]] : [])))
}

const kindOf = (action: Action) => (action.kind === 'write' ? 'edit' : action.kind)

/** What the source reported of a call stands for what the call asked; what only the call says is kept. */
export function mergedActions(asked: Action[], reported: Action[]): Action[] {
  const of = (actions: Action[], kind: string) => actions.filter((action) => kindOf(action) === kind)
  const merged = reported.map((action) => {
    const kind = kindOf(action)
    const twin = of(asked, kind)[of(reported, kind).indexOf(action)]
    return { ...(kind === 'edit' ? {} : twin), ...action }
  })
  const unreported = asked.filter((action) => {
    const told = of(reported, kindOf(action))
    return kindOf(action) === 'edit' ? told.length === 0 : of(asked, kindOf(action)).indexOf(action) >= told.length
  })
  return [...unreported, ...merged]
}

/** Whether an action of a call really happened. */
export function happened(call: Call, action: Action): boolean {
  return action.succeeded ?? call.ended === 'ok'
}
