/** The pieces of a message's content, as the Gemini API has them. */
import { bytesPlaceholder, isRecord, textOf } from '../normalise.js'

export type Part = Record<string, unknown>

/** `content` is a string, a part, or a list of both. */
export function partsOf(content: unknown): Part[] {
  return (Array.isArray(content) ? content : [content])
    .map((part: unknown) => (typeof part === 'string' ? { text: part } : part))
    .filter(isRecord)
}

/** The text of all parts, joined as the CLI does when it shows them. */
export function textIn(parts: Part[]): string {
  return parts.map((part) => (part['thought'] === true ? '' : (textOf(part['text']) ?? ''))).join('')
}

/** A placeholder for each picture or other file in the parts. */
export function bytesIn(parts: Part[]): string[] {
  return parts.flatMap((part) => {
    const { inlineData, fileData } = part
    if (isRecord(inlineData)) return [bytesPlaceholder(textOf(inlineData['mimeType']), textOf(inlineData['data']) ?? '')]
    if (isRecord(fileData)) return [`[${textOf(fileData['mimeType']) ?? 'file'} ${textOf(fileData['fileUri']) ?? ''}]`]
    return []
  })
}

/** The records under one name: `functionCall` or `functionResponse`. */
export function recordsIn(parts: Part[], name: string): Part[] {
  return parts.map((part) => part[name]).filter(isRecord)
}

const KNOWN = ['text', 'thought', 'inlineData', 'fileData', 'functionCall', 'functionResponse', 'executableCode', 'codeExecutionResult']

/** The first part that is of no kind seen so far. */
export function unknownPart(parts: Part[]): string | undefined {
  const part = parts.find((part) => Object.keys(part).length > 0 && !KNOWN.some((name) => name in part))
  return part && Object.keys(part)[0]?.slice(0, 40)
}

/** What a tool answered, and whether it was an error. */
export function answerIn(response: unknown): { text: string; failed: boolean } {
  if (!isRecord(response)) return { text: textOf(response) ?? '', failed: false }
  const failed = 'error' in response && !('output' in response)
  const value = failed ? response['error'] : 'output' in response ? response['output'] : response
  return { text: textOf(value) ?? JSON.stringify(value) ?? '', failed }
}

/** The record that a text is, or undefined. */
export function recordFrom(json: string | Buffer): Part | undefined {
  try {
    const value: unknown = JSON.parse(json.toString('utf8').replace(/^\uFEFF/, ''))
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
