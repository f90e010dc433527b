/**
 * In code mode the model writes JavaScript whose calls of `tools.…` leave no records of their own. Nothing is run here:
 * the text is cut into tokens, and what stands in a call as a literal, or as a constant's name, is read.
 */
import type { Action } from '@gobby/storage'
import { patchAction, scriptActions } from './apply-patch.js'

type Token = { kind: 'string' | 'word' | 'sign'; text: string }

/** The plan's item as it stands in the arguments of `update_plan`. */
export type PlanItem = { step: string; status: string }

export function codeActions(source: string, todoAction: (items: PlanItem[]) => Action): Action[] {
  const tokens = tokensOf(source)
  const names = namedStrings(tokens)
  return tokens.flatMap((token, at): Action[] => {
    if (token.text !== 'tools' || token.kind !== 'word' || !isSign(tokens[at + 1], '.') || !isSign(tokens[at + 3], '(')) return []
    return callActions(tokens[at + 2]?.text ?? '', argumentOf(tokens, at + 4), names, todoAction)
  })
}

function callActions(tool: string, call: Token[], names: Names, todoAction: (items: PlanItem[]) => Action): Action[] {
  if (tool === 'apply_patch') return valuesAt(call, 0, names).flatMap((patch) => patchAction(patch) ?? [])
  if (tool === 'exec_command' || tool === 'shell_command') {
    const workdir = property(call, 'workdir', names)[0]
    const commands = property(call, tool === 'exec_command' ? 'cmd' : 'command', names)
    return commands.flatMap((command) => scriptActions(command, workdir))
  }
  if (tool === 'update_plan') {
    const [steps, states] = [everyProperty(call, 'step', names), everyProperty(call, 'status', names)]
    return [todoAction(steps.map((step, index) => ({ step, status: states[index] ?? '' })))]
  }
  if (tool === 'write_stdin') return [{ kind: 'shell' }]
  if (tool === 'view_image') return property(call, 'path', names).map((path) => ({ kind: 'read', paths: [{ path }] }))
  if (tool === 'spawn_agent' || tool.endsWith('__spawn_agent')) return [{ kind: 'subagent' }]
  if (tool.startsWith('mcp__')) return [{ kind: 'mcp' }]
  if (tool.startsWith('web')) return [{ kind: 'web' }]
  return []
}

/** What a name stands for; several strings where it runs through a list (`list.map((name) => …)`). */
type Names = Map<string, string[]>

function namedStrings(tokens: Token[]): Names {
  const names: Names = new Map()
  tokens.forEach((token, at) => {
    if (token.kind !== 'word') return
    const list = isSign(tokens[at + 1], '=') && isSign(tokens[at + 2], '[') ? argumentOf(tokens, at + 3) : undefined
    const isJoined = list && tokens[at + 3 + list.length + 2]?.text === 'join'
    if (list && !isJoined) names.set(token.text, list.filter(({ kind }) => kind === 'string').map(({ text }) => text))
    else if (isSign(tokens[at + 1], '=')) names.set(token.text, valuesAt(tokens, at + 2, names))
    else if (isSign(tokens[at + 1], '.') && tokens[at + 2]?.text === 'map' && names.has(token.text)) {
      const each = tokens.slice(at + 4, at + 6).find(({ kind }) => kind === 'word')
      if (each) names.set(each.text, names.get(token.text) ?? [])
    }
  })
  return names
}

/** The strings that an expression stands for: literals put together with `+`, lines of a joined list, or a name. */
function valuesAt(tokens: Token[], at: number, names: Names): string[] {
  const first = tokens[at]
  if (first?.kind === 'word') return names.get(first.text) ?? []
  if (isSign(first, '[')) {
    const lines = argumentOf(tokens, at + 1).filter(({ kind }) => kind === 'string').map(({ text }) => text)
    return lines.length > 0 ? [lines.join('\n')] : []
  }
  if (first?.kind !== 'string') return []
  let text = first.text
  for (let next = at + 1; isSign(tokens[next], '+') && tokens[next + 1]?.kind === 'string'; next += 2) text += tokens[next + 1]?.text
  return [text]
}

function property(call: Token[], key: string, names: Names): string[] {
  const at = call.findIndex((token, index) => isKey(call, index, key) || (token.text === key && isShorthand(call, index)))
  if (at < 0) return []
  return isShorthand(call, at) ? (names.get(key) ?? []) : valuesAt(call, at + 2, names)
}

function everyProperty(call: Token[], key: string, names: Names): string[] {
  return call.flatMap((_, index) => (isKey(call, index, key) ? (valuesAt(call, index + 2, names)[0] ?? '') : []))
}

function isKey(call: Token[], at: number, key: string): boolean {
  return call[at]?.text === key && call[at].kind !== 'sign' && isSign(call[at + 1], ':') && (isSign(call[at - 1], '{') || isSign(call[at - 1], ','))
}

function isShorthand(call: Token[], at: number): boolean {
  return call[at]?.kind === 'word' && (isSign(call[at + 1], ',') || isSign(call[at + 1], '}')) && (isSign(call[at - 1], '{') || isSign(call[at - 1], ','))
}

/** The tokens from `start` to the bracket that closes the one before it. */
function argumentOf(tokens: Token[], start: number): Token[] {
  let depth = 1
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at]
    if (token?.kind !== 'sign') continue
    if ('([{'.includes(token.text)) depth++
    else if (')]}'.includes(token.text) && --depth === 0) return tokens.slice(start, at)
  }
  return tokens.slice(start)
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text
}

const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|`(?:[^`\\]|\\[\s\S])*`|[A-Za-z_$][\w$]*|\d[\w.]*|=>|[=!]==?|&&|\|\||\S/g
/** After these a slash begins a regular expression, not a division. */
const BEFORE_PATTERN = '(,=:[!&|?{};'
const PATTERN = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y

function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(source); match; match = TOKEN.exec(source)) {
    const [text] = match
    if (text.startsWith('//') || text.startsWith('/*')) continue
    if (text === '/' && BEFORE_PATTERN.includes(tokens.at(-1)?.text ?? '(')) {
      PATTERN.lastIndex = match.index
      if (PATTERN.test(source)) TOKEN.lastIndex = PATTERN.lastIndex
      continue
    }
    if (text.length > 1 && '"\'`'.includes(text.charAt(0))) tokens.push({ kind: 'string', text: unescaped(text.slice(1, -1)) })
    else tokens.push({ kind: /^[A-Za-z_$]/.test(text) ? 'word' : 'sign', text })
  }
  return tokens
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', '0': '\0', '\n': '' }

function unescaped(text: string): string {
  return text.replace(/\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g, (_, wide, four, two, one) => {
    const code = Number.parseInt(wide ?? four ?? two ?? '', 16)
    if (code <= 0x10ffff) return String.fromCodePoint(code)
    return ESCAPES[one] ?? one ?? ''
  })
}
