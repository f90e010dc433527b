/** A gobby of a test's own, with a project, sessions and tasks. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@gobby/testing'
import { call, type Context, type ContextOptions, createContext } from '@gobby/sessions'
import type { NewSession, Session } from '@gobby/storage'
import { onTestFinished } from 'vitest'
import { createTask } from '../src/index.ts'

export const NOW = '2026-11-22T10:00:00.000Z'

export type Gobby = Context & {
  clock: { now: string }
  /** The same gobby from another folder, or as another caller. */
  from(options: ContextOptions): Promise<Context>
  session(project: string, fields?: Partial<NewSession>): Promise<Session>
  /** A task of the caller's project; gives its ref. */
  task(title?: string, fields?: object): Promise<string>
}

/** Two projects, `orchard` (the caller's) and `cider`. */
export async function gobby(options: { shared?: true; env?: Record<string, string> } = {}): Promise<Gobby> {
  const home = tempDir()
  const clock = { now: NOW }
  const folder = (name: string) => {
    mkdirSync(join(home, name), { recursive: true })
    return join(home, name)
  }
  const contextIn = (more: ContextOptions) => createContext({ now: () => new Date(clock.now), cwd: folder('orchard'), ...more, env: { HOME: home, ...options.env, ...more.env } })
  const ctx = await contextIn({})
  if (!options.shared) onTestFinished(() => ctx.close())
  const projects = new Map<string, string>()
  for (const name of ['orchard', 'cider']) projects.set(name, (await ctx.store.projects.add({ name, path: folder(name), git_dir: null, now: NOW })).id)
  let made = 0
  return Object.assign(await contextIn({ store: ctx.store }), {
    clock,
    from: (more: ContextOptions) => contextIn({ store: ctx.store, ...more, cwd: more.cwd && folder(more.cwd) }),
    async session(project: string, fields: Partial<NewSession> = {}) {
      const given: NewSession = {
        external_id: `e${++made}`, source: 'claude', project_id: projects.get(project) as string, machine_id: 'm', transcript_path: null, parent_session_id: null, relation: null,
        agent_depth: 0, created_at: NOW, last_activity_at: NOW, status: 'active', cwd: null, git_branch: null, model: null, title: `Session ${made}`, ...fields,
      }
      return (await ctx.store.sessions.register(given, NOW)).session
    },
    async task(title = 'Oil the gate', fields: object = {}) {
      return (await call(createTask, ctx, { title, ...fields })).ref
    },
  })
}
