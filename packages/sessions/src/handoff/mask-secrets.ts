/**
 * Secrets do not leave a transcript by way of a handoff. The rules are our own: the one maintained set for Node,
 * secretlint's, knows half of the formats that the tests name and no assignments, answers asynchronously, and takes as long
 * to load as Node itself.
 */
import type { HandoffContext } from './handoff-context.js'
import { isStandIn, secretFormats } from './secret-formats.js'

/** Texts with their secrets replaced by `[masked: kind]`. `masked` counts the secrets; one that stands in two places counts once. */
export function maskSecrets(text: string): { text: string; masked: number } {
  const found = new Set<string>()
  return { text: maskText(text, found), masked: found.size }
}

export function maskContext(context: HandoffContext): { context: HandoffContext; masked: number } {
  const found = new Set<string>()
  return { context: maskAll(context, found), masked: found.size }
}

function maskAll<T>(value: T, found: Set<string>): T
function maskAll(value: unknown, found: Set<string>): unknown {
  if (typeof value === 'string') return maskText(value, found)
  if (Array.isArray(value)) return value.map((one) => maskAll(one, found))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, maskAll(one, found)]))
}

/** Again until nothing is found, since what stood beside a secret may look like one once it is gone. */
function maskText(text: string, found: Set<string>): string {
  let [before, after] = ['', text]
  while (after !== before) {
    before = after
    if (anyFormat.test(after)) for (const format of secretFormats) after = masked(after, format, found)
    for (const rule of byContext) after = masked(after, rule, found)
  }
  return after
}

type Rule = {
  /** What is replaced is the whole match, or its group `secret` where another, `before`, stands in front of it. */
  pattern: RegExp
  kind: string | ((groups: Groups) => string)
  accepts?: (secret: string, groups: Groups, next: string) => boolean
}
type Groups = Record<string, string | undefined>

function masked(text: string, { pattern, kind, accepts }: Rule, found: Set<string>): string {
  return text.replace(pattern, (...match: unknown[]) => {
    const whole = match[0] as string
    const groups = typeof match.at(-1) === 'object' ? (match.at(-1) as Groups) : {}
    const at = match.find((part) => typeof part === 'number') ?? 0
    const secret = groups['secret'] ?? whole
    if (accepts?.(secret, groups, text.charAt(at + whole.length)) === false) return whole
    found.add(secret)
    return `${groups['before'] ?? ''}[masked: ${typeof kind === 'string' ? kind : kind(groups)}]`
  })
}

const inUrl: Rule = {
  kind: 'password',
  pattern: /(?<before>\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"'`<>]{0,100}:)(?<secret>[^\s@/"'`<>]{2,200})(?=@[\w[$])/gi,
  accepts: (secret) => !isStandIn(secret),
}

const inHeader: Rule = {
  kind: 'bearer token',
  pattern: /(?<before>(?<![\w-])(?:Bearer|Basic|Token)[ +])(?<secret>[\w.~+/=-]{16,})/gi,
  accepts: (secret) => looksRandom(secret),
}

/** `curl -u user:password`, and the `login … password …` of a .netrc. */
const inCommand: Rule = {
  kind: 'password',
  pattern: /(?<before>\bcurl\b[^\n|;]{0,200}?\s(?:-u|--user)[ =]?["']?[^\s:"'$]{1,60}:|\blogin\s{1,4}\S{1,80}\s{1,4}password\s{1,4})(?<secret>[^\s"'$[]+)/g,
  accepts: (secret) => !isStandIn(secret),
}

/** `password=…`, `API_KEY: …`, `"token": "…"`, `--token …`. */
const inAssignment: Rule = {
  pattern:
    /(?<before>(?<name>passw(?:or)?d|passphrase|(?<![a-z])pwd|(?<![a-z])pass|secret|token|credentials?|api[_-]?key|(?:access|secret|private|auth|account|encryption|signing|master|shared|license|client)[_-]?key(?:_base)?|_key|(?<![a-z])_auth)(?:\\{0,3}["']\]?)?(?<sign>\s{0,2}(?:=>|:=|={1,3}|:)\s{0,2}|(?<=\s--[\w-]{1,60})\s)(?<quote>\\{0,3}["'`])?)(?<secret>[^\s"'`\\,;&|<>()[\]{}]{6,})/gi,
  kind: ({ name = '' }) => (isPassword(name) ? 'password' : (/secret$|token|credential|key/i.exec(name)?.[0].toLowerCase() ?? 'key')),
  accepts: isAssigned,
}

const isPassword = (name: string): boolean => /^pass|^pwd/i.test(name)

/**
 * In code a name stands behind these signs as often as a secret does. So a value must look random; but what is certainly
 * a literal (quoted, or given to a variable of the environment) may be a password as people make them.
 */
function isAssigned(secret: string, { name = '', sign = '', quote }: Groups, next: string): boolean {
  if (isStandIn(secret) || /^[.~]{0,2}\/|^\w+:\/\//.test(secret)) return false
  if (quote === undefined && /[([{]/.test(next)) return false
  const variable = name === name.toUpperCase() && sign === '='
  if (name.toLowerCase() === '_key' && !variable) return false
  if (isPassword(name) && quote !== undefined) return /\d|[!-,/;-@[\]^{-~]/.test(secret)
  if (isPassword(name) && variable) return true
  if (isPassword(name) && (sign === '=' ? /^(?!\w+\.)(?=.*[a-z]).*\d/i : /(?=.*\d)(?=.*[a-z]).*[!#-%*+@^~]/i).test(secret)) return true
  if (/^token$/i.test(name) && uuid.test(secret)) return false
  return looksRandom(secret)
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Not made of words: short pieces of one kind of character (`k3`, `Xq`), digits among them, few repeats. */
function looksRandom(text: string): boolean {
  const pieces = text.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? []
  const digits = text.replace(/\D/g, '').length
  const letters = text.replace(/[^a-z]/gi, '').length
  const length = letters + digits
  if (length < 10 || letters < 3 || isStandIn(text)) return false
  return length / pieces.length < 3.5 && (digits >= 3 || length / pieces.length < 2.5) && entropy(text) >= 2.8
}

/** Bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0)
}

const byContext: readonly Rule[] = [inUrl, inHeader, inCommand, inAssignment]
/** One look for all of them, since nearly every text has none. */
const anyFormat = new RegExp(secretFormats.map(({ pattern }) => pattern.source).join('|'))
