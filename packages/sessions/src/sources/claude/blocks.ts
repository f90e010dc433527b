/** The content of a message, in the several shapes that it comes in. */
import { bytesPlaceholder, isRecord, textOf } from '../normalise.js'

export type Row = Record<string, unknown>

export function blocksOf(content: unknown): (string | Row)[] {
  if (typeof content === 'string') return [content]
  if (!Array.isArray(content)) return []
  return content.filter((block): block is string | Row => typeof block === 'string' || isRecord(block))
}

/** A tool's output as text; pictures in it as placeholders. */
export function resultText(content: unknown): string {
  if (typeof content === 'string') return content
  if (isRecord(content)) return textOf(content.text) ?? JSON.stringify(content)
  return blocksOf(content)
    .map((block) => {
      if (typeof block === 'string') return block
      if (block.type === 'image' || block.type === 'document') return placeholder(block)
      if (block.type === 'tool_reference') return `[tool: ${textOf(block.tool_name) ?? ''}]`
      return textOf(block.text) ?? JSON.stringify(block)
    })
    .join('\n')
}

/** What stands in for a picture or a document. */
export function placeholder(block: Row): string {
  const source = isRecord(block.source) ? block.source : {}
  return bytesPlaceholder(textOf(source.media_type), textOf(source.data) ?? '')
}
