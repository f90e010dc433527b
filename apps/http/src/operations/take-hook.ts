import { GobbyError, handleHook, type HookOrigin, operation, spool } from '@gobby/sessions'
import { sourceNamed, sources } from '@gobby/sessions/sources'
import { z } from 'zod'
import type { RequestContext } from '../request-context.js'

const withHooks = sources.filter(({ hooks }) => hooks).map(({ name }) => name)
const source = z.enum(withHooks as [string, ...string[]], { error: `must be one of ${withHooks.join(', ')}` }).describe('The CLI that the event is of')
const event = z.record(z.string(), z.unknown(), 'must be a JSON object')
/** What the CLI takes from its hook. */
const answer = z.looseObject({})

export const takeHook = operation({
  name: 'take_hook',
  description: 'Take in one event of a CLI, as its hook gets it on standard input. The answer is what the hook has to print.',
  effect: 'write',
  input: z.object({ source, input: event }),
  output: answer,
  run: (ctx: RequestContext, given) => take(ctx, given),
})

export const executeHook = operation({
  name: 'execute_hook',
  description: 'Take in one event of a CLI, its name apart from its data. The answer is what the hook has to print.',
  effect: 'write',
  input: z.object({
    source,
    hook_type: z.string().min(1, 'must not be empty').max(100).optional().describe('The event’s name, as the CLI has it or in lower case with dashes'),
    event: z.string().min(1, 'must not be empty').max(100).optional().describe('Another name of hook_type'),
    input_data: event.default({}).describe('The event'),
  }),
  output: answer,
  run: (ctx: RequestContext, { source, input_data, ...named }) => {
    const name = named.hook_type ?? named.event
    if (name === undefined) throw new GobbyError('invalid', 'hook_type is missing: which event?')
    return take(ctx, { source, input: { ...input_data, hook_event_name: inCamels(name) } })
  },
})

async function take(ctx: RequestContext, given: { source: string; input: Record<string, unknown> }): Promise<z.infer<typeof answer>> {
  const known = sourceNamed(given.source)
  if (!known?.hooks) throw new GobbyError('invalid', `There are no hooks for ${given.source}.`)
  const { env, hookStore, later } = ctx.server
  const told = known.hooks.read(given.input, { env, home: ctx.config.user_home })
  // Whoever sent it may be anywhere: of its process nothing is known.
  const origin: HookOrigin = { pid: null, process_start: null, terminal: null, at: ctx.now().toISOString(), ms: 0 }
  try {
    const text = known.hooks.print(told, await handleHook({ ...ctx, store: hookStore }, { source: known, event: told, origin, later }))
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  } catch (error) {
    if (!(error instanceof GobbyError) || (error.code !== 'busy' && error.code !== 'unavailable')) throw error
    // Kept, and told again later, as the hook program does: nothing is lost, and the CLI goes on.
    spool(ctx.config.home, { source: given.source, event: told, origin })
    return {}
  }
}

/** `session-start` is `SessionStart`. */
function inCamels(name: string): string {
  return name.includes('-') || /^[a-z]/.test(name) ? name.replace(/(?:^|[-_])(\w)/g, (_, letter: string) => letter.toUpperCase()) : name
}
