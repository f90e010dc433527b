import { handleMcpRequest } from '@gobby/mcp'
import { callerOf } from '@gobby/sessions'
import type { Context as Call } from 'hono'
import { requestContext } from './request-context.js'
import { checkNames, PROJECT_NAMES, projectOf } from './request-input.js'
import type { Service, Surroundings } from './service.js'

/** The MCP server, over streamable HTTP. A client's project is that of its address, or the one its requests tell. */
export function mcp(service: Service): (c: Call<{ Bindings: Surroundings }>) => Promise<Response> {
  return async (c) => {
    checkNames(c.req, PROJECT_NAMES)
    const project = projectOf(c.req)
    return handleMcpRequest(c.req.raw, {
      version: service.version,
      context: async ({ meta }) => {
        const { external_id, cwd } = callerOf({ meta, env: {} })
        return requestContext(service, project === undefined ? { cwd, external_id } : { project: project === '*' ? undefined : project, external_id })
      },
      log: (error) => service.log(error.stack ?? error.message),
    })
  }
}
