/** Who asks through a server that several CLIs may start or reach. */
import type { Env } from './config.js'
import { sources } from './sources/index.js'

/** What a request tells of its caller: the session by the CLI's own id, and the folder it works in. */
export type RequestCaller = { external_id?: string; cwd?: string }

/**
 * The caller of one request. What the client says in the request itself goes before what the server's environment says:
 * a server may have been started inside another CLI's shell, and inherited its variables.
 *
 * @param request `meta`: what the client sent along with the request; `env`: of the server's process, empty for a caller elsewhere
 */
export function callerOf(request: { meta: Record<string, unknown>; env: Env }): RequestCaller {
  const told = [{ ...request, env: {} }, request].flatMap((asked) => sources.flatMap((source) => source.callerOf?.(asked) ?? []))
  return told.find(({ external_id }) => external_id !== undefined) ?? told.find(({ cwd }) => cwd !== undefined) ?? {}
}
