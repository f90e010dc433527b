import { spawn } from 'node:child_process'
import type { HookJob } from '@gobby/sessions'
import type { HookSurroundings } from './main.js'

/** Starts this program once more, on its own: it goes on when the CLI has gone. */
export function startJobs(program: string, jobs: HookJob[], env: HookSurroundings['env']): void {
  spawn(process.execPath, [program, '--jobs', JSON.stringify(jobs)], {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
    env: { ...env, GOBBY_HOOKS: 'off' },
    windowsHide: true,
  })
    .on('error', () => undefined)
    .unref()
}
