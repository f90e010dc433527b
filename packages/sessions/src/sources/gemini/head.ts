/** Whose session a file holds. */
import { basename, dirname } from 'node:path'
import { instantOf, isRecord, textOf } from '../normalise.js'
import type { TranscriptHead } from '../source.js'
import { folderOf } from './folder.js'
import { recordFrom } from './parts.js'

type Fields = Record<string, unknown>

/** Enough for the header and the injected context, which stand at the top. */
const HEAD_RECORDS = 40

const MESSAGE_TYPES = ['user', 'gemini', 'info', 'warning', 'error']

export function peek(file: { path: string; lines: Iterable<string> }): TranscriptHead | undefined {
  const records = headRecords(file.lines)
  const header = records.find((record) => typeof record['sessionId'] === 'string' && typeof record['projectHash'] === 'string')
  const messages = records.flatMap(messagesIn)
  if (!isGemini(file.path, header, messages)) return undefined

  const parent = header?.['kind'] === 'subagent' ? parentFolder(file.path) : undefined
  return {
    external_id: textOf(header?.['sessionId']) ?? basename(file.path).replace(/\.jsonl?$/, ''),
    cwd: folderOf(file.path, header, messages),
    started_at: instantOf(header?.['startTime']) ?? instantOf(messages[0]?.['timestamp']),
    git_branch: null,
    parent: parent === undefined ? null : { external_id: parent, relation: 'subagent' },
    preference: file.path.endsWith('.json') ? 0 : 1,
  }
}

function headRecords(lines: Iterable<string>): Fields[] {
  const records: Fields[] = []
  let document: string[] | undefined
  for (const line of lines) {
    if (document) document.push(line)
    else if (line.replace(/^\uFEFF/, '').trim() === '{') document = ['{']
    else {
      const record = recordFrom(line)
      if (record) records.push(record)
      if (records.length >= HEAD_RECORDS) break
    }
  }
  return document ? documentIn(document) : records
}

/** Of a document that is longer than the head, or cut off, at least what stands before its messages. */
function documentIn(lines: string[]): Fields[] {
  const whole = recordFrom(lines.join('\n'))
  if (whole) return [whole]
  const messages = lines.findIndex((line) => /^\s*"messages": \[$/.test(line.trimEnd()))
  const header = messages < 0 ? undefined : recordFrom(`${lines.slice(0, messages).join('\n')}\n"messages": []}`)
  return header ? [header] : []
}

function messagesIn(record: Fields): Fields[] {
  const holder = isRecord(record['$set']) ? record['$set'] : record
  if (Array.isArray(holder['messages'])) return holder['messages'].filter(isRecord)
  return typeof record['id'] === 'string' && typeof record['type'] === 'string' ? [record] : []
}

function isGemini(path: string, header: Fields | undefined, messages: Fields[]): boolean {
  // Qwen Code began as a copy of the Gemini CLI, recorder included; its model messages are of type `qwen`.
  if (path.split(/[\\/]/).includes('.qwen')) return false
  const types = messages.map((message) => textOf(message['type']) ?? '')
  if (header) return types.includes('gemini') || types.every((type) => MESSAGE_TYPES.includes(type))
  // The header line may be broken; a line of the model is then proof enough.
  return messages.some((message) => message['type'] === 'gemini' && 'content' in message && instantOf(message['timestamp']) !== null)
}

/** A sub-agent's transcript stands in a folder named after its parent. */
function parentFolder(path: string): string | undefined {
  return basename(dirname(dirname(path))) === 'chats' ? basename(dirname(path)) : undefined
}
