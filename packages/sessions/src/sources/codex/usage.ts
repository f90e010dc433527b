/** Tokens: per request where the rollout has them so, else as differences of the running total. */
import type { ApiUsage, Tokens } from '@gobby/storage'
import { isRecord, textOf } from '../normalise.js'

export type UsageState = {
  /** Requests counted from running totals; numbers their keys. */
  count: number
  total: Counts | null
  /** From 0.169 each request has a record of its own, and the running totals repeat it. */
  has_records: boolean
}

type Counts = { input: number; cached: number; written: number; output: number }

export function recordUsage(state: UsageState, payload: Record<string, unknown>, own_id: string | null): Found | undefined {
  const thread = textOf(payload.thread_id)
  if (thread !== undefined && own_id !== null && thread !== own_id) return undefined
  state.has_records = true
  const counts = countsOf(payload.usage)
  const id = textOf(payload.response_id)
  return counts && id ? { key: `token_usage_record:${id}`, ...tokensOf(counts) } : undefined
}

type Found = Tokens & Pick<ApiUsage, 'key'>

/**
 * @param inherits the session began with another's total, which is not its own
 * @param own_id makes the key unlike those of other sessions: equal keys are counted once over all sessions
 */
export function totalUsage(state: UsageState, payload: Record<string, unknown>, inherits: boolean, own_id: string): Found | undefined {
  const info = isRecord(payload.info) ? payload.info : {}
  const total = countsOf(info.total_token_usage)
  if (!total) return undefined
  const before = state.total
  state.total = total
  if (state.has_records) return undefined
  const last = countsOf(info.last_token_usage) ?? total
  const grown = before ? difference(total, before) : inherits ? last : total
  // A total that shrank was begun anew.
  const own = Math.min(...Object.values(grown)) < 0 ? last : grown
  if (Object.values(own).every((count) => count === 0)) return undefined
  state.count += 1
  return { key: `${own_id} total:${state.count}`, ...tokensOf(own) }
}

/** Takes the total of copied history as the one to count from. */
export function inheritTotal(state: UsageState, record: Record<string, unknown>): void {
  const payload = isRecord(record.payload) ? record.payload : {}
  if (payload.type !== 'token_count' || !isRecord(payload.info)) return
  state.total = countsOf(payload.info.total_token_usage) ?? state.total
}

function countsOf(usage: unknown): Counts | undefined {
  if (!isRecord(usage) || typeof usage.input_tokens !== 'number') return undefined
  return {
    input: number(usage.input_tokens),
    cached: number(usage.cached_input_tokens),
    written: number(usage.cache_write_input_tokens),
    output: number(usage.output_tokens),
  }
}

const number = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0)

function difference(a: Counts, b: Counts): Counts {
  return { input: a.input - b.input, cached: a.cached - b.cached, written: a.written - b.written, output: a.output - b.output }
}

/** Codex counts cached tokens within the input, and reasoning within the output. */
function tokensOf(counts: Counts): Tokens {
  return {
    input_tokens: Math.max(0, counts.input - counts.cached - counts.written),
    output_tokens: counts.output,
    cache_read_tokens: counts.cached,
    cache_creation_tokens: counts.written,
  }
}
