import type { getSessionMessages } from '@gobby/sessions/operations'
import type { z } from 'zod'
import { localTime } from './quantities.js'
import type { Screen } from './screen.js'
import { counted, harmless, oneLine } from './text.js'

type Message = z.output<(typeof getSessionMessages)['output']>['messages'][number]

/** How much of one message a terminal shows; a pipe gets all of it. */
const MOST_LINES = 40
const MOST_CHARACTERS = 4000

const styles = { user: 'green', assistant: 'blue', system: 'magenta', tool: 'yellow' } as const

export function messagesView(messages: Message[], screen: Screen): string {
  return messages.map((message) => (screen.terminal ? onTerminal(message, screen) : inPipe(message))).join('')
}

function inPipe(message: Message): string {
  return `[${message.message_index}] ${headOf(message)}${message.timestamp === null ? '' : ` ${message.timestamp}`}\n${textOf(message)}\n\n`
}

function onTerminal(message: Message, screen: Screen): string {
  const { paint } = screen
  const time = message.timestamp === null ? '' : `  ${localTime(message.timestamp)}`
  const head = `${paint('dim', String(message.message_index))} ${paint(['bold', styles[message.role]], oneLine(harmless(headOf(message))))}${paint('dim', time)}`
  const { text, rest } = cut(harmless(textOf(message)).trimEnd())
  const quiet = message.content_type === 'thinking' || message.role === 'system' || message.role === 'tool'
  return `${head}\n${quiet ? paint('dim', text) : text}${rest === '' ? '' : `\n${paint('dim', `… ${rest}: pipe it into less to see all`)}`}\n\n`
}

function headOf({ role, content_type, tool_name, is_error }: Message): string {
  return [role, content_type === 'text' ? '' : content_type, tool_name ?? '', is_error ? '(error)' : ''].filter((word) => word !== '').join(' ')
}

function textOf({ content_type, content, tool_input, tool_result }: Message): string {
  if (content_type === 'tool_use') return typeof tool_input === 'string' ? tool_input : JSON.stringify(tool_input, null, 2)
  return content_type === 'tool_result' ? (tool_result ?? content) : content
}

function cut(text: string): { text: string; rest: string } {
  const lines = text.split('\n')
  if (lines.length <= MOST_LINES && text.length <= MOST_CHARACTERS) return { text, rest: '' }
  const kept = lines.slice(0, MOST_LINES).join('\n').slice(0, MOST_CHARACTERS)
  const more = lines.length - kept.split('\n').length
  return { text: kept, rest: more > 0 ? counted(more, 'more line') : counted(text.length - kept.length, 'more character') }
}
