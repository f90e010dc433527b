import { join } from 'node:path'
import { cleanEnv, tempDir, tempHome } from '@gobby/testing'
import type { main as mainOf } from '../src/main.ts'

export const ROOT = join(import.meta.dirname, '..')
export const BIN = join(ROOT, 'bin/run.js')
const SAMPLES = join(ROOT, '../../tooling/samples')

export type Result = { code: number; stdout: string; stderr: string }
export type Options = { cwd?: string; terminal?: boolean | 'stderr'; columns?: number; env?: Record<string, string> }

export type App = {
  env: Record<string, string | undefined>
  /** An empty folder that is no project. */
  cwd: string
  /** Runs a command in this process, as built. */
  run(args: string[], options?: Options): Promise<Result>
  /** The same with `--json`, parsed. */
  json(args: string[], options?: Options): Promise<Record<string, any>> // oxlint-disable-line typescript/no-explicit-any
}

/** The app with a home of its own, in which the sample transcripts lie where their CLIs keep them. */
export function sampleApp(): App {
  const { env: home } = tempHome()
  const { NO_COLOR: _, ...clean } = cleanEnv()
  const env = { ...clean, ...home, CLAUDE_CONFIG_DIR: join(SAMPLES, 'claude'), CODEX_HOME: join(SAMPLES, 'codex'), GEMINI_CLI_HOME: join(SAMPLES, 'gemini') }
  const cwd = tempDir()
  const run: App['run'] = async (args, options = {}) => {
    const { main } = (await import(join(ROOT, 'dist/main.js'))) as { main: typeof mainOf }
    const written = { stdout: '', stderr: '' }
    const output = (name: keyof typeof written) => ({
      write: (text: string) => (written[name] += text),
      isTTY: options.terminal === true || options.terminal === name,
      columns: options.columns ?? 100,
    })
    const code = await main(args, {
      root: ROOT,
      env: { ...env, ...options.env },
      cwd: options.cwd ?? cwd,
      stdin: process.stdin,
      stdout: output('stdout'),
      stderr: output('stderr'),
    })
    return { code, ...written }
  }
  return { env, cwd, run, json: async (args, options) => JSON.parse((await run([...args, '--json'], options)).stdout) as Record<string, unknown> }
}
