/** The tool calls of a model message, and what each one gave. */
import { instantOf, isRecord, textOf } from '../normalise.js'
import { answerIn, bytesIn, partsOf, recordsIn, textIn, type Part } from './parts.js'

/** A tool call, whichever way the message holds it. */
export type Call = { id: string; name: string; args: unknown; status?: string; result: unknown; display: unknown; timestamp: string | null }

/** In `toolCalls`, with what came of them; in a checkpoint perhaps only as parts of the content. */
export function callsIn(message: Part, parts: Part[]): Call[] {
  const records = Array.isArray(message['toolCalls']) ? message['toolCalls'].filter(isRecord) : []
  const recorded = records.map((call, index) => callOf(call, message, index))
  // Rounds that were merged into one message come in the order their calls ended.
  if (recorded.every(({ timestamp }) => timestamp)) recorded.sort((a, b) => Date.parse(a.timestamp ?? '') - Date.parse(b.timestamp ?? ''))
  const ids = new Set(recorded.map((call) => call.id))
  const unrecorded = recordsIn(parts, 'functionCall')
    .filter((call) => (typeof call['id'] === 'string' ? !ids.has(call['id']) : recorded.length === 0))
    .map((call, index) => callOf(call, message, index))
  return [...recorded, ...unrecorded]
}

function callOf(call: Part, message: Part, index: number): Call {
  return {
    id: textOf(call['id']) || `${textOf(message['id']) ?? ''}#${index}`,
    name: textOf(call['name']) ?? '',
    args: call['args'],
    status: textOf(call['status']),
    result: call['result'],
    display: call['resultDisplay'],
    timestamp: instantOf(call['timestamp']),
  }
}

export type Answer = { text: string; failed: boolean; bytes: string[] }

/** Undefined while the call has not ended. */
export function resultOf(call: Call): Answer | undefined {
  const parts = partsOf(call.result)
  const ended = call.status === 'success' || call.status === 'error' || call.status === 'cancelled'
  if (parts.length === 0 && !ended) return undefined
  const responses = recordsIn(parts, 'functionResponse')
  // A checkpoint puts the results of all calls of a round under each of them.
  const mine = responses.filter((response) => response['id'] === call.id)
  const answers = (mine.length > 0 ? mine : responses).map((response) => answerIn(response['response']))
  const said = [...answers.map(({ text }) => text), responses.length > 1 ? '' : textIn(parts)].filter((text) => text !== '')
  return {
    text: said.join('\n') || (parts.length === 0 ? (textOf(call.display) ?? '') : ''),
    failed: call.status ? call.status === 'error' || call.status === 'cancelled' : answers.some(({ failed }) => failed),
    bytes: [...mine.flatMap((response) => bytesIn(partsOf(response['parts']))), ...(responses.length > 1 ? [] : bytesIn(parts))],
  }
}
