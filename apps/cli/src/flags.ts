import { GobbyError, type Operation } from '@gobby/sessions'
import type { Interfaces } from '@oclif/core'
import * as Flags from '@oclif/core/flags'
import type { z } from 'zod'

/** Which input of an operation a flag gives: `{ type: 'content_type' }`. */
export type Fields<Op extends Operation = Operation> = Record<string, keyof z.input<Op['input']> & string>

type Given = Record<string, unknown>

type FlagOf<Value> = unknown extends Value ? Text : true extends Value ? Switch : Text
type Switch = Interfaces.BooleanFlag<boolean>
type Text = Interfaces.OptionFlag<string | undefined>

/**
 * The flags that give an operation its input. Their words, defaults and allowed values are the operation's own. Who
 * knows a parameter by its name there may write that too: `--session-id`.
 */
export function flagsOf<Op extends Operation, F extends Fields<Op>>(op: Op, fields: F): { [name in keyof F]: FlagOf<z.input<Op['input']>[F[name]]> } {
  const flags = Object.entries(fields).map(([name, field]) => [name, flagOf(op, field, [field.replaceAll('_', '-')].filter((alias) => alias !== name))])
  return Object.fromEntries(flags) as { [name in keyof F]: FlagOf<z.input<Op['input']>[F[name]]> }
}

function flagOf(op: Operation, field: string, aliases: string[]): Switch | Text {
  const schema = op.input.shape[field] as z.ZodType
  const description = describe(schema)
  if (isSwitch(schema)) return Flags.boolean<boolean>({ description, aliases })
  return Flags.string({ description, aliases, helpValue: allowed(schema)?.join('|') ?? '<value>' })
}

/** The words that the operation has for one of its inputs. */
export function describe(schema: z.ZodType): string | undefined {
  return schema.description ?? inside(schema, describe)
}

function allowed(schema: z.ZodType): string[] | undefined {
  return (schema as { options?: unknown[] }).options?.every((option) => typeof option === 'string')
    ? (schema as unknown as { options: string[] }).options
    : inside(schema, allowed)
}

/** Looks on below `optional`, `default` and `transform`. */
function inside<T>(schema: z.ZodType, look: (schema: z.ZodType) => T | undefined): T | undefined {
  const { innerType, in: input } = schema.def as { innerType?: z.ZodType; in?: z.ZodType }
  const inner = innerType ?? input
  return inner && look(inner)
}

function isSwitch(schema: z.ZodType): boolean {
  return schema.safeParse('false').success && !schema.safeParse('neither').success
}

/**
 * The input that the flags make, checked by the operation before anything is opened.
 *
 * @param names what a person typed for a field, where that is not a flag: `{ query: '<query>' }`
 * @throws GobbyError `invalid` in the words of the operation, with the flag's name
 */
export function inputOf(op: Operation, fields: Fields, flags: Given, more: Given = {}, names: Record<string, string> = {}): Given {
  const given = Object.entries(fields).map(([name, field]) => [field, flags[name]])
  const input = Object.fromEntries([...given, ...Object.entries(more)].filter(([, value]) => value !== undefined)) as Given
  const checked = op.input.safeParse(input)
  if (checked.success) return input
  const typed: Record<string, string> = { ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [field, `--${name}`])), ...names }
  const problems = checked.error.issues.map(({ path: [field], message }) => `${typed[String(field)] ?? String(field)} ${message}.`)
  throw new GobbyError('invalid', problems.join(' '))
}
