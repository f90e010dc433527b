import { spawn } from 'node:child_process'
import { cleanEnv } from './environment.ts'

export type RunOptions = {
  /** Added to the test environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>
  cwd?: string
  /** Written to stdin, which is then closed; without it stdin is closed at once. */
  input?: string | Uint8Array
  /** Milliseconds until the process is killed; 240,000 unless told. */
  timeout?: number
}

export type RunResult = {
  /** The exit code, or null when a signal ended the process. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Runs a program to its end, in the test environment. A `.js`, `.mjs` or `.ts` file is run with this Node. */
export function runBin(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
  const isScript = /\.(js|mjs|ts)$/.test(command)
  const child = spawn(isScript ? process.execPath : command, isScript ? [command, ...args] : [...args], {
    cwd: options.cwd,
    env: { ...cleanEnv(), ...ownHome(), ...options.env },
    timeout: options.timeout ?? 240_000,
    killSignal: 'SIGKILL',
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin.on('error', () => {}) // The program may end before it reads its input.
  child.stdin.end(options.input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() })
    })
  })
}

/** The temporary gobby home that the set-up file gave this test file, if it ran. */
function ownHome(): { GOBBY_HOME?: string } {
  const home = process.env['GOBBY_HOME']
  return home === undefined ? {} : { GOBBY_HOME: home }
}
