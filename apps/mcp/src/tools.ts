/** Operations as tools: what is listed of them, and how one is called. */
import { call, type Context, GobbyError, type Operation } from '@gobby/sessions'
import { z } from 'zod'
import { checkInput } from './check-input.js'
import { registries, type Registry, type Served } from './registries.js'
import { isRegistryName, type RegistryName, registryNames } from './registry-names.js'
import { answerResult } from './results.js'
import { inputSchema, outputSchema } from './schema.js'
import type { CallToolResult, Tool, ToolAnnotations } from './sdk.js'

const full = z.boolean({ error: 'must be true or false' }).default(false).describe('Long texts and lists whole')

/** What an agent may send; and without what is not listed. */
function inputOf({ operation, without = [], full: takesFull, unlisted = [] }: Served, whole: boolean): z.ZodObject {
  const omitted = whole ? without : [...without, ...unlisted]
  const input = z.object(Object.fromEntries(Object.entries(operation.input.shape).filter(([name]) => !omitted.includes(name))))
  return takesFull ? input.extend({ full }) : input
}

/** The tool as it is listed; with `whole`, all there is to know of it. */
export function toolOf(served: Served, { whole = false } = {}): Tool {
  const { operation, idempotent } = served
  return {
    name: operation.name,
    description: operation.description,
    inputSchema: inputSchema(inputOf(served, whole)) as Tool['inputSchema'],
    outputSchema: outputSchema(operation.output, whole) as Tool['outputSchema'],
    annotations: annotationsOf(operation, idempotent),
  }
}

/** Left out is what follows from the rest: a tool that only reads neither destroys nor does anything twice. */
function annotationsOf({ effect }: Operation, idempotent: boolean | undefined): ToolAnnotations {
  if (effect === 'read') return { readOnlyHint: true, openWorldHint: false }
  return { readOnlyHint: false, destructiveHint: effect === 'delete', ...(idempotent ? { idempotentHint: true } : {}), openWorldHint: false }
}

/** @throws GobbyError `not_found`, naming the registries there are */
export function registryNamed(name: unknown): Registry {
  if (isRegistryName(name)) return registries[name]
  throw new GobbyError('not_found', `There is no server ${shown(name)}.`, `There are ${registryNames.join(', ')}.`)
}

/** @throws GobbyError `not_found`, naming the tools there are */
export function toolNamed(registry: RegistryName, name: unknown): Served {
  const { tools } = registryNamed(registry)
  const found = tools.find(({ operation }) => operation.name === name)
  if (found) return found
  const other = registryNames.find((each) => registries[each].tools.some(({ operation }) => operation.name === name))
  throw new GobbyError(
    'not_found',
    `There is no tool ${shown(name)} in ${registry}.`,
    other ? `It is in ${other}: call_tool(server_name="${other}", tool_name="${String(name)}", arguments={…}).` : `There are ${tools.map(({ operation }) => operation.name).join(', ')}.`,
  )
}

function shown(name: unknown): string {
  const text = JSON.stringify(name) ?? 'without a name'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

/**
 * Calls an operation for an agent, and gives its answer in a size that a model can take.
 * @throws GobbyError as the operation does, and `invalid` naming a parameter that the tool does not have
 */
export async function callServed(served: Served, ctx: Context, given: unknown): Promise<CallToolResult> {
  const { operation } = served
  const { full: wanted = false, ...input } = checkInput(operation.name, inputOf(served, true), given)
  const ask = async (more: object = {}): Promise<Record<string, unknown>> => call(operation, ctx, { ...input, ...more })
  return answerResult(served, { ...input, full: wanted === true }, ask)
}
