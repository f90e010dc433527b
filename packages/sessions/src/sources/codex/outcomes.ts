/** How calls ended: by their output, and by what Codex reports beside it. */
import type { Action } from '@gobby/storage'
import { isRecord, textOf } from '../normalise.js'
import { blocksOf } from './prompt.js'
import { scriptOf } from './tools.js'

export type Output = {
  text: string
  exit_status: number | null
  is_error: boolean
  /** The process or cell that goes on after the call has answered. */
  running: string | null
}

export function outputOf(payload: Record<string, unknown>): Output {
  let text = outputText(payload.output)
  let exit_status: number | null = null
  if (text.startsWith('{"output":')) {
    const old = oldOutput(text)
    text = old?.text ?? text
    exit_status = old?.exit_status ?? null
  }
  // What a command printed may say anything; only the lines above it are Codex's.
  const end = text.indexOf('\nOutput:')
  const head = text.slice(0, end < 0 ? 4000 : end)
  const exit = end < 0 ? /^Exit code: (-?\d+)\r?$/.exec(head.split('\n', 1)[0] ?? '') : /^(?:Process exited with code|Exit code:) (-?\d+)\r?$/m.exec(head)
  exit_status ??= exit ? Number(exit[1]) : null
  const running = end < 0 ? null : /^(?:Process|Script) running with (session|cell) ID (\w+)/m.exec(head)
  const failed = (exit_status ?? 0) !== 0 || FAILED.test(head) || payload.success === false
  return { text, exit_status, is_error: failed, running: running ? `${running[1]} ${running[2]}` : null }
}

/** Refusals that Codex writes in place of an output. */
const FAILED =
  /^(?:unsupported call: |apply_patch verification failed|(?:apply_patch|exec_command|write_stdin|collab \w+) failed\b|failed to parse |execution error|Script failed\n|aborted by user)/

function outputText(output: unknown): string {
  // Some versions wrote `{content, success}`.
  const blocks = blocksOf(isRecord(output) ? (output.content ?? output.content_items) : output)
  return blocks.reduce((text, block) => {
    const gap = text === '' || text.endsWith('\n') ? '' : '\n'
    return text + gap + (block.image ?? block.text)
  }, '')
}

/** Until 0.125 some outputs were JSON in a string. */
function oldOutput(text: string): { text: string; exit_status: number | null } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (!isRecord(value) || typeof value.output !== 'string' || !isRecord(value.metadata)) return undefined
    const code = value.metadata.exit_code
    return { text: value.output, exit_status: Number.isSafeInteger(code) ? (code as number) : null }
  } catch {
    return undefined
  }
}

/** What an event reports of a call, or undefined when the event is no report. */
export function reportOf(event: Record<string, unknown>): { call_id: string | undefined; action: Action } | undefined {
  const item = event.type === 'item_completed' && isRecord(event.item) ? event.item : event
  const call_id = textOf(item.call_id) ?? textOf(item.id)
  switch (item.type) {
    case 'exec_command_end':
    case 'CommandExecution':
      return { call_id, action: commandReport(item) }
    case 'patch_apply_end':
    case 'FileChange':
      return { call_id, action: changeReport(item) }
    case 'mcp_tool_call_end':
    case 'McpToolCall':
      return { call_id, action: { kind: 'mcp', succeeded: mcpSucceeded(item) } }
    default:
      return undefined
  }
}

export function exitAction(exit_status: number, command: string | undefined): Action {
  return { kind: 'shell', ...(command === undefined ? {} : { command }), succeeded: exit_status === 0, exit_status }
}

function commandReport(item: Record<string, unknown>): Action {
  const command = scriptOf(item.command)
  if (Number.isSafeInteger(item.exit_code)) return exitAction(item.exit_code as number, command)
  return { kind: 'shell', ...(command === undefined ? {} : { command }), succeeded: item.status === 'completed' }
}

function changeReport(item: Record<string, unknown>): Action {
  const changes = isRecord(item.changes) ? Object.entries(item.changes) : []
  const succeeded = typeof item.success === 'boolean' ? item.success : item.status === 'completed'
  return { kind: 'edit', paths: changes.map(([path, change]) => changedPath(path, change)), succeeded }
}

const CHANGES = { add: 'added', update: 'modified', delete: 'deleted' } as const

function changedPath(path: string, change: unknown): NonNullable<Action['paths']>[number] {
  if (!isRecord(change)) return { path }
  // Before 0.100 the kind was the key of the change, not a field in it.
  const kind = textOf(change.type) ?? Object.keys(change)[0] ?? ''
  const inner = isRecord(change[kind]) ? change[kind] : change
  const moved = textOf(inner.move_path)
  if (moved) return { path: moved, change: 'renamed', from: path }
  return kind === 'add' || kind === 'update' || kind === 'delete' ? { path, change: CHANGES[kind] } : { path }
}

function mcpSucceeded(item: Record<string, unknown>): boolean {
  if (typeof item.status === 'string') return item.status === 'completed'
  const result = isRecord(item.result) ? item.result : {}
  const answer = isRecord(result.Ok) ? result.Ok : result
  return !('Err' in result) && answer.is_error !== true && answer.isError !== true
}
