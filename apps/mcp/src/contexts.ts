/** The contexts of a server's requests, on one database that is opened at the first of them. */
import { callerOf, type Context, createContext, type Env, GobbyError, readConfig } from '@gobby/sessions'
import { openStore, type Store } from '@gobby/storage'
import type { McpRequest } from './server.js'

export type Contexts = { of(request: McpRequest): Promise<Context>; close(): Promise<void> }

/** @param process the server's own: its environment, its folder, and the process that started it */
export function contextsOf({ env, cwd, ppid }: { env: Env; cwd: string; ppid: number }): Contexts {
  let opening: Promise<Store> | undefined
  let closed = false
  return {
    async of({ meta }) {
      if (closed) throw new GobbyError('unavailable', 'This server is ending.', 'Start it again.')
      // One that cannot be opened is tried again at the next request: who held it may have let go.
      opening ??= openStore(readConfig({ env, cwd }).database_url).catch((error: unknown) => {
        opening = undefined
        throw error
      })
      const caller = callerOf({ meta, env })
      return createContext({ store: await opening, env, cwd: caller.cwd ?? cwd, caller: { external_id: caller.external_id, pid: ppid } })
    },
    async close() {
      closed = true
      const store = await opening?.catch(() => undefined)
      await store?.close()
    },
  }
}
