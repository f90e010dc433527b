import { parse } from 'node:path'
import { type Caller, type Context, type Env, findProject, type HookJob } from '@gobby/sessions'
import type { Project, Store } from '@gobby/storage'
import type { Service } from './service.js'

/** What an operation of this service runs with. */
export type RequestContext = Context & {
  server: {
    /** The environment of the server, in which a CLI of this user would find its folders too. */
    env: Env
    /** The store for events of CLIs, which wait for the answer. */
    hookStore: Store
    /** Does work that the caller need not wait for. */
    later(job: HookJob): void
  }
}

/** What a request tells of who asks. */
export type Asking = {
  project?: string
  /** The caller's folder, where the client told it. */
  cwd?: string
  external_id?: string
}

/**
 * The context of one request. Nothing of where the server was started shows in it: no folder, no environment, no
 * project but the request's own.
 */
export function requestContext({ ctx, hookStore, later }: Pick<Service, 'ctx' | 'hookStore' | 'later'>, { project, cwd = ROOT, external_id }: Asking): RequestContext {
  const config = { ...ctx.config, env: {}, cwd, project }
  const caller: Caller = external_id === undefined ? {} : { external_id }
  const isNowhere = project === undefined && cwd === ROOT
  let found: Promise<Project | undefined> | undefined
  return {
    ...ctx,
    config,
    caller,
    project: () => (found ??= isNowhere ? Promise.resolve(undefined) : findProject({ store: ctx.store, config })),
    close: async () => {},
    server: { env: ctx.config.env, hookStore, later },
  }
}

/** Nobody's project. */
const ROOT = parse(process.cwd()).root
