/** One line of a Claude Code transcript at a time, to messages. */
import { instantOf, isRecord, textOf } from '../normalise.js'
import type { Draft, LineParser } from '../source.js'
import { blocksOf, placeholder, resultText, type Row } from './blocks.js'
import { KNOWN_SYSTEM, SKIPPED_ATTACHMENTS, SKIPPED_SYSTEM, SKIPPED_TYPES } from './known-types.js'
import { commandOf, isMachineRow, machinePart, partsOfText } from './prompts.js'
import { titles, type TitleState } from './titles.js'

type State = {
  title?: TitleState
  /** Names of calls that have no result yet. */
  open: Record<string, string>
  /** Prompts typed while the agent worked; some are written once more as a row of their own. */
  queued: string[]
  /** Whether the line that a fork would begin with was seen: the first one, and the first after each compaction. */
  marked: boolean
  /** Whether the model is known from the session's own answers, not from a sub-agent's among them. */
  modelled: boolean
}

/** A call that never gets a result must not be remembered for ever. */
const OPEN_CALLS = 200

/** @param inSubagent whether the whole file is a sub-agent's: then the first prompt is its parent's, not a person's */
export function createParser(saved: unknown, inSubagent: boolean): LineParser {
  const state: State = isRecord(saved) ? (saved as State) : { open: {}, queued: [], marked: false, modelled: false }
  const title = titles(state.title)

  return {
    record(value, draft) {
      if (!isRecord(value)) return draft.skip('not a record')
      const type = textOf(value.type)
      if (type === undefined) return draft.skip('no type')
      if (type === 'user' || type === 'assistant' || type === 'system' || type === 'attachment') transcriptRow(type, value, draft)
      else if (!metadata(type, value) && !SKIPPED_TYPES.has(type)) return draft.skip(`unknown type: ${type.slice(0, 60)}`)
    },
    endStep(draft) {
      draft.facts.title = title.current()
    },
    save: () => ({ ...state, title: title.state }),
  }

  /** Lines that say something about the session itself; true when this was one. */
  function metadata(type: string, row: Row): boolean {
    const take = (key: string) => textOf(row[key])
    if (type === 'custom-title') title.state.custom = take('customTitle') ?? title.state.custom
    else if (type === 'ai-title') title.state.ai = take('aiTitle') ?? title.state.ai
    else if (type === 'agent-name') title.state.agent = take('agentName') ?? title.state.agent
    else if (type === 'last-prompt') title.state.last = take('lastPrompt') ?? title.state.last
    else if (type === 'summary') title.sawSummary(take('leafUuid') ?? '', take('summary') ?? '')
    else return false
    return true
  }

  /** Only these rows are the session's life, and context that is attached is no activity; metadata is written at any time. */
  function transcriptRow(type: string, row: Row, draft: Draft): void {
    const timestamp = instantOf(row.timestamp)
    if (timestamp && type === 'attachment') draft.facts.started_at ??= timestamp
    else if (timestamp) draft.sawTime(timestamp)
    draft.facts.cwd ??= textOf(row.cwd)
    if (textOf(row.gitBranch)) draft.facts.git_branch = textOf(row.gitBranch)
    const uuid = textOf(row.uuid)
    if (uuid) title.sawRow(uuid)
    const at = { timestamp, is_sidechain: row.isSidechain === true && !inSubagent }
    if (type === 'attachment') return attachment(row, at, draft)
    if (type === 'system') return system(row, at, draft)
    if (!isRecord(row.message)) return draft.skip(`${type} without a message`)
    if (uuid && !inSubagent && !state.marked) {
      draft.mark(uuid)
      state.marked = true
    }
    if (type === 'assistant') assistant(row, row.message, at, draft)
    else user(row, row.message, at, draft)
  }

  function assistant(row: Row, message: Row, at: Place, draft: Draft): void {
    const model = textOf(message.model)
    const real = model !== undefined && model !== '<synthetic>'
    if (real && (!at.is_sidechain || !state.modelled)) draft.facts.model = model
    if (real && !at.is_sidechain) state.modelled = true
    // What was queued has been answered: the same words later are a prompt of their own.
    if (message.stop_reason === 'end_turn' && !at.is_sidechain) state.queued = []
    if (real && isRecord(message.usage)) {
      const count = (key: string) => (isRecord(message.usage) && typeof message.usage[key] === 'number' ? message.usage[key] : 0)
      draft.usage.push({
        key: textOf(message.id) ?? textOf(row.requestId) ?? textOf(row.uuid) ?? `message ${draft.next_index}`,
        model,
        timestamp: at.timestamp,
        input_tokens: count('input_tokens'),
        output_tokens: count('output_tokens'),
        cache_read_tokens: count('cache_read_input_tokens'),
        cache_creation_tokens: count('cache_creation_input_tokens'),
      })
    }
    for (const block of blocksOf(message.content)) {
      const fields = { ...at, role: 'assistant' as const, model: model ?? null }
      if (typeof block === 'string' || block.type === 'text') {
        const said = typeof block === 'string' ? block : (textOf(block.text) ?? '')
        if (said.trim() !== '') draft.add({ ...fields, content_type: 'text', content: said })
      } else if (block.type === 'thinking') {
        const thinking = textOf(block.thinking)
        if (thinking) draft.add({ ...fields, content_type: 'thinking', content: thinking })
      } else if (typeof block.type === 'string' && block.type.endsWith('tool_use')) call(block, fields, draft)
      else if (typeof block.type === 'string' && block.type.endsWith('tool_result')) result(block, at, false, draft)
      else if (block.type !== 'redacted_thinking' && block.type !== 'fallback') draft.skip(`unknown block: ${String(block.type).slice(0, 60)}`)
    }
  }

  function call(block: Row, fields: Place & { role: 'assistant'; model: string | null }, draft: Draft): void {
    const id = textOf(block.id)
    const name = textOf(block.name) ?? 'unknown'
    if (id) {
      state.open[id] = name
      const ids = Object.keys(state.open)
      if (ids.length > OPEN_CALLS) delete state.open[ids[0] as string]
    }
    draft.add({ ...fields, content_type: 'tool_use', tool_name: name, tool_use_id: id, tool_input: JSON.stringify(block.input ?? null) })
  }

  function result(block: Row, at: Place, failed: boolean, draft: Draft): void {
    const id = textOf(block.tool_use_id)
    const name = id ? state.open[id] : undefined
    if (id) delete state.open[id]
    const is_error = block.is_error === true || failed
    draft.add({ ...at, role: 'tool', content_type: 'tool_result', tool_name: name, tool_use_id: id, tool_result: resultText(block.content), is_error })
  }

  function user(row: Row, message: Row, at: Place, draft: Draft): void {
    const machine = isMachineRow(row)
    const blocks = blocksOf(message.content)
    // One row is one prompt however many blocks it has; beside a tool's result stand the CLI's own remarks.
    let counted = machine || inSubagent || at.is_sidechain || blocks.some((block) => typeof block !== 'string' && block.type === 'tool_result')
    const parts = blocks.map((block) => {
      const said = typeof block === 'string' ? block : block.type === 'text' ? (textOf(block.text) ?? '') : undefined
      return said === undefined ? [] : machine ? [machinePart(said, row)] : partsOfText(said)
    })
    const speaks = parts.flat().some(({ text, written }) => written === 'person' && text.trim() !== '')
    for (const [n, block] of blocks.entries()) {
      for (const part of parts[n] ?? []) {
        if (part.text.trim() === '') continue
        if (part.written === 'machine') {
          if (!at.is_sidechain) title.state.command ??= commandOf(part.text)
          draft.add({ ...at, role: 'system', content_type: 'text', content: part.text, searchable: part.searchable })
        } else {
          prompt(part.text, at, counted || wasQueued(part.text), draft)
          counted = true
        }
      }
      if (typeof block === 'string' || block.type === 'text') continue
      if (block.type === 'tool_result') {
        result(block, at, typeof row.toolUseResult === 'string' && /^(Error:|User rejected)/.test(row.toolUseResult), draft)
      } else if (block.type === 'image' || block.type === 'document') {
        // A picture alone is a prompt as well.
        const is_prompt = !counted && !speaks
        counted ||= is_prompt
        draft.add({ ...at, role: machine ? 'system' : 'user', content_type: 'image', content: placeholder(block), is_prompt })
      } else draft.skip(`unknown block: ${String(block.type).slice(0, 60)}`)
    }
  }

  function prompt(said: string, at: Place, counted: boolean, draft: Draft): void {
    if (!at.is_sidechain) title.sawPrompt(said)
    draft.add({ ...at, role: 'user', content_type: 'text', content: said, is_prompt: !counted })
  }

  /** Whether these words were counted when they were queued; any other prompt means that no repetition is to come. */
  function wasQueued(said: string): boolean {
    const again = state.queued.indexOf(said)
    if (again < 0) state.queued = []
    else state.queued.splice(again, 1)
    return again >= 0
  }

  function attachment(row: Row, at: Place, draft: Draft): void {
    const it = row.attachment
    if (!isRecord(it)) return draft.skip('attachment without content')
    const type = textOf(it.type) ?? ''
    if (type === 'queued_command') queued(it, at, draft)
    else if (type === 'file' || type === 'already_read_file' || type === 'directory' || type === 'edited_text_file') {
      const path = textOf(it.filename) ?? textOf(it.path) ?? textOf(it.displayPath)
      if (path) draft.add({ ...at, role: 'system', content_type: 'text', content: `[${type.replaceAll('_', ' ')}: ${path}]` })
    } else if (!SKIPPED_ATTACHMENTS.has(type)) draft.skip(`unknown attachment: ${type.slice(0, 60)}`)
  }

  /** What the person typed while the agent worked: there is no user row for it. */
  function queued(it: Row, at: Place, draft: Draft): void {
    if (it.commandMode === 'task-notification' || isMachineRow(it)) return
    let counted = inSubagent || at.is_sidechain
    for (const block of blocksOf(it.prompt)) {
      if (typeof block !== 'string' && (block.type === 'image' || block.type === 'document')) {
        draft.add({ ...at, role: 'user', content_type: 'image', content: placeholder(block) })
        continue
      }
      for (const part of partsOfText(typeof block === 'string' ? block : (textOf(block.text) ?? ''))) {
        if (part.written === 'machine') continue
        prompt(part.text, at, counted, draft)
        counted = true
        state.queued = [...state.queued, part.text].slice(-5)
      }
    }
  }

  function system(row: Row, at: Place, draft: Draft): void {
    const subtype = textOf(row.subtype) ?? ''
    const content = textOf(row.content) ?? ''
    if (subtype === 'compact_boundary') state.marked = false
    if (SKIPPED_SYSTEM.has(subtype)) return
    if (content.trim() === '') {
      if (!KNOWN_SYSTEM.has(subtype)) draft.skip(`unknown system row: ${subtype.slice(0, 60)}`)
      return
    }
    // A spoken prompt is stored as a system row.
    if (subtype === 'voice_call_talk') prompt(content, at, inSubagent || at.is_sidechain, draft)
    else draft.add({ ...at, role: 'system', content_type: 'text', content })
  }
}

type Place = { timestamp: string | null; is_sidechain: boolean }
