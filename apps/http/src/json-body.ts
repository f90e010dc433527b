/** The JSON body of a request, read more strictly than `JSON.parse` does. */
import { DEEPEST_BODY } from './limits.js'
import { Refusal } from './problem.js'

/**
 * @param content_type the header; anything but JSON in UTF-8 is refused, so that a web page cannot send it unasked
 * @returns `{}` for a request without a body
 */
export function jsonBody(bytes: ArrayBuffer, content_type: string | undefined): Record<string, unknown> {
  if (bytes.byteLength === 0 && content_type === undefined) return {}
  checkType(content_type)
  if (bytes.byteLength === 0) throw new Refusal('invalid', 'The body is empty.', { hint: 'Send a JSON object, or no Content-Type.' })
  const text = decoded(bytes)
  const flaw = flawIn(text)
  if (flaw) throw new Refusal('invalid', flaw)
  const value = parsed(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal('invalid', 'The body must be a JSON object.')
  return value as Record<string, unknown>
}

function checkType(content_type: string | undefined): void {
  const [type = '', ...parameters] = (content_type ?? '').toLowerCase().split(';').map((part) => part.trim())
  const charset = parameters.find((part) => part.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '')
  if (type === 'application/json' && (charset === undefined || charset === 'utf-8' || charset === 'utf8')) return
  throw new Refusal('unsupported_media_type', 'Only application/json in UTF-8 is taken.', { hint: 'Send the header Content-Type: application/json' }, { accept: 'application/json' })
}

function decoded(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refusal('invalid', 'The body is not UTF-8.')
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal('invalid', 'The body is not valid JSON.')
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs

/** What `JSON.parse` would let pass: a name given twice in one object, of which the last would count; great depth. */
function flawIn(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  let isName = false
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined)
      if (open.length > DEEPEST_BODY) return `The body is nested more than ${DEEPEST_BODY} levels deep.`
    } else if (token === '}' || token === ']') open.pop()
    const names = open.at(-1)
    if (isName && token.startsWith('"') && names) {
      if (names.has(nameIn(token))) return `The body has ${token.length > 60 ? 'a name' : token} twice in one object.`
      names.add(nameIn(token))
    }
    isName = token === '{' || (token === ',' && names !== undefined)
  }
  return undefined
}

/** Written with escapes, it is still the same name. */
function nameIn(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1)
  try {
    return JSON.parse(token) as string
  } catch {
    return token
  }
}
