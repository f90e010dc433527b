/** Tells what a person wrote from what Codex or its surroundings put into the same message. */
import { bytesPlaceholder, isRecord, textOf } from '../normalise.js'

export type Part = { role: 'user' | 'system'; content_type: 'text' | 'image'; content: string; is_human: boolean }

/** The parts of a message of role `user`, in order; an empty text gives none. */
export function userParts(payload: Record<string, unknown>): Part[] {
  const passthrough = payload.internal_chat_message_metadata_passthrough
  const kinds = isRecord(passthrough) && Array.isArray(passthrough.content_item_kinds) ? passthrough.content_item_kinds : []
  const blocks = blocksOf(payload.content)
  return blocks.flatMap((block, index) => {
    if (block.image !== undefined) return [{ role: 'user' as const, content_type: 'image' as const, content: block.image, is_human: true }]
    // Codex wraps a picture in two blocks of text, and names the person as the maker of all three.
    const wraps = IMAGE_TAG.test(block.text) && (blocks[index + 1]?.image !== undefined || blocks[index - 1]?.image !== undefined)
    return wraps ? [system(block.text)] : textParts(block.text, textOf(kinds[index]))
  })
}

const IMAGE_TAG = /^\s*<\/?image\b[^\n]*>\s*$/

function textParts(text: string, kind: string | undefined): Part[] {
  if (text.trim() === '') return []
  // From 0.169 each block names its maker; older ones, and those of kind `unknown`, are told by how they begin.
  const told = kind !== undefined && kind !== 'unknown'
  const injected = told ? !kind.startsWith('user.') : INJECTED.test(text)
  if (injected) return [system(text)]
  const request = REQUEST.exec(text)
  if (!request || !PREAMBLE.test(text)) return [human(text)]
  const before = text.slice(0, request.index)
  const after = text.slice(request.index + request[0].length).trim()
  // A long paste becomes an attachment: then its name is all there is of the request.
  if (after === '') return [human(before.replace(/^\s*# [^\n]*\n/, '').replace(/^## /gm, '').trim() || text)]
  const listing: Part = LISTING.test(text) ? system(before) : { ...human(before), is_human: false }
  return [listing, human(after)]
}

const human = (content: string): Part => ({ role: 'user', content_type: 'text', content, is_human: true })
const system = (content: string): Part => ({ role: 'system', content_type: 'text', content, is_human: false })

/**
 * How injected text begins. `<task>` is not here, though it is seen: programs that run `codex exec` write it into
 * their prompts.
 */
const INJECTED = new RegExp(
  '^\\s*(?:# AGENTS\\.md instructions\\b|</image>|<(?:' +
    [
      'environment_context|environments|user_instructions|instructions|agents_md|skills?|skills_instructions|plugins_instructions',
      'apps_instructions|permissions|collaboration_mode|multi_agent_mode|model_switch|personality_spec|recommended_plugins',
      'subagent_notification|turn_aborted|user_action|user_shell_command|user_memory|heartbeat|hook_prompt|goal_context',
      'codex_internal_context|context_window_guidance|image|system-reminder|tools',
    ].join('|') +
    ')\\b[^>\\n]*>)',
  'i',
)

/** The editor's and the desktop app's wrapping: a heading, what they add, this line, and then the person's words. */
const REQUEST = /^## My request for Codex:[ \t]*$/m
const PREAMBLE = /^\s*# [^\n]{1,80}:\s*\n/
/** Preambles that the app wrote alone; others (comments on a diff) hold the person's own words too. */
const LISTING = /^\s*# (?:Files mentioned by the user|Context from my IDE setup):/

type Block = { text: string; image?: string }

/** The blocks of a message or a tool's output: texts, and a placeholder for each picture. */
export function blocksOf(content: unknown): Block[] {
  if (typeof content === 'string') return [{ text: content }]
  if (!Array.isArray(content)) return []
  return content.map((block: unknown) => {
    if (typeof block === 'string') return { text: block }
    if (!isRecord(block)) return { text: '' }
    const url = textOf(block.image_url)
    if (block.type === 'input_image' || url !== undefined) return { text: '', image: pictureOf(url ?? '') }
    return { text: textOf(block.text) ?? '' }
  })
}

export function pictureOf(url: string): string {
  const data = /^data:([^;,]{1,100})[^,]{0,100},/.exec(url)
  if (data) return bytesPlaceholder(data[1], url.slice(data[0].length))
  return url === '' ? '[image]' : `[image ${url.slice(0, 500)}]`
}
