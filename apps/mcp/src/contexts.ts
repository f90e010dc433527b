/** The contexts of a server's requests, on one database that is opened at the first of them. */
import { callerOf, type Context, createContext, type Env, GobbyError, readConfig } from '@gobby/sessions'
import { openStore, patiently, patientStore, type Store } from '@gobby/storage'
import type { McpRequest } from './server.js'

/** SQLite waits in the one thread there is, where no signal would be heard; the rest of the wait is the store's. */
const BUSY_MS = 1

export type Contexts = { of(request: McpRequest): Promise<Context>; close(): Promise<void> }

/** @param process the server's own: its environment, its folder, and the process that started it */
export function contextsOf({ env, cwd, ppid }: { env: Env; cwd: string; ppid: number }): Contexts {
  let opening: Promise<Store> | undefined
  let closed = false
  return {
    async of({ meta, signal }) {
      if (closed) throw new GobbyError('unavailable', 'This server is ending.', 'Start it again.')
      // One that cannot be opened is tried again at the next request: who held it may have let go.
      opening ??= opened(readConfig({ env, cwd }).database_url).catch((error: unknown) => {
        opening = undefined
        throw error
      })
      const caller = callerOf({ meta, env })
      // A folder that the client names for this request goes before a project that the server was started for.
      const named = callerOf({ meta, env: {} }).cwd === undefined ? env : { ...env, GOBBY_PROJECT: undefined }
      return createContext({ store: patientStore(await opening, { signal }), env: named, cwd: caller.cwd ?? cwd, caller: { external_id: caller.external_id, pid: ppid } })
    },
    async close() {
      closed = true
      const store = await opening?.catch(() => undefined)
      await store?.close()
    },
  }
}

async function opened(url: string): Promise<Store> {
  return patiently(() => openStore(url, { busy_timeout_ms: BUSY_MS }))
}
