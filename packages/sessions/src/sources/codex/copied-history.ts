/**
 * A fork, or a sub-agent that inherits its parent's context, begins with the parent's whole history, written again at
 * the moment of the fork. It belongs to the parent; this tells where the session's own history begins.
 */
import { instantOf, isRecord, textOf } from '../normalise.js'

export type CopiedHistory = {
  own_id: string
  /** Copied lines carry the moment of the fork; past this, and without turn ids to go by, a line is the session's own. */
  until: string | null
  turns_tell: boolean
}

/** Writing a long history takes a while; a person's next prompt takes longer. */
const FORK_WRITE_MS = 1000

export function copiedHistory(own_id: string, forked_at: string | null): CopiedHistory {
  const until = forked_at ? new Date(Date.parse(forked_at) + FORK_WRITE_MS).toISOString() : null
  return { own_id, until, turns_tell: false }
}

/** Whether `record` is still the parent's. Notes in `copied` whether turn ids can be compared. */
export function isCopied(copied: CopiedHistory, record: Record<string, unknown>): boolean {
  const turn = startedTurn(record)
  if (turn && isTimeOrdered(turn) && isTimeOrdered(copied.own_id)) {
    copied.turns_tell = true
    return turn < copied.own_id
  }
  if (copied.turns_tell) return true
  const time = instantOf(record.timestamp)
  return time === null || copied.until === null || time <= copied.until
}

/** The turn that a record opens. */
export function startedTurn(record: Record<string, unknown>): string | undefined {
  const { payload } = record
  if (!isRecord(payload)) return undefined
  const opens = record.type === 'turn_context' || payload.type === 'task_started' || payload.type === 'turn_started'
  return opens ? textOf(payload.turn_id) : undefined
}

/** UUIDs of version 7 begin with their time, so that text order is the order of making. */
export function isTimeOrdered(id: string): boolean {
  return id.length === 36 && id[14] === '7'
}
