/** The same server over streamable HTTP, without state: each request gets a server of its own. */
// What the server would load when it is first asked for: a service runs for weeks, and an upgrade replaces its files.
import './failure.js'
import './prompts.js'
import './resources.js'
import { HttpTransport } from './sdk.js'
import './serve-tools.js'
import { createMcpServer, type McpServerOptions } from './server.js'

/**
 * Answers one HTTP request of an MCP client. Who may ask, from which host and with how long a body is the caller's to
 * check before.
 *
 * @example
 * app.post('/mcp', (c) => handleMcpRequest(c.req.raw, { version, context }))
 */
export async function handleMcpRequest(request: Request, options: McpServerOptions): Promise<Response> {
  if (request.method !== 'POST') {
    // There are no streams to open and no sessions to end.
    const error = { code: -32000, message: 'This server takes POST alone.' }
    return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 405, headers: { allow: 'POST' } })
  }
  const server = createMcpServer(options)
  const transport = new HttpTransport({ sessionIdGenerator: undefined, enableJsonResponse: true })
  const close = () => void server.close()
  request.signal.addEventListener('abort', close, { once: true })
  try {
    await server.connect(transport)
    return await transport.handleRequest(request)
  } finally {
    request.signal.removeEventListener('abort', close)
    await server.close()
  }
}
