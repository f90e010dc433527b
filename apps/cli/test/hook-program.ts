/** The built hook program, run as a CLI runs it. */
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { cleanEnv, runBin, tempDir, tempHome } from '@gobby/testing'
import { BIN, ROOT } from './app.ts'

export const HOOK = join(ROOT, 'bin/gobby-hook.cjs')

/** The built program once more: a long test is not to see a build beside it. */
export function ownCopy(): string {
  const folder = tempDir()
  for (const name of ['bin', 'dist', 'package.json', 'oclif.manifest.json']) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir')
  return join(folder, 'bin/gobby-hook.cjs')
}

export type Source = 'claude' | 'codex' | 'gemini'
export const sourceNames: Source[] = ['claude', 'codex', 'gemini']

let made = 0
export const newId = (): string => `${(0x7e000000 + ++made).toString(16)}-0000-4000-8000-000000000001`

export type HookHome = {
  home: string
  env: Record<string, string | undefined>
  cwd: string
  database: string
  /** Runs one hook. `event` as it is, or as JSON. */
  hook(source: string, event: unknown, options?: { env?: Record<string, string>; node?: string }): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>
  /** The log, line by line. */
  log(): string[]
  spooled(): string[]
  rows(sql: string, ...values: (string | number)[]): Record<string, unknown>[]
  write(sql: string): void
  /** Waits until it is so: what goes on after an answer is nobody's child. */
  until(isSo: () => boolean): Promise<void>
  /** Has all told that waits, by what a person runs next. */
  told(): Promise<void>
}

/** The end of every hook, whatever it was told. */
export const quiet = { code: 0, signal: null, stderr: '' }

/** Which sessions there are: their numbers, the CLI's ids, their status. */
export const numbers = (at: HookHome) => at.rows('SELECT seq_num, external_id, status FROM sessions ORDER BY seq_num')

const LARGE = 1024 * 1024

/** @param program the hook program */
export function hookHome(program = HOOK): HookHome {
  const { home, env: own } = tempHome()
  const env = { ...cleanEnv(), ...own }
  const database = join(own.GOBBY_HOME, 'sessions.db')
  return {
    home,
    env,
    cwd: join(home, 'pear'),
    database,
    hook(source, event, options = {}) {
      const input = typeof event === 'string' ? event : JSON.stringify(event)
      const surroundings = { env: { ...own, ...options.env }, cwd: home }
      const node = options.node ?? process.execPath
      if (input.length < LARGE) return runBin(node, [program, source], { ...surroundings, input })
      // A pipe is filled by this process, which a busy machine may keep from it longer than a hook waits.
      const file = join(tempDir(), 'event')
      writeFileSync(file, input)
      return runBin('sh', ['-c', 'exec "$0" "$@" < "$EVENT"', node, program, source], { cwd: home, env: { ...surroundings.env, EVENT: file } })
    },
    log() {
      const path = join(own.GOBBY_HOME, 'logs/hook.log')
      return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []
    },
    spooled() {
      const folder = join(own.GOBBY_HOME, 'spool')
      return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
    },
    rows(sql, ...values) {
      const db = new DatabaseSync(database, { readOnly: true, timeout: 5_000 })
      try {
        return db.prepare(sql).all(...values)
      } finally {
        db.close()
      }
    },
    write(sql) {
      const db = new DatabaseSync(database, { timeout: 5_000 })
      db.exec(sql)
      db.close()
    },
    async until(isSo) {
      for (const end = performance.now() + 180_000; !isSo(); ) {
        if (performance.now() > end) throw new Error('it never was so')
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    },
    async told() {
      if (this.spooled().length > 0) await runBin(BIN, ['session', 'list'], { env, cwd: home })
      await this.until(() => this.spooled().length === 0)
    },
  }
}

/** A start as each CLI tells it. */
export function startOf(source: Source, { home, cwd }: HookHome, fields: Record<string, unknown> = {}): Record<string, unknown> {
  const session_id = (fields['session_id'] as string | undefined) ?? newId()
  const transcript_path = {
    claude: join(home, '.claude/projects/-pear', `${session_id}.jsonl`),
    codex: join(home, '.codex/sessions/2026/11/20', `rollout-2026-11-20T09-30-00-${session_id}.jsonl`),
    gemini: join(home, '.gemini/tmp/pear/chats', `session-2026-11-20T09-30-${session_id.slice(0, 8)}.jsonl`),
  }[source]
  return { session_id, transcript_path, cwd, hook_event_name: 'SessionStart', source: 'startup', ...fields }
}

/** What a CLI reads of an answer; it must be empty, or JSON with no key that any of them would not know. */
export function contextIn(stdout: string): string | undefined {
  if (stdout === '') return undefined
  const { systemMessage: _, hookSpecificOutput, ...unknown } = JSON.parse(stdout) as { systemMessage?: string; hookSpecificOutput: Record<string, string> }
  const { hookEventName, additionalContext, ...more } = hookSpecificOutput
  if (Object.keys({ ...unknown, ...more }).length > 0 || hookEventName === undefined) throw new Error(`not what a CLI takes: ${stdout}`)
  return additionalContext
}
