/** The arguments of a call, held to what a tool takes. */
import { GobbyError, problemsOf } from '@gobby/sessions'
import type { z } from 'zod'

/**
 * The arguments as they were given. Null is nothing given, where nothing need be: some models fill in every parameter.
 * @throws GobbyError `invalid` naming what is missing, too much or wrong
 */
export function checkInput(tool: string, input: z.ZodObject, given: unknown): Record<string, unknown> {
  const takes = Object.keys(input.shape)
  const isOptional = (name: string): boolean => input.shape[name]?.safeParse(undefined).success ?? false
  const says = `${tool} takes ${takes.length > 0 ? takes.map((name) => (isOptional(name) ? name : `${name} (required)`)).join(', ') : 'no arguments'}.`
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new GobbyError('invalid', 'arguments: must be an object.', says)
  const extra = Object.keys(given).filter((name) => !takes.includes(name))
  if (extra.length > 0) throw new GobbyError('invalid', `${extra.map((name) => JSON.stringify(name.slice(0, 80))).join(', ')} ${extra.length > 1 ? 'are no parameters' : 'is no parameter'} of ${tool}.`, says)
  const said = Object.fromEntries(Object.entries(given).filter(([name, value]) => value !== null || !isOptional(name)))
  const { error } = input.safeParse(said)
  if (error) throw new GobbyError('invalid', problemsOf(error), says)
  return said
}
