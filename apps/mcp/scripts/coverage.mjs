// Runs the fast tests with V8's coverage, and prints the lines covered of the code behind the session tools: this app, and
// the operations that it serves. Fails under 80 %.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const LEAST = 80
// Run as a process of their own by the tests over stdio, where this coverage does not reach.
const PROCESS = ['src/main.ts', 'src/stdio.ts', 'src/sdk.ts', 'src/index.ts']
const NOT_SERVED = ['delete-session', 'get-project', 'init-project', 'sync-sessions', 'index']

const flags = {
  provider: ['v8'],
  reporter: ['text'],
  reportsDirectory: [join(import.meta.dirname, '../dist/coverage')],
  include: ['src/**/*.ts', '**/packages/sessions/src/operations/*.ts', '**/packages/sessions/dist/operations/*.js'],
  exclude: [...PROCESS, ...NOT_SERVED.map((name) => `**/operations/${name}.*`)],
  'thresholds.lines': [LEAST],
}
const args = Object.entries(flags).flatMap(([name, values]) => values.map((value) => `--coverage.${name}=${value}`))
const { status } = spawnSync('vitest', ['run', '--coverage.enabled', '--coverage.allowExternal', ...args], { cwd: join(import.meta.dirname, '..'), stdio: 'inherit' })
process.exitCode = status ?? 1
