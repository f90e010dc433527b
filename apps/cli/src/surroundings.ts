import type { Env } from '@gobby/sessions'

/** What a run of the app is given by its process; tests give their own. */
export type Surroundings = {
  /** The app's own folder, with package.json and dist. */
  root: string
  env: Env
  cwd?: string
  stdin: NodeJS.ReadStream
  stdout: Output
  stderr: Output
}

export type Output = { write(text: string): unknown; isTTY?: boolean; columns?: number }

let current: Surroundings | undefined

/** oclif makes the commands and hands nothing through to them; so `main` leaves here what they need. */
export function enter(surroundings: Surroundings): void {
  current = surroundings
}

export function surroundings(): Surroundings {
  if (!current) throw new Error('No command runs outside main().')
  return current
}
