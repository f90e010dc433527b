/**
 * Turns the messages of a history, in order, into gobby's. A model message gives its thoughts, then its text, then each
 * tool call followed by its result: thoughts precede what they lead to, and where the CLI merged several rounds into one
 * message only the calls have times that tell their order.
 */
import type { ApiUsage, SessionFacts } from '@gobby/storage'
import { noticeMark } from '../hook-event.js'
import { instantOf, isRecord, textOf, titleFrom } from '../normalise.js'
import type { Draft } from '../source.js'
import { callsIn, resultOf, type Answer, type Call } from './calls.js'
import { answerIn, bytesIn, partsOf, recordsIn, textIn, unknownPart, type Part } from './parts.js'
import { isCommand, isMachineWritten, split, withoutHooks } from './prompt.js'
import type { Header } from './replay.js'
import { reported } from './tools.js'

type Message = Record<string, unknown>

export class Transcript {
  #header: Header
  #isSubagent: boolean
  #answered = new Set<string>()
  #lastPrompt = { shown: '', own: '' }
  #firstTime: string | undefined
  #lastTime: string | undefined
  #model: string | undefined
  #title: string | undefined

  constructor(header: Header) {
    this.#header = header
    this.#isSubagent = header.kind === 'subagent'
    // The summary of a sub-agent is its report.
    if (!this.#isSubagent && header.summary) this.#title = titleFrom(header.summary)
  }

  /** @param isSummary whether a compression wrote the message, though in the person's name */
  message(message: unknown, draft: Draft, isSummary = false): void {
    if (!isRecord(message)) return draft.skip('message that is not an object')
    const timestamp = instantOf(message['timestamp'])
    this.#sawTime(timestamp)
    switch (message['type']) {
      case 'user':
        return isSummary ? this.#summary(message, timestamp, draft) : this.#user(message, timestamp, draft)
      case 'gemini':
        return this.#gemini(message, timestamp, draft)
      case 'info':
      case 'warning':
      case 'error': {
        const content = textIn(partsOf(message['content']))
        const searchable = !content.includes(noticeMark)
        if (content.trim()) draft.add({ role: 'system', content_type: 'text', content, searchable, timestamp, is_error: message['type'] === 'error' })
        return
      }
      default:
        draft.skip(`unknown message type ${String(textOf(message['type'])).slice(0, 40)}`)
    }
  }

  /** Of all messages so far. */
  get facts(): SessionFacts {
    return {
      model: this.#model,
      title: this.#title,
      started_at: instantOf(this.#header.started_at) ?? this.#firstTime,
      last_activity_at: this.#lastTime ?? instantOf(this.#header.last_updated) ?? undefined,
    }
  }

  #summary(message: Message, timestamp: string | null, draft: Draft): void {
    const content = textIn(partsOf(message['content'])).trim()
    if (content) draft.add({ role: 'system', content_type: 'text', content, timestamp })
  }

  #user(message: Message, timestamp: string | null, draft: Draft): void {
    const parts = partsOf(message['content'])
    noteUnknown(parts, draft)
    for (const response of recordsIn(parts, 'functionResponse')) this.#result(response, timestamp, draft)

    const shown = textIn(partsOf(message['displayContent'])).trim()
    let { own, injected } = split(textIn(parts))
    if (isCommand(shown) && own !== shown) {
      // The text of a custom command stands in the content, what the person typed only here.
      injected = [...injected, own]
      own = shown
    }
    for (const content of injected) if (content) draft.add({ role: 'system', content_type: 'text', content, searchable: false, timestamp })
    if (own) {
      const is_prompt = !this.#isSubagent && !isCommand(own) && !isMachineWritten(own) && !this.#continues(shown, own)
      if (is_prompt || this.#isSubagent) this.#title ??= titleFrom(this.#isSubagent ? objectiveIn(own) : own)
      if (is_prompt) this.#lastPrompt = { shown: shown || own, own }
      draft.add({ role: 'user', content_type: 'text', content: own, is_prompt, timestamp })
    }
    // Beside a tool's result stand the pictures that the tool read.
    if (recordsIn(parts, 'functionResponse').length > 0) return
    for (const content of bytesIn(parts)) draft.add({ role: 'user', content_type: 'image', content, timestamp })
  }

  /** True for a request of the CLI or a hook to go on, which is shown under the prompt that it continues. */
  #continues(shown: string, own: string): boolean {
    return shown !== '' && shown === this.#lastPrompt.shown && own !== this.#lastPrompt.own
  }

  #gemini(message: Message, timestamp: string | null, draft: Draft): void {
    const parts = partsOf(message['content'])
    noteUnknown(parts, draft)
    const model = textOf(message['model']) ?? null
    if (model) this.#model = model
    const usage = usageOf(message)
    if (usage) draft.usage.push(usage)

    for (const thought of thoughtsIn(message, parts)) {
      draft.add({ role: 'assistant', content_type: 'thinking', content: thought.text, timestamp: thought.timestamp ?? timestamp, model })
    }
    const content = textIn(parts)
    if (content.trim()) draft.add({ role: 'assistant', content_type: 'text', content, timestamp, model })
    for (const image of bytesIn(parts)) draft.add({ role: 'assistant', content_type: 'image', content: image, timestamp, model })
    for (const call of callsIn(message, parts)) this.#call(call, model, timestamp, draft)
  }

  #call(call: Call, model: string | null, sent: string | null, draft: Draft): void {
    const timestamp = call.timestamp ?? sent
    this.#sawTime(timestamp)
    const answer = resultOf(call)
    draft.add({
      role: 'assistant',
      content_type: 'tool_use',
      tool_name: call.name,
      tool_input: JSON.stringify(call.args ?? {}),
      tool_use_id: call.id,
      timestamp,
      model,
      // What a hook adds stands behind the line that tells the exit status.
      actions: reported(call, withoutHooks(answer?.text ?? '', [])),
    })
    if (answer) this.#answer({ ...answer, id: call.id, name: call.name, timestamp }, draft)
  }

  /** A result that no tool call carries: of a checkpoint, where results stand in messages of the user alone. */
  #result(response: Part, timestamp: string | null, draft: Draft): void {
    const id = textOf(response['id'])
    if (id !== undefined && this.#answered.has(id)) return
    const { text, failed } = answerIn(response['response'])
    const bytes = bytesIn(partsOf(response['parts']))
    this.#answer({ id: id ?? null, name: textOf(response['name']) ?? null, text, failed, bytes, timestamp }, draft)
  }

  #answer(answer: Answer & { id: string | null; name: string | null; timestamp: string | null }, draft: Draft): void {
    const { id: tool_use_id, name: tool_name, timestamp } = answer
    if (tool_use_id !== null) this.#answered.add(tool_use_id)
    const injected: string[] = []
    const tool_result = withoutHooks(answer.text, injected)
    draft.add({ role: 'tool', content_type: 'tool_result', tool_name, tool_result, tool_use_id, is_error: answer.failed, timestamp })
    for (const content of answer.bytes) draft.add({ role: 'tool', content_type: 'image', content, tool_use_id, timestamp })
    for (const content of injected) draft.add({ role: 'system', content_type: 'text', content, searchable: false, timestamp })
  }

  #sawTime(timestamp: string | null): void {
    if (!timestamp) return
    if (!this.#firstTime || timestamp < this.#firstTime) this.#firstTime = timestamp
    if (!this.#lastTime || timestamp > this.#lastTime) this.#lastTime = timestamp
  }
}

function noteUnknown(parts: Part[], draft: Draft): void {
  const name = unknownPart(parts)
  if (name) draft.skip(`unknown content part ${name}`)
}

/** A built-in sub-agent's prompt wraps the task in instructions that are the same every time. */
function objectiveIn(text: string): string {
  const open = text.indexOf('<objective>')
  return open < 0 ? text : text.slice(open + '<objective>'.length)
}

function thoughtsIn(message: Message, parts: Part[]): { text: string; timestamp: string | null }[] {
  const thoughts = Array.isArray(message['thoughts']) ? message['thoughts'].filter(isRecord) : []
  const texts =
    thoughts.length > 0
      ? thoughts.map((thought) => ({
          text: [textOf(thought['subject']), textOf(thought['description'])].filter(Boolean).join('\n'),
          timestamp: instantOf(thought['timestamp']),
        }))
      : parts
          .filter((part) => part['thought'] === true)
          // `**Subject** description` is how the model sends what the CLI stores in two fields.
          .map((part) => ({ text: (textOf(part['text']) ?? '').replace(/^\s*\*\*([^*]+)\*\*\s*/, '$1\n').trim(), timestamp: null }))
  return texts.filter(({ text }) => text !== '')
}

/** The tokens of the API call that made a message. */
export function usageOf(message: Message): ApiUsage | undefined {
  const { tokens, id } = message
  if (message['type'] !== 'gemini' || !isRecord(tokens) || typeof id !== 'string') return undefined
  const count = (name: string): number => {
    const value = tokens[name]
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0
  }
  const cached = Math.min(count('cached'), count('input'))
  const output_tokens = count('output') + count('thoughts')
  // The API counts tokens of tool prompts beside those of the prompt; the total shows whether it did.
  const tool = count('total') >= count('input') + output_tokens + count('tool') ? count('tool') : 0
  return {
    key: id,
    model: textOf(message['model']) ?? 'unknown',
    timestamp: instantOf(message['timestamp']),
    input_tokens: count('input') - cached + tool,
    output_tokens,
    cache_read_tokens: cached,
    cache_creation_tokens: 0,
  }
}
