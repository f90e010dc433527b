/** A thing gobby can do, defined once for every surface. */
import type { z } from 'zod'
import type { Context } from './context.js'
import { GobbyError } from './errors.js'

/** One definition: MCP tools, HTTP routes, commands and their documentation come from it. */
export type Operation<In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> = {
  /** `verb_noun`. */
  name: string
  /** First sentence: when to use it. */
  description: string
  /** What it does to what is stored. */
  effect: 'read' | 'write' | 'delete'
  input: In
  output: Out
  run(ctx: Context, input: z.output<In>): Promise<z.input<Out>>
}

/** Gives a definition its types. */
export function operation<In extends z.ZodObject, Out extends z.ZodObject>(definition: Operation<In, Out>): Operation<In, Out> {
  return definition
}

/**
 * Checks the input, runs the operation, and gives its output.
 *
 * @throws GobbyError `invalid` naming each field that is wrong and what it may be; and whatever the operation throws
 */
export async function call<In extends z.ZodObject, Out extends z.ZodObject>(op: Operation<In, Out>, ctx: Context, input: unknown): Promise<z.output<Out>> {
  const parsed = op.input.strict().safeParse(input)
  if (!parsed.success) throw new GobbyError('invalid', problemsOf(parsed.error))
  return (await op.run(ctx, parsed.data as z.output<In>)) as z.output<Out>
}

/** What is wrong with an input, in a sentence for each field. */
export function problemsOf({ issues }: z.ZodError): string {
  const told = new Map<string, string>()
  for (const { path, message } of issues) {
    const at = path.join('.')
    // What is of the wrong kind is often also too short.
    if (!told.has(at)) told.set(at, at === '' ? message : `${at}: ${message}`)
  }
  return `${[...told.values()].join('. ')}.`
}
