import type { Action } from '@gobby/storage'
import { type Call, happened } from './calls.js'
import { maskSecrets } from './mask-secrets.js'
import { isCheck, isProbe, oneLine, programsIn } from './command-kinds.js'

export type Run = { command: string; exit_status: number | null; failed: boolean; result: string | undefined }

const COMMANDS = 8
const PROBLEMS = 5

/** The shell commands of a session, in order. */
export function runsOf(calls: Call[]): Run[] {
  return calls.flatMap((call) =>
    call.actions.flatMap((action) => (action.kind === 'shell' && action.command?.trim() ? [runOf(call, action, action.command)] : [])),
  )
}

function runOf(call: Call, action: Action, command: string): Run {
  const failed = call.ended !== 'open' && !happened(call, action)
  const open = call.ended === 'open' && action.succeeded === undefined && action.exit_status === undefined
  const told = action.exit_status ?? call.outcome.exit_status
  const exit_status = told ?? (open ? null : failed ? 1 : 0)
  return { command, exit_status, failed: exit_status !== null && exit_status !== 0, result: call.result }
}

/** The last builds, tests and lints with how they ended, each command once, the newest last. */
export function checksRun(runs: Run[]): { command: string; exit_status: number | null }[] {
  const last = new Map<string, number | null>()
  for (const { command, exit_status } of runs) {
    if (!isCheck(command)) continue
    const name = oneLine(command, 200)
    last.delete(name)
    last.set(name, exit_status)
  }
  return [...last].slice(-COMMANDS).map(([command, exit_status]) => ({ command, exit_status }))
}

/** Commands that failed and have not succeeded since, the newest last. */
export function openProblems(runs: Run[]): string[] {
  const open = new Map<string, { text: string; programs: string[] }>()
  for (const run of runs) {
    const programs = programsIn(run.command)
    if (run.exit_status === 0) {
      for (const [key, problem] of open) if (problem.programs.some((program) => programs.includes(program))) open.delete(key)
    } else if (run.failed && !isProbe(run.command)) {
      const key = programs.at(-1) ?? run.command
      open.delete(key)
      open.set(key, { text: problemText(run), programs })
    }
  }
  return [...open.values()].slice(-PROBLEMS).map(({ text }) => text)
}

function problemText({ command, exit_status, result }: Run): string {
  const lines = (result ?? '').slice(0, 20_000).split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/^(Error: )?Exit code \d+$/.test(line))
  const found = lines.find((line) => /\b(error|failed|failure|exception|panic|fatal|cannot|not found|undefined|assert)/i.test(line)) ?? lines.at(-1)
  const telling = found && maskSecrets(found).text
  const why = telling ? `: ${telling.length > 200 ? `${telling.slice(0, 199)}…` : telling}` : ''
  return `${oneLine(command)} failed (exit ${exit_status})${why}`
}
