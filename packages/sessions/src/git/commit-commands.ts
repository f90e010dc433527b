/** Which commits a shell command asks git for. Pure. */
import { type ShellCommand, shellCommands, type ShellWord } from './shell-commands.js'

export type CommitCommand = {
  kind: 'commit' | 'merge' | 'other'
  /** The subject it will have, when the command alone tells. */
  subject: string | null
  amends: boolean
  /** git prints no line for it, or its output goes elsewhere. */
  silent: boolean
}

/** Cheap: false only when `commitCommands` would find none. */
export function mayCommit(command: string): boolean {
  return command.includes('git') && /\b(?:commit|cherry-pick|revert|merge|rebase|pull|am)\b/.test(command)
}

export function commitCommands(text: string): CommitCommand[] {
  if (!mayCommit(text)) return []
  return shellCommands(text).flatMap((command) => {
    const git = gitCall(command.words)
    const found = git && commitOf(git.name, git.args, command)
    return found ? [found] : []
  })
}

/** Whether it also asks git to print commits. */
export function showsCommits(text: string): { log: boolean; head: boolean } {
  const log = /\bgit\b[^\n;|&]*\s(?:log|show|reflog)\b/.test(text)
  return { log, head: /\bgit\b[^\n;|&]*\srev-parse\s[^\n;|&]*(?:HEAD|@)(?=\s|$|[;|&)"'])/.test(text) }
}

/** The subject that git makes of a message: its first paragraph on one line. */
export function subjectOf(message: string): string {
  const lines = message.split(/\r?\n/).map((line) => line.trimEnd())
  const start = lines.findIndex((line) => line !== '')
  if (start < 0) return ''
  const end = lines.indexOf('', start)
  return lines.slice(start, end < 0 ? undefined : end).join(' ').trim()
}

const WRAPPERS = new Set(['sudo', 'env', 'command', 'builtin', 'exec', 'nohup', 'time', 'timeout', 'nice', 'then', 'do', 'else', 'if', 'while', 'until', '!', '{'])
const TAKE_A_VALUE = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--config-env', '--super-prefix'])

function gitCall(words: ShellWord[]): { name: string; args: ShellWord[] } | undefined {
  let at = words.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text))
  // A wrapper has few words of its own: `timeout 60 git …`, `sudo -u me git …`.
  if (at >= 0 && WRAPPERS.has(words[at]?.text ?? '')) at = words.findIndex(({ text }, index) => index < at + 6 && isGit(text))
  if (at < 0 || !isGit(words[at]?.text ?? '')) return undefined
  for (at++; words[at]?.text.startsWith('-'); at++) if (TAKE_A_VALUE.has(words[at]?.text ?? '')) at++
  const name = words[at]?.text
  return name === undefined ? undefined : { name, args: words.slice(at + 1) }
}

function isGit(text: string): boolean {
  return /(?:^|[\\/])git(?:\.exe)?$/.test(text)
}

/** Options after which no commit is made. */
const MAKE_NONE: Record<string, RegExp> = {
  commit: /^(?:--dry-run|--porcelain|--short|--long|--null|--help|-h)$/,
  merge: /^(?:--no-commit|--squash|--ff-only|--abort|--quit|--help|-h)$/,
  'cherry-pick': /^(?:-n|--no-commit|--abort|--quit|--skip|--help|-h)$/,
  revert: /^(?:-n|--no-commit|--abort|--quit|--skip|--help|-h)$/,
  rebase: /^(?:--abort|--quit|--help|-h)$/,
  pull: /^(?:--no-commit|--squash|--ff-only|--dry-run|--help|-h)$/,
  am: /^(?:--abort|--quit|--skip|--help|-h)$/,
}

function commitOf(name: string, args: ShellWord[], command: ShellCommand): CommitCommand | undefined {
  const none = Object.hasOwn(MAKE_NONE, name) ? MAKE_NONE[name] : undefined
  if (!none) return undefined
  const { options, values } = read(args)
  if (options.some((option) => none.test(option))) return undefined
  const kind = name === 'commit' || name === 'merge' ? name : 'other'
  const has = (...names: string[]) => options.some((option) => names.includes(option))
  return {
    kind,
    subject: kind === 'other' ? null : messageIn(values, command),
    amends: kind === 'commit' && has('--amend'),
    silent: kind === 'merge' || has('-q', '--quiet') || command.redirected,
  }
}

type Values = { message: ShellWord[]; file: string | null }

/** The options, one by one; bundles of short ones (`-qam`) taken apart, values put aside. */
function read(args: ShellWord[]): { options: string[]; values: Values } {
  const options: string[] = []
  const values: Values = { message: [], file: null }
  for (let index = 0; index < args.length; index++) {
    const { text, known } = args[index] as ShellWord
    if (text === '--') break
    const long = /^(--[a-z-]+)(?:=(.*))?$/s.exec(text)
    const [option, attached] = long ? [long[1] as string, long[2]] : shortOptions(text, options)
    if (option === undefined) continue
    options.push(option)
    if (!/^(?:-[mFCctS]|--(?:message|file|reuse-message|reedit-message|template|author|date|cleanup|trailer))$/.test(option) || (option === '-S' && !attached)) continue
    const value = attached === undefined ? args[++index] : { text: attached, known }
    if (value && (option === '-m' || option === '--message')) values.message.push(value)
    if (value && (option === '-F' || option === '--file')) values.file = value.text
  }
  return { options, values }
}

/** Puts all but the last of a bundle into `options`; gives the last, with the value that is attached to it. */
function shortOptions(text: string, options: string[]): [string | undefined, string | undefined] {
  if (!/^-[A-Za-z]/.test(text)) return [undefined, undefined]
  for (let at = 1; at < text.length - 1; at++) {
    const option = `-${text.charAt(at)}`
    if (/[mFCctSu]/.test(option.charAt(1))) return [option, text.slice(at + 1)]
    options.push(option)
  }
  return [`-${text.at(-1)}`, undefined]
}

function messageIn({ message, file }: Values, command: ShellCommand): string | null {
  const text = message.length > 0 ? message.map((word) => word.text).join('\n\n') : file === '-' || file === '/dev/stdin' ? command.stdin : null
  if (text === null || message[0]?.known === false) return null
  // PowerShell's here-string: @'…'@.
  return subjectOf(text.replace(/^@\r?\n([\s\S]*)\n@$/, '$1')) || null
}
