/** The one place that starts git. */
import { execFile, type ExecFileException } from 'node:child_process'
import { statSync } from 'node:fs'
import type { Env } from '../config.js'

export type GitAnswer = { ok: true; stdout: Buffer } | { ok: false; reason: string }

const TIMEOUT_MS = 5_000
const MAX_BYTES = 16 * 1024 * 1024

/** What git says, or why there is no answer, in words for a person. Never throws. */
export function git(cwd: string, args: readonly string[], options: { env: Env; input?: string; timeout_ms?: number }): Promise<GitAnswer> {
  const timeout = options.timeout_ms ?? TIMEOUT_MS
  const settings = { cwd, env: gitEnv(options.env), encoding: 'buffer', timeout, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES, windowsHide: true } as const
  return new Promise<GitAnswer>((resolve) => {
    const child = execFile('git', ['-c', 'core.quotepath=off', '-c', 'color.ui=false', ...args], settings, (error, stdout, stderr) => {
      resolve(error ? { ok: false, reason: reasonOf(error, stderr, cwd, timeout) } : { ok: true, stdout })
    })
    child.stdin?.on('error', () => {}) // git may end before it has read its input.
    child.stdin?.end(options.input ?? '')
  }).catch((error: Error) => ({ ok: false, reason: `git cannot run in ${JSON.stringify(cwd)}: ${error.message}` }))
}

/** The text of `git status --short`, empty when there is nothing to commit; null, with the reason, when git cannot tell. */
export async function status(cwd: string, env: Env): Promise<{ text: string; reason?: undefined } | { text: null; reason: string }> {
  const answer = await git(cwd, ['status', '--short', '--no-branch'], { env })
  return answer.ok ? { text: answer.stdout.toString().trimEnd() } : { text: null, reason: answer.reason }
}

function gitEnv(env: Env): Env {
  // A hook of git itself may have started us: its GIT_DIR would lead to another repository.
  const kept = Object.entries(env).filter(([name]) => !/^GIT_/i.test(name))
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    // A partial clone would go to the network for an object it lacks; older versions know only the second way to forbid it.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  }
}

const REASONS: [RegExp, string][] = [
  [/dubious ownership|safe\.directory/, 'git refuses the repository: it belongs to another user (see safe.directory in git help config).'],
  [/not a git repository/, 'The folder is in no git repository.'],
  [/must be run in a work tree/, 'The repository is bare: it has no working tree.'],
  [/does not have any commits yet|bad (?:default )?revision|ambiguous argument 'HEAD'/, 'There is no commit yet on the current branch.'],
  [/unrecognized argument: --since-as-filter/, 'git is older than 2.37: it cannot look for commits by date.'],
]

function reasonOf(error: ExecFileException, stderr: Buffer, cwd: string, timeout: number): string {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'git answered with more than 16 MB.'
  if (error.killed) return `git took longer than ${timeout / 1000} seconds.`
  // The system names a missing folder and a missing program alike.
  if (error.code === 'ENOENT' && !statSync(cwd, { throwIfNoEntry: false })) return `The folder ${cwd} is gone.`
  if (error.code === 'ENOENT') return 'git is not installed, or not on the PATH.'
  const said = stderr.toString()
  const known = REASONS.find(([pattern]) => pattern.test(said))
  if (known) return known[1]
  const line = said.split('\n').find((text) => /^(fatal|error): /.test(text)) ?? said.trim().split('\n')[0]
  return `git failed: ${(line || error.message).replace(/^(fatal|error): /, '').slice(0, 200)}`
}
