/** Tools that tell of the tools, and call them: with these alone, any number of tools costs a few hundred tokens. */
import type { Context } from '@gobby/sessions'
import { z } from 'zod'
import { checkInput } from './check-input.js'
import { type RegistryName, registryNames } from './registry-names.js'
import { inputSchema } from './schema.js'
import type { CallToolResult, Tool } from './sdk.js'
import { callServed, registryNamed, toolNamed, toolOf } from './tools.js'

const text = () => z.string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be a text') })
const anyServer = text().describe(`One of ${registryNames.join(', ')}`)
const toolName = text().describe('A wrong one is answered with those there are')

type MetaTool = {
  name: string
  description: string
  input: z.ZodObject
  readOnly: boolean
  run(ctx: () => Promise<Context>, input: Record<string, unknown>, served: readonly RegistryName[]): Promise<CallToolResult>
}

const listTools: MetaTool = {
  name: 'list_tools',
  description: 'List gobby’s tools for sessions (previous conversations), handoffs, commits, tasks and projects.',
  input: z.object({ server_name: anyServer.optional() }),
  readOnly: true,
  run: async (_, { server_name }, served) => {
    const names = server_name === undefined ? served : [server_name as RegistryName]
    const servers = names.map((name) => {
      const { description, tools } = registryNamed(name)
      return { server_name: name, description, tools: tools.map(({ operation }) => ({ tool_name: operation.name, description: firstSentence(operation.description) })) }
    })
    return result({ servers })
  },
}

const getToolSchema: MetaTool = {
  name: 'get_tool_schema',
  description: 'Read what a tool does and which arguments it takes, before you call it.',
  input: z.object({ server_name: anyServer, tool_name: toolName }),
  readOnly: true,
  run: async (_, { server_name, tool_name }) => {
    const { name, description, inputSchema, outputSchema } = toolOf(toolNamed(serverOf(server_name), tool_name), { whole: true })
    return result({ server_name, tool_name: name, description, inputSchema, outputSchema })
  },
}

export const callTool: MetaTool = {
  name: 'call_tool',
  description: 'Call a tool of any gobby server: gobby-tasks (create_task, list_ready_tasks, claim_task, close_task, …), gobby-hub (list_all_projects, list_cross_project_sessions, …), gobby-sessions.',
  input: z.object({ server_name: anyServer, tool_name: toolName, arguments: z.record(z.string(), z.unknown(), { error: 'must be an object' }).optional() }),
  readOnly: false,
  run: async (ctx, { server_name, tool_name, arguments: given }) => callServed(toolNamed(serverOf(server_name), tool_name), await ctx(), given ?? {}),
}

export const metaTools: readonly MetaTool[] = [listTools, getToolSchema, callTool]

export function metaToolOf({ name, description, input, readOnly }: MetaTool): Tool {
  return {
    name,
    description,
    inputSchema: inputSchema(input) as Tool['inputSchema'],
    annotations: { readOnlyHint: readOnly, ...(readOnly ? {} : { destructiveHint: true }), openWorldHint: false },
  }
}

/** @throws GobbyError `invalid` naming what is missing, too much or of another type; else as the tool does */
export async function callMetaTool(tool: MetaTool, ctx: () => Promise<Context>, given: Record<string, unknown>, served: readonly RegistryName[]): Promise<CallToolResult> {
  // `server` is what other servers of this kind call it.
  const { server, ...rest } = given
  const named = server === undefined || 'server_name' in rest || !('server_name' in tool.input.shape) ? given : { server_name: server, ...rest }
  return tool.run(ctx, checkInput(tool.name, tool.input, named), served)
}

/** @throws GobbyError `not_found` */
function serverOf(name: unknown): RegistryName {
  registryNamed(name)
  return name as RegistryName
}

function firstSentence(text: string): string {
  return /^.*?[.:](?=\s|$)/s.exec(text)?.[0].replace(/:$/, '.') ?? text
}

function result(answer: Record<string, unknown>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(answer) }], structuredContent: answer }
}
