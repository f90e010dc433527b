/** The MCP server, for any transport: what it tells at once. What it does is loaded when it is first asked for. */
import type { Context } from '@gobby/sessions'
import { instructions } from './instructions.js'
import type { Discovery, RegistryName } from './registry-names.js'
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  Server,
} from './sdk.js'

/** One request of a client, as far as it tells who asks. */
export type McpRequest = {
  /** What the client sent along with the request (`_meta`); see `callerOf` of @gobby/sessions. */
  meta: Record<string, unknown>
  /** Aborted when the client takes the request back, or goes. */
  signal: AbortSignal
}

/** What a server is made of. */
export type McpServerOptions = {
  /** The version of the program that serves. */
  version: string
  /** Makes the context of one request; it is closed when the request is answered. What it throws is the answer. */
  context(request: McpRequest): Promise<Context>
  /** Whose tools are listed. Without it: gobby-sessions when listed directly, all when discovered. */
  registries?: readonly RegistryName[]
  /** `progressive`: three tools tell of the others. Default `direct`. */
  discovery?: Discovery
  /** Told of failures that are gobby's own. */
  log?(error: Error): void
}

type Extra = { _meta?: Record<string, unknown>; signal: AbortSignal }

/**
 * A server that has yet to be connected with a transport. It keeps nothing between requests.
 *
 * @example
 * const server = createMcpServer({ version: '1.0.0', context: () => createContext({ store }) })
 * await server.connect(transport)
 */
export function createMcpServer({ version, context, discovery = 'direct', registries, log }: McpServerOptions): Server {
  const server = new Server(
    { name: 'gobby', version },
    { capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} }, instructions: instructions(discovery, registries), jsonSchemaValidator: noValidator },
  )
  const shown = { discovery, registries }
  const asked = (extra: Extra) => new Asked(() => context({ meta: extra._meta ?? {}, signal: extra.signal }))

  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: (await import('./serve-tools.js')).listed(shown) }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const { called } = await import('./serve-tools.js')
    return asked(extra).answer((ctx) => called(shown, ctx, params.name, params.arguments ?? {}, log))
  })
  server.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({ resourceTemplates: (await import('./resources.js')).templates }))
  server.setRequestHandler(ListResourcesRequestSchema, async (_, extra) => {
    const { recentSessions } = await import('./resources.js')
    return asked(extra).answer(async (ctx) => ({ resources: await recentSessions(await ctx()) }), log)
  })
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }, extra) => {
    const { readResource } = await import('./resources.js')
    return asked(extra).answer(async (ctx) => ({ contents: [await readResource(await ctx(), uri)] }), log)
  })
  server.setRequestHandler(CompleteRequestSchema, async ({ params: { argument } }, extra) => {
    const { completedRefs } = await import('./resources.js')
    const inAddress = argument.name === 'ref'
    const isRef = inAddress || argument.name === 'session_id'
    return asked(extra).answer(async (ctx) => ({ completion: { values: isRef ? await completedRefs(await ctx(), argument.value, { inAddress }) : [] } }), log)
  })
  server.setRequestHandler(ListPromptsRequestSchema, async () => ({ prompts: (await import('./prompts.js')).prompts }))
  server.setRequestHandler(GetPromptRequestSchema, async ({ params }, extra) => {
    const { promptNamed } = await import('./prompts.js')
    return asked(extra).answer((ctx) => promptNamed(ctx, params.name, params.arguments ?? {}), log)
  })
  return server
}

/** One request: its context is made at the first need, once, and closed at the end. */
class Asked {
  readonly #make: () => Promise<Context>
  #context: Promise<Context> | undefined

  constructor(make: () => Promise<Context>) {
    this.#make = make
  }

  async answer<T>(run: (ctx: () => Promise<Context>) => Promise<T>, log?: (error: Error) => void): Promise<T> {
    try {
      return await run(() => (this.#context ??= this.#make()))
    } catch (error) {
      throw await protocolError(error, log)
    } finally {
      const ctx = await this.#context?.catch(() => undefined)
      await ctx?.close()
    }
  }
}

/** Where the protocol has no result for an error: its own kind, with ours beside it. */
async function protocolError(error: unknown, log?: (error: Error) => void): Promise<McpError> {
  const { failureOf, protocolCode } = await import('./failure.js')
  const failure = failureOf(error)
  if (failure.code === 'internal' && error instanceof Error) log?.(error)
  return new McpError(protocolCode(failure), [failure.message, failure.hint].filter((part) => part !== undefined).join(' '), failure)
}

/** The SDK would load one for answers to questions that this server never asks. */
const noValidator = {
  getValidator: () => () => {
    throw new Error('This server asks its client nothing.')
  },
}
