/** Response items: what the model was told, what it answered, what it called. */
import { bytesPlaceholder, textOf } from '../normalise.js'
import type { Draft } from '../source.js'
import { SKIPPED_ITEMS } from './known-types.js'
import { answerCall, openCall } from './open-calls.js'
import { outputOf } from './outcomes.js'
import { blocksOf, userParts } from './prompt.js'
import type { State } from './state.js'

type Item = Record<string, unknown>
type Reader = (state: State, item: Item, timestamp: string | null, draft: Draft) => void

/** Reads an item into `draft`. Returns its type when that is unknown. */
export function readItem(state: State, item: Item, timestamp: string | null, draft: Draft): string | undefined {
  // Some hand-made files leave the type out of messages.
  const type = textOf(item.type) ?? (textOf(item.role) ? 'message' : 'none')
  const read = READERS[type]
  if (read) read(state, item, timestamp, draft)
  return read || SKIPPED_ITEMS.has(type) ? undefined : type
}

const READERS: Record<string, Reader | undefined> = Object.assign(Object.create(null), {
  message: readMessage,
  agent_message: readAgentMessage,
  reasoning: readReasoning,
  function_call: readFunctionCall,
  custom_tool_call: (state, item, time, draft) => addCall(state, item, time, draft, nameOf(item), item.input),
  local_shell_call: (state, item, time, draft) => addCall(state, item, time, draft, 'local_shell', item.action),
  web_search_call: (state, item, time, draft) => addCall(state, item, time, draft, 'web_search', item.action),
  tool_search_call: (state, item, time, draft) => addCall(state, item, time, draft, 'tool_search', item.arguments),
  image_generation_call: readImageGeneration,
  function_call_output: readOutput,
  custom_tool_call_output: readOutput,
  tool_search_output: readToolSearch,
} satisfies Record<string, Reader>)

function readMessage(state: State, item: Item, timestamp: string | null, draft: Draft): void {
  if (item.role === 'user') {
    const parts = userParts(item)
    // However many blocks it has, a message is one prompt.
    const prompt = parts.find((part) => part.is_human && part.content_type === 'text') ?? parts.find((part) => part.is_human)
    for (const part of parts) {
      const { role, content_type, content } = part
      draft.add({ role, content_type, content, is_prompt: part === prompt && !state.is_child, searchable: role === 'user', timestamp })
    }
    return
  }
  const isAssistant = item.role === 'assistant'
  for (const { text, image } of blocksOf(item.content)) {
    const content = image ?? text
    if (content.trim() === '') continue
    const content_type = image === undefined ? 'text' : 'image'
    if (isAssistant) draft.add({ role: 'assistant', content_type, content, timestamp, model: state.model })
    else draft.add({ role: 'system', content_type, content, searchable: false, timestamp })
  }
}

/** What one agent tells another; mostly encrypted. */
function readAgentMessage(_: State, item: Item, timestamp: string | null, draft: Draft): void {
  const content = blocksOf(item.content).map(({ text }) => text).join('').trim()
  if (content) draft.add({ role: 'system', content_type: 'text', content, searchable: false, timestamp })
}

function readReasoning(state: State, item: Item, timestamp: string | null, draft: Draft): void {
  const texts = (value: unknown): string => blocksOf(value).map(({ text }) => text).join('\n\n').trim()
  const content = texts(item.summary) || texts(item.content)
  if (content) draft.add({ role: 'assistant', content_type: 'thinking', content, timestamp, model: state.model })
}

function readFunctionCall(state: State, item: Item, timestamp: string | null, draft: Draft): void {
  addCall(state, item, timestamp, draft, nameOf(item), parsed(item.arguments))
}

function nameOf(item: Item): string {
  const name = textOf(item.name) ?? 'unknown'
  const namespace = textOf(item.namespace) ?? ''
  return namespace.startsWith('mcp__') && !name.startsWith('mcp__') ? `${namespace.replace(/_+$/, '')}__${name}` : name
}

/** Arguments are JSON in a string; kept as that string when they are not. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

function addCall(state: State, item: Item, timestamp: string | null, draft: Draft, tool_name: string, input: unknown): void {
  const call_id = textOf(item.call_id) ?? textOf(item.id)
  if (call_id) openCall(state.open, { call_id, message_index: draft.next_index, tool_name }, input)
  draft.add({
    role: 'assistant',
    content_type: 'tool_use',
    tool_name,
    tool_input: JSON.stringify(input ?? {}),
    tool_use_id: call_id ?? null,
    timestamp,
    model: state.model,
  })
}

function readOutput(state: State, item: Item, timestamp: string | null, draft: Draft): void {
  const call_id = textOf(item.call_id)
  const output = outputOf(item)
  const { call, late } = answerCall(state.open, call_id, output)
  if (late) draft.amend(late.message_index, [late.action])
  draft.add({
    role: 'tool',
    content_type: 'tool_result',
    tool_name: call?.tool_name ?? textOf(item.name) ?? null,
    tool_result: output.text,
    tool_use_id: call_id ?? null,
    is_error: output.is_error,
    timestamp,
  })
}

/** Its output is a catalogue of tools, the same in every session. */
function readToolSearch(state: State, item: Item, timestamp: string | null, draft: Draft): void {
  const call_id = textOf(item.call_id)
  const tool_result = JSON.stringify(item.tools ?? [])
  answerCall(state.open, call_id, { text: '', exit_status: null, is_error: false, running: null })
  draft.add({ role: 'tool', content_type: 'tool_result', tool_name: 'tool_search', tool_result, tool_use_id: call_id ?? null, searchable: false, timestamp })
}

/** Call and result in one item. */
function readImageGeneration(state: State, item: Item, timestamp: string | null, draft: Draft): void {
  const prompt = textOf(item.revised_prompt)
  addCall(state, item, timestamp, draft, 'image_generation', prompt === undefined ? {} : { prompt })
  const picture = textOf(item.result)
  if (!picture) return
  const tool_use_id = textOf(item.id) ?? null
  const tool_result = bytesPlaceholder('image/png', picture)
  answerCall(state.open, tool_use_id ?? undefined, { text: '', exit_status: null, is_error: false, running: null })
  draft.add({ role: 'tool', content_type: 'tool_result', tool_name: 'image_generation', tool_result, tool_use_id, timestamp })
}
