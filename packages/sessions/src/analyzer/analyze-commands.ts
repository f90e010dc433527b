import type { Action } from '@gobby/storage'
import { type Call, happened } from './calls.js'
import { checkText, endsInSearch, hidesStatus, isCheck, isProbe, programsIn, subjectOf, tellsFailure, told } from './command-kinds.js'

/** `exit_status`: null while it runs, or was never seen to end. */
export type Run = { command: string; exit_status: number | null; is_check: boolean; result: string | undefined }

const COMMANDS = 8
const PROBLEMS = 5
/** A command that is no check, and failed longer ago than so many others, was given up or does not matter any more. */
const FORGOTTEN = 40

/** The shell commands of a session, in order. Those that were refused never ran. */
export function runsOf(calls: Call[]): Run[] {
  const runs: Run[] = []
  let going: Run | undefined
  for (const call of calls) {
    for (const action of call.actions) {
      if (action.kind !== 'shell') continue
      const run = action.command?.trim() ? runOf(call, action, action.command) : undefined
      if (run) runs.push(run)
      // Without a command it asks for more of what an earlier one prints.
      if (run?.exit_status === null) going = run
      else if (!action.command && going && call.ended !== 'open' && !call.outcome.running) {
        Object.assign(going, { result: call.outcome.printed ?? call.result, exit_status: seenStatus(going, call.outcome.exit_status ?? (call.ended === 'ok' ? 0 : 1), call.result) })
        going = undefined
      }
    }
  }
  return runs
}

function runOf(call: Call, action: Action, command: string): Run | undefined {
  const run: Run = { command, exit_status: null, is_check: isCheck(command), result: call.outcome.printed ?? call.result }
  // Of several commands in one call, the last is the one whose status the call tells.
  const is_last = call.actions.findLast(({ kind, command }) => kind === 'shell' && command) === action
  const status = action.exit_status ?? (is_last || call.outcome.exit_status === 0 ? call.outcome.exit_status : undefined)
  if (status !== undefined) return { ...run, exit_status: seenStatus(run, status, call.result) }
  if (action.succeeded === undefined && (call.ended === 'open' || call.outcome.running)) return run
  if (!happened(call, action)) return undefined
  // Where the source does not tell the status, the output may.
  return { ...run, exit_status: is_last && run.is_check && tellsFailure(printed(call.result)) ? 1 : 0 }
}

/** Where a pipe hides how a check ended, what it printed tells. */
function seenStatus({ command, is_check }: Run, reported: number, result: string | undefined): number {
  if (!is_check || result === undefined || !hidesStatus(command)) return reported
  if (tellsFailure(printed(result))) return reported || 1
  return reported === 1 && endsInSearch(command) ? 0 : reported
}

/** The last builds, tests and lints with how they ended, each command once, the newest last. */
export function checksRun(runs: Run[], home: string | null): { command: string; exit_status: number | null }[] {
  const last = new Map<string, number | null>()
  // A few are the same but for what trims their output.
  for (const { command, exit_status } of runs.filter(({ is_check }) => is_check).slice(-10 * COMMANDS)) {
    const name = short(checkText(command, home), 200)
    last.delete(name)
    // What has passed together with others says more than an earlier run of its own.
    const parts = name.split(' && ')
    if (exit_status === 0) for (const other of last.keys()) if (other.split(' && ').every((part) => parts.includes(part))) last.delete(other)
    last.set(name, exit_status)
  }
  return [...last].slice(-COMMANDS).map(([command, exit_status]) => ({ command, exit_status }))
}

/** Commands that failed and have not succeeded since, the newest last. */
export function openProblems(runs: Run[], home: string | null): string[] {
  const open = new Map<string, { run: Run; at: number }>()
  for (const [at, run] of runs.entries()) {
    if (run.exit_status === 0) {
      if (open.size > 0) for (const program of programsIn(run.command)) open.delete(program)
    } else if (run.exit_status !== null && !isAnswer(run)) {
      const about = subjectOf(run.command)
      open.delete(about)
      open.set(about, { run, at })
    }
  }
  return [...open.values()]
    .filter(({ run, at }) => run.is_check || at >= runs.length - FORGOTTEN)
    .slice(-PROBLEMS)
    .map(({ run }) => problemText(run, home))
}

function isAnswer({ command, exit_status }: Run): boolean {
  return isProbe(command) || (exit_status === 1 && endsInSearch(command))
}

/** What a command printed, at most 20,000 characters of it: without a head above, and out of an answer in JSON. */
function printed(result = ''): string {
  const inner = Array.from(result.matchAll(/"(?:output|stdout)":\s*("(?:[^"\\]|\\.)*")/g), ([, text = '""']) => unquoted(text))
  const whole = inner.length > 0 ? inner.join('\n') : result.slice(/^Output:$/m.exec(result.slice(0, 500))?.index ?? 0)
  return whole.length > 20_000 ? `${whole.slice(0, 10_000)}\n${whole.slice(-10_000)}` : whole
}

function unquoted(json: string): string {
  try {
    return JSON.parse(json) as string
  } catch {
    return ''
  }
}

/** The better of them first: a line that names an error, one that speaks of one. */
const TELLING = [
  /^(?:\S*\s)?\w*(?:Error|Exception)\b.*: |^\s*(?:error(?:\[\w+\]| \w+\d+)?|fatal|ERROR)\b:? ?\S|[:)] error\b|\[ERROR\]/,
  /^\s*(?:FAIL|FAILED|--- FAIL|E )|panicked at/,
  /(?<![-\w/])(?:error|failed|failure|exception|panic|fatal|cannot|not found|undefined|assert\w*)(?![-\w/])/i,
]

function problemText({ command, exit_status, result }: Run, home: string | null): string {
  const lines = printed(result)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:Error: )?Exit code \d+$|^(?:Downloading|Compiling|hint:|warning:|Total output lines:) |:$/.test(line))
  const telling = TELLING.map((pattern) => lines.find((line) => pattern.test(line))).find((line) => line !== undefined) ?? lines.at(-1)
  return `${told(command, home, 120)} failed (exit ${exit_status})${telling ? `: ${short(telling, 200)}` : ''}`
}

function short(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`
}
