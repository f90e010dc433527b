/** The calls that something may still be reported about: those without an answer, and those whose process goes on. */
import type { Action } from '@gobby/storage'
import { isRecord } from '../normalise.js'
import { exitAction, type Output } from './outcomes.js'
import { scriptOf } from './tools.js'

export type OpenCall = {
  call_id: string
  message_index: number
  tool_name: string
  command?: string
  /** The process or cell that this call left running. */
  process?: string
  /** The process or cell that this call only asks after. */
  follows?: string
  /** The beginning of a cell's JavaScript. */
  source?: string
  /** Has its answer. Codex now and then reports the end of a command a few lines after that. */
  is_answered?: true
}

/** Interrupted calls are never answered, so the oldest must go some time. */
const MOST = { open: 100, answered: 20 }

export function openCall(open: OpenCall[], call: OpenCall, input: unknown): void {
  const fields = isRecord(input) ? input : {}
  const command = call.tool_name === 'exec_command' ? scriptOf(fields.cmd) : undefined
  if (command !== undefined) call.command = command
  if (call.tool_name === 'write_stdin') call.follows = `session ${String(fields.session_id)}`
  if (call.tool_name === 'exec' && typeof input === 'string') call.source = input.slice(0, 2000)
  if (call.tool_name === 'wait') call.follows = `cell ${String(fields.cell_id)}`
  open.push(call)
  if (open.length > MOST.open) open.shift()
}

/** Takes in the answer to a call. Returns the call, and what the answer says about an earlier one. */
export function answerCall(
  open: OpenCall[],
  call_id: string | undefined,
  output: Output,
): { call: OpenCall | undefined; late: { message_index: number; action: Action } | undefined } {
  const call = open.find((candidate) => candidate.call_id === call_id && !candidate.is_answered)
  if (!call) return { call: undefined, late: undefined }
  if (output.running !== null && call.follows === undefined) {
    call.process = output.running
    return { call, late: undefined }
  }
  // Of an answered cell only one that left a command running is reported about again.
  if (!/"session_id":\s*\d/.test(output.text)) delete call.source
  setAnswered(open, call)
  const started = open.find(({ process }) => process !== undefined && process === call.follows)
  if (!started || output.running !== null) return { call, late: undefined }
  if (output.exit_status === null) {
    // A failed `write_stdin` says nothing of the process; a cell has no exit status to tell.
    if (call.tool_name === 'wait') remove(open, started)
    return { call, late: undefined }
  }
  remove(open, started)
  return { call, late: { message_index: started.message_index, action: exitAction(output.exit_status, started.command) } }
}

/**
 * The call that a report belongs to. What runs inside a code-mode cell has ids of its own, which no call bears: it
 * belongs to the cell that names its command, or else to the last that is open.
 */
export function reportedCall(open: OpenCall[], call_id: string | undefined, command?: string): OpenCall | undefined {
  const own = open.find((call) => call.call_id === call_id)
  if (own) {
    // Its end is told now, so no later answer needs to tell it.
    if (own.process !== undefined || own.is_answered) remove(open, own)
    return own
  }
  const isInner = call_id === undefined || call_id.startsWith('exec-')
  if (!isInner) return undefined
  const named = command ? open.filter(({ source }) => source?.includes(JSON.stringify(command).slice(1, -1)) || source?.includes(command)) : []
  const cell = named.find((call) => !call.is_answered) ?? named.at(-1)
  if (cell) return cell
  return open.findLast((call) => call.tool_name === 'exec' && !call.is_answered) ?? open.findLast((call) => !call.is_answered)
}

function setAnswered(open: OpenCall[], call: OpenCall): void {
  call.is_answered = true
  delete call.command
  const answered = open.filter(({ is_answered }) => is_answered)
  if (answered[MOST.answered]) remove(open, answered[0] as OpenCall)
}

function remove(open: OpenCall[], call: OpenCall): void {
  open.splice(open.indexOf(call), 1)
}
