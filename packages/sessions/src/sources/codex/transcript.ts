/**
 * Reads a rollout, in the three forms it has had: bare (items alone, up to 0.3x), wrapped (`{timestamp, type, payload}`,
 * everything said twice), and paginated (from 0.169). Chat, reasoning and calls come from response items, which all
 * three have; events only for what no item says.
 */
import { instantOf, isRecord, textOf, titleFrom } from '../normalise.js'
import type { Draft, LineParser } from '../source.js'
import { copiedHistory, isCopied, isTimeOrdered, startedTurn } from './copied-history.js'
import { folderIn, headerOf, type Header } from './header.js'
import { readItem } from './items.js'
import { SKIPPED_COMPLETED, SKIPPED_EVENTS, SKIPPED_LINES } from './known-types.js'
import { reportedCall } from './open-calls.js'
import { reportOf } from './outcomes.js'
import { newState, type State } from './state.js'
import { inheritTotal, recordUsage, totalUsage } from './usage.js'

export function createParser(saved: unknown): LineParser {
  const state: State = isRecord(saved) ? { ...newState(), ...structuredClone(saved) } : newState()
  return {
    record(value, draft) {
      if (isRecord(value)) readLine(state, value, draft)
      else draft.skip('not a record')
    },
    save: () => structuredClone(state),
  }
}

function readLine(state: State, line: Record<string, unknown>, draft: Draft): void {
  const header = headerOf(line)
  if (header) return readHeader(state, header, line, draft)
  if (isCopiedLine(state, line)) return inheritTotal(state.usage, line)

  const time = instantOf(line.timestamp) ?? state.started_at
  if (time) draft.sawTime(time)
  // A step knows only its own lines, so what it takes for the start may be its middle.
  if (state.started_at) draft.facts.started_at = state.started_at
  const { payload } = line
  if (!isRecord(payload)) return readBareLine(state, line, time, draft)

  switch (line.type) {
    case 'response_item':
      return readOwnItem(state, payload, time, draft)
    case 'event_msg':
      return readEvent(state, payload, time, draft)
    case 'turn_context':
      state.model = textOf(payload.model) ?? state.model
      if (state.model) draft.facts.model = state.model
      return
    case 'token_usage_record':
      return addUsage(state, recordUsage(state.usage, payload, state.id), time, draft)
    case 'compacted': {
      // `replacement_history` repeats messages that stand above.
      const content = textOf(payload.message)
      if (content) draft.add({ role: 'system', content_type: 'text', content, searchable: false, timestamp: time })
      return
    }
    default:
      if (!SKIPPED_LINES.has(String(line.type))) draft.skip(unknown(line.type))
  }
}

const unknown = (type: unknown): string => `unknown type: ${String(type).slice(0, 60)}`

function readHeader(state: State, header: Header, line: Record<string, unknown>, draft: Draft): void {
  if (state.id === null) {
    state.id = header.id
    state.started_at = header.time
    state.is_bare = line.type === undefined
    state.is_child = header.is_child
    state.has_parent = header.parent !== null
    if (header.time) draft.sawTime(header.time)
    if (header.cwd) draft.facts.cwd = header.cwd
    if (header.git_branch) draft.facts.git_branch = header.git_branch
  } else if (header.id !== state.id && !state.has_own) {
    state.copied ??= copiedHistory(state.id, state.started_at)
  }
}

/** Whether the line is the parent's. A session's own header that comes again is neither. */
function isCopiedLine(state: State, line: Record<string, unknown>): boolean {
  if (state.has_own) return false
  const turn = startedTurn(line)
  const isOlder = turn !== undefined && state.id !== null && isTimeOrdered(turn) && isTimeOrdered(state.id) && turn < state.id
  // The parent's header may be missing; a turn older than the session is as good a sign.
  if (state.id !== null && state.has_parent && isOlder) state.copied ??= copiedHistory(state.id, state.started_at)
  if (state.copied && isCopied(state.copied, line)) return true
  state.copied = null
  state.has_own = turn !== undefined || line.type === 'response_item'
  return false
}

function readBareLine(state: State, line: Record<string, unknown>, time: string | null, draft: Draft): void {
  if (line.record_type === 'state') return
  if (typeof line.type !== 'string') return draft.skip('unknown shape')
  if (state.is_bare) return readOwnItem(state, line, time, draft)
  if (!SKIPPED_LINES.has(line.type)) draft.skip(unknown(line.type))
}

function readOwnItem(state: State, item: Record<string, unknown>, time: string | null, draft: Draft): void {
  state.has_items = true
  const before = draft.messages.length
  const type = readItem(state, item, time, draft)
  if (type !== undefined) draft.skip(unknown(type))
  for (const message of draft.messages.slice(before)) {
    if (message.content_type === 'text' && (message.is_prompt || (state.is_child && message.role === 'user'))) takeTitle(state, message.content, draft)
    else if (state.is_bare && message.role === 'system') draft.facts.cwd ??= folderIn(message.content)
  }
}

function takeTitle(state: State, prompt: string, draft: Draft): void {
  if (state.title !== 'none') return
  const title = titleFrom(prompt)
  if (!title) return
  state.title = 'prompt'
  draft.facts.title = title
}

function readEvent(state: State, event: Record<string, unknown>, time: string | null, draft: Draft): void {
  const report = reportOf(event)
  if (report) {
    const call = reportedCall(state.open, report.call_id, report.action.command)
    if (call) draft.amend(call.message_index, [report.action])
    return
  }
  const type = textOf(event.type) ?? 'none'
  if (type === 'token_count') return addUsage(state, totalUsage(state.usage, event, state.has_parent, state.id ?? ''), time, draft)
  if (type === 'thread_name_updated') return takeName(state, event, draft)
  if (!state.has_items && readEventText(state, type, event, time, draft)) return
  const isKnown = type === 'item_completed' ? isRecord(event.item) && SKIPPED_COMPLETED.has(String(event.item.type)) : SKIPPED_EVENTS.has(type)
  if (!isKnown) draft.skip(unknown(type === 'item_completed' && isRecord(event.item) ? `item_completed/${String(event.item.type)}` : type))
}

function takeName(state: State, event: Record<string, unknown>, draft: Draft): void {
  const thread = textOf(event.thread_id)
  const title = titleFrom(textOf(event.thread_name) ?? '')
  if (!title || (thread !== undefined && state.id !== null && thread !== state.id)) return
  state.title = 'name'
  draft.facts.title = title
}

function readEventText(state: State, type: string, event: Record<string, unknown>, time: string | null, draft: Draft): boolean {
  const content = textOf(event.message) ?? textOf(event.text)
  if (!content?.trim()) return false
  if (type === 'user_message') {
    draft.add({ role: 'user', content_type: 'text', content, is_prompt: !state.is_child, timestamp: time })
    takeTitle(state, content, draft)
    return true
  }
  if (type !== 'agent_message' && type !== 'agent_reasoning') return false
  const content_type = type === 'agent_message' ? 'text' : 'thinking'
  draft.add({ role: 'assistant', content_type, content, timestamp: time, model: state.model })
  return true
}

function addUsage(state: State, found: ReturnType<typeof recordUsage>, timestamp: string | null, draft: Draft): void {
  if (found) draft.usage.push({ ...found, model: state.model ?? 'unknown', timestamp })
}
