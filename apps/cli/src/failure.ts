import { type ErrorCode, GobbyError } from '@gobby/sessions'
import { harmless, quoteForShell } from './print/text.js'
import type { Surroundings } from './surroundings.js'

const exitCodes: Record<ErrorCode, number> = {
  invalid: 2,
  not_found: 3,
  ambiguous: 4,
  conflict: 1,
  nothing_to_hand_over: 1,
  busy: 5,
  unavailable: 5,
  internal: 1,
}

/** oclif's own errors, as far as they are looked into. */
type ParserError = Error & { oclif?: { exit?: number }; code?: string; args?: unknown; flags?: unknown; parse?: { input?: { flags?: object } } }

/** Ends a command early with an exit code and no message: what there was to say is said. */
export class Ended extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('ended')
    this.exitCode = exitCode
  }
}

/** Says what went wrong, once for every command, and gives the exit code. */
export async function report(error: unknown, argv: string[], commandIds: string[], { stdout, stderr, env }: Surroundings): Promise<number> {
  if (error instanceof Ended) return error.exitCode
  const { code, message, hint, candidates } = await failureOf(error, argv, commandIds)
  if (env.GOBBY_DEBUG && error instanceof Error) stderr.write(`${error.stack}\n`)
  if (isJson(argv)) stdout.write(`${JSON.stringify({ error: { code, message, hint, candidates } }, null, 2)}\n`)
  else stderr.write(`error: ${message}\n${hint ? `${hint}\n` : ''}`)
  return exitCodes[code]
}

function isJson(argv: string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}

async function failureOf(error: unknown, argv: string[], commandIds: string[]): Promise<GobbyError> {
  if (error instanceof GobbyError) {
    const { code, message, hint, candidates } = error
    return hint || code !== 'invalid' ? error : new GobbyError(code, message, helpFor(commandOf(argv, commandIds)), { candidates, cause: error })
  }
  const { message, oclif } = error as ParserError
  if (oclif?.exit !== undefined) return parserFailure(error as ParserError, argv, commandIds)
  const what = error instanceof Error ? message : String(error)
  return new GobbyError('internal', `gobby failed: ${what.split('\n')[0]}`, 'Run it again with GOBBY_DEBUG=1 set to see where, and please report it.', { cause: error })
}

async function parserFailure(error: ParserError, argv: string[], commandIds: string[]): Promise<GobbyError> {
  const command = commandOf(argv, commandIds)
  const invalid = (message: string, hint = helpFor(command)) => new GobbyError('invalid', message, hint, { cause: error })
  if (/^command .+ not found\.?$/i.test(error.message)) {
    const words = argv.filter((word) => !word.startsWith('-'))
    const extra = command ? words.slice(command.split(' ').length) : []
    if (command && extra.length > 0) return invalid(`gobby ${command} takes no ${JSON.stringify(extra.join(' '))}.`)
    const topic = commandIds.some((id) => id.startsWith(`${words[0]}:`)) ? ` ${words[0]}` : ''
    const hint = (await meantCommand(words, commandIds)) ?? `See the commands: gobby${topic} --help`
    if (words.length === 0) return invalid(`gobby has no flag ${argv[0]}.`, (await meantFlag(argv[0], ['help', 'version'])) ?? hint)
    return invalid(`There is no command "gobby ${words.slice(0, topic === '' ? 1 : 2).join(' ')}".`, hint)
  }
  if (Array.isArray(error.args) && error.message.startsWith('Missing')) {
    const [name] = (error.args as { name: string }[]).map((arg) => arg.name)
    if (name !== 'ref') return invalid(`<${name}> is missing.`)
    return invalid(`<ref> is missing: which ${command.startsWith('task') ? 'task' : 'session'}?`, `Type its number: gobby ${command} 3. A shell takes an unquoted #3 for a comment: write 3 or '#3'.`)
  }
  if (Array.isArray(error.args)) return invalid(`gobby ${command} takes no ${JSON.stringify(error.args.join(' '))}.`)
  if (Array.isArray(error.flags)) {
    const flags = error.flags as string[]
    const meant = await meantFlag(flags[0], Object.keys(error.parse?.input?.flags ?? {}))
    const words = command === 'session search' ? `A word that begins with "-" goes after "--": gobby session search -- ${flags.map(quoteForShell).join(' ')}` : undefined
    return invalid(`gobby ${command} has no flag ${flags.join(', ')}.`, meant && words ? `${meant}. ${words}` : (meant ?? words))
  }
  return invalid(plain(error.message))
}

async function meantCommand(words: string[], commandIds: string[]): Promise<string | undefined> {
  const { nearestCommands } = await import('./did-you-mean.js')
  return didYouMean(nearestCommands(words, commandIds).map((name) => `gobby ${name}`))
}

async function meantFlag(typed = '', names: string[]): Promise<string | undefined> {
  const { nearest } = await import('./did-you-mean.js')
  return typed.startsWith('--') ? didYouMean(nearest(typed.slice(2), names).map((name) => `--${name}`)) : undefined
}

function didYouMean(names: string[]): string | undefined {
  return names.length === 0 ? undefined : `Did you mean${names.length > 1 ? ' one of' : ''}: ${names.join(', ')}`
}

function helpFor(command: string): string {
  return `See: gobby${command ? ` ${command}` : ''} --help`
}

/** oclif's message in one line: `Flag --limit expects a value`. */
function plain(message: string): string {
  const text = harmless(message)
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/\s*See more help with --help\s*$/, '')
    .replace(/\s+/g, ' ')
    .replace(/^Parsing (--\S+) Expected an integer(.*) but received: (.*)$/, '$1 must be a whole number$2, not $3')
    .trim()
  return text.endsWith('.') ? text : `${text}.`
}

/** The longest command that the words begin with: `session list`. */
function commandOf(argv: string[], commandIds: string[]): string {
  const words = argv.filter((word) => !word.startsWith('-'))
  for (let length = Math.min(words.length, 3); length > 0; length--) {
    if (commandIds.includes(words.slice(0, length).join(':'))) return words.slice(0, length).join(' ')
  }
  return ''
}
