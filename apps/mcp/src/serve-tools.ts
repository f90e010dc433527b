/** The tools of a server as it was asked to show them. */
import { type Context, GobbyError } from '@gobby/sessions'
import { failureOf, failureResult } from './failure.js'
import { callMetaTool, callTool, metaToolOf, metaTools } from './meta-tools.js'
import { registries } from './registries.js'
import { type Discovery, type RegistryName, registryNames } from './registry-names.js'
import type { CallToolResult, Tool } from './sdk.js'
import { callServed, toolNamed, toolOf } from './tools.js'

export type Shown = { discovery: Discovery; registries?: readonly RegistryName[] }

const DIRECTLY: readonly RegistryName[] = ['gobby-sessions']

/** In an order that never changes: clients keep the list in a cache of prompts. */
export function listed({ discovery, registries: chosen = DIRECTLY }: Shown): Tool[] {
  if (discovery === 'progressive') return metaTools.map(metaToolOf)
  return [...chosen.flatMap((name) => registries[name].tools.map((served) => toolOf(served))), metaToolOf(callTool)]
}

/** The answer of a tool, or its error: every one is a result, which the model reads. */
export async function called(shown: Shown, ctx: () => Promise<Context>, name: string, given: Record<string, unknown>, log?: (error: Error) => void): Promise<CallToolResult> {
  try {
    const meta = (shown.discovery === 'progressive' ? metaTools : [callTool]).find((tool) => tool.name === name)
    if (meta) return await callMetaTool(meta, ctx, given, shown.registries ?? registryNames)
    // A tool that is not listed is there all the same.
    const owner = registryNames.find((registry) => registries[registry].tools.some(({ operation }) => operation.name === name))
    if (owner === undefined) throw new GobbyError('not_found', `There is no tool ${JSON.stringify(name.slice(0, 80))}.`, `There are ${listed(shown).map((tool) => tool.name).join(', ')}.`)
    return await callServed(toolNamed(owner, name), await ctx(), given)
  } catch (error) {
    if (failureOf(error).code === 'internal' && error instanceof Error) log?.(error)
    return failureResult(error)
  }
}
