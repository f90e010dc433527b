/** Errors as results, said once for every tool. */
import { GobbyError } from '@gobby/sessions'
import { hintForAgents } from './agent-hints.js'
import { cutText } from './cut-text.js'
import { type CallToolResult, ErrorCode } from './sdk.js'

export type Failure = { code: string; message: string; hint?: string; candidates?: string[] }

/** Long enough for every sentence of ours; what a caller sent comes back in it at most so far. */
const LONGEST = 1000

export function failureOf(error: unknown): Failure {
  if (!(error instanceof GobbyError)) {
    const what = error instanceof Error ? error.message : String(error)
    return { code: 'internal', message: cutText(`gobby failed: ${what.split('\n')[0]}`, LONGEST), hint: 'Try once more; if it fails again, go on without it and tell the person.' }
  }
  const { code, message, hint, candidates } = error
  const retry = code === 'busy' ? 'Call it again in a few seconds.' : undefined
  const next = [retry, hint && hintForAgents(hint)].filter((part) => part).join(' ')
  return { code, message: cutText(message, LONGEST), ...(next ? { hint: cutText(next, LONGEST) } : {}), ...(candidates ? { candidates } : {}) }
}

/** The protocol's own number for it, where the protocol has no result for an error. */
export function protocolCode({ code }: Failure): number {
  return ['invalid', 'not_found', 'ambiguous'].includes(code) ? ErrorCode.InvalidParams : ErrorCode.InternalError
}

export function failureResult(error: unknown): CallToolResult {
  const answer = { error: failureOf(error) }
  return { content: [{ type: 'text', text: JSON.stringify(answer) }], structuredContent: answer, isError: true }
}
