import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { openapi } from '../src/openapi.ts'

export const document = openapi('0.0.0')

const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addSchema({ ...document, $id: 'document' })
const compiled = new Map<string, ValidateFunction>()

type Schema = Record<string, unknown>
type Content = Record<string, { schema: Schema }>

/** The template of the document that a path belongs to; one without parameters first. */
export function templateOf(path: string): string | undefined {
  const [pathname = ''] = path.replace(/^https?:\/\/[^/]+/, '').split('?')
  const fits = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname)
  const templates = Object.keys(document.paths).filter(fits)
  return templates.find((template) => !template.includes('{')) ?? templates[0]
}

/** Holds an answer against what the document says of its route. */
export function checkAnswer(method: string, path: string, answer: { status: number; headers: Headers; body: unknown }): void {
  const template = templateOf(path)
  const type = answer.headers.get('content-type')?.split(';')[0] ?? ''
  if (answer.status >= 400) {
    expect(type).toBe('application/problem+json')
    checkSchema({ $ref: '#/components/schemas/problem' }, answer.body, `${method} ${path}`)
    expect((answer.body as { status: number }).status).toBe(answer.status)
  }
  const call = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()]
  // No route, or not this method: nothing to hold it against but the problem.
  if (!call) {
    if (template === undefined) expect([401, 403, 404]).toContain(answer.status)
    else expect([401, 403, 405, 503]).toContain(answer.status)
    return
  }
  let said = call.responses[String(answer.status)] as { content?: Content; $ref?: string } | undefined
  expect(Object.keys(call.responses), `${method} ${path} answered ${answer.status}`).toContain(String(answer.status))
  if (said?.$ref) said = document.components.responses[said.$ref.split('/').at(-1) as string] as { content?: Content }
  if (!said?.content) return
  expect(Object.keys(said.content)).toContain(type)
  if (/json/.test(type)) checkSchema(said.content[type]?.schema ?? {}, answer.body, `${method} ${path}`)
}

function checkSchema(schema: Schema, body: unknown, what: string): void {
  const key = JSON.stringify(schema)
  let validate = compiled.get(key)
  if (!validate) compiled.set(key, (validate = ajv.compile(JSON.parse(key.replaceAll('"#/', '"document#/')) as Schema)))
  const fits = validate(body)
  expect(fits ? [] : validate.errors, `${what}: ${JSON.stringify(body).slice(0, 300)}`).toEqual([])
}
