/** The JSON Schema of a tool: what tells a model what to send, and no more. Checking is the operation's own business. */
import { z } from 'zod'

type JsonSchema = Record<string, unknown>

/** What descriptions say in words, or what only a program would run into: who does is told by the operation. */
const UNSAID = ['$schema', 'minLength', 'maxLength', 'pattern', 'minItems', 'maxItems', 'minimum', 'maximum', 'propertyNames', 'additionalProperties']

export function inputSchema(input: z.ZodObject): JsonSchema & { type: 'object' } {
  return { ...simplified(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })), type: 'object' }
}

function simplified(whole: JsonSchema): JsonSchema {
  const schema = Object.fromEntries(Object.entries(whole).filter(([name]) => !UNSAID.includes(name)))
  if (schema.default === false || /\bnormally\b/.test(String(schema.description))) delete schema.default
  const kinds = (schema.anyOf as JsonSchema[] | undefined)?.flatMap((kind) => kind.type) ?? schema.type
  // The words of an address or a shell for yes and no are not for those who can say true and false, nor a text for a list;
  // and several types at once are more than some clients understand. What else an operation takes, it takes all the same.
  const type = Array.isArray(kinds) ? ['boolean', 'array', 'string'].find((kind) => kinds.includes(kind)) : undefined
  if (type !== undefined) {
    delete schema.anyOf
    Object.assign(schema, { type, ...(type === 'array' ? { items: { type: 'string' } } : {}) })
  }
  if (schema.properties) schema.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, field]) => [name, simplified(field as JsonSchema)]))
  return schema
}

/** How many fields of an answer are told in the list: a record of forty would cost more than all else of its tool. */
const FIELDS = 12

/**
 * The first fields of an answer and their types, or all of them. Nothing is required: where an answer is an error, none of them is there; and
 * what is in lists and records shows in the answers themselves.
 */
export function outputSchema(output: z.ZodObject, whole: boolean): JsonSchema & { type: 'object' } {
  const { properties = {} } = z.toJSONSchema(output, { io: 'output', unrepresentable: 'any' })
  return { type: 'object', properties: Object.fromEntries(Object.entries(properties).slice(0, whole ? undefined : FIELDS).map(([name, field]) => [name, typeOf(field as JsonSchema)])) }
}

function typeOf({ type, anyOf }: JsonSchema): JsonSchema {
  const kinds = [type, ...((anyOf as JsonSchema[] | undefined) ?? []).map((kind) => kind.type)].flat().filter((kind) => kind !== undefined)
  const types = [...new Set(kinds)].map((kind) => ({ type: kind }))
  // A list of types in one place is more than some clients understand.
  return types.length > 1 ? { anyOf: types } : (types[0] ?? { anyOf: [{ type: 'object' }, { type: 'string' }] })
}
