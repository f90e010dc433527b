import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { operations } from '@gobby/sessions'
import * as ofSessions from '@gobby/sessions/operations'
import * as ofTasks from '@gobby/tasks'
import { expect, test } from 'vitest'
import { ROOT } from './app.ts'

/** Operations without a command, each with its reason. */
const EXCEPTIONS: Record<string, string> = {
  list_blocked_tasks: '`task list --status blocked` is the same.',
  get_session_tasks: '`session show` has them.',
  get_task_sessions: '`task show` has them.',
  mark_loop_complete: 'An agent says so of its own session.',
  get_current_session: 'An agent asks which session is its own; a person sees the newest ones in `session list`.',
}

test('every operation is reachable, or named with a reason', () => {
  const sources = globSync('src/commands/**/*.ts', { cwd: ROOT }).map((path) => readFileSync(join(ROOT, path), 'utf8'))
  const usedFrom = (module: string, exported: object) =>
    Object.entries(exported)
      .filter(([name]) => sources.some((text) => new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '${module}'`).test(text)))
      .map(([, operation]) => operation as (typeof operations)[number])
  const used = [...usedFrom('@gobby/sessions/operations', ofSessions), ...usedFrom('@gobby/tasks', ofTasks)]
  const missing = [...operations, ...ofTasks.taskOperations].filter((operation) => !used.includes(operation)).map(({ name }) => name)
  expect(missing.toSorted()).toEqual(Object.keys(EXCEPTIONS).toSorted())
})

test('the reference in the README is up to date', async () => {
  const { reference, withReference } = (await import(join(ROOT, 'scripts/reference.mjs'))) as {
    reference(): Promise<string>
    withReference(readme: string, text: string): string
  }
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  expect(withReference(readme, await reference()), 'run: pnpm --filter @gobby/cli docs').toBe(readme)
})
