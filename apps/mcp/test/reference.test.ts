import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { operations } from '@gobby/sessions'
import { taskOperations } from '@gobby/tasks'
import { expect, test } from 'vitest'
import { chosen, UsageError } from '../src/arguments.ts'
import { instructions } from '../src/instructions.ts'
import { metaTools } from '../src/meta-tools.ts'
import { registries } from '../src/registries.ts'
import { discoveries, registryNames } from '../src/registry-names.ts'
import { listed } from '../src/serve-tools.ts'
import { toolOf } from '../src/tools.ts'
import { ROOT } from './client.ts'

/** Operations that are no tools, each with its reason. */
const EXCEPTIONS: Record<string, string> = {
  delete_session: 'What people and agents did is a person’s to delete.',
  sync: 'Every tool takes in the transcript it is about; taking in all is a person’s, or a hook’s.',
  get_project: 'list_all_projects tells an agent as much.',
  init_project: 'It writes a file to be committed: a person decides that.',
}

const tools = registryNames.flatMap((name) => registries[name].tools)
const names = tools.map(({ operation }) => operation.name)

test('every operation is served, or named with a reason', () => {
  const missing = [...operations, ...taskOperations].filter((operation) => !tools.some((tool) => tool.operation === operation)).map(({ name }) => name)
  expect(missing.toSorted()).toEqual(Object.keys(EXCEPTIONS).toSorted())
})

test('a name alone tells a tool', () => {
  const all = [...names, ...metaTools.map(({ name }) => name)]
  expect(new Set(all).size).toBe(all.length)
})

test('what is set aside in a tool is a parameter with a default', () => {
  for (const { operation, without = [], unlisted = [] } of tools) {
    for (const name of [...without, ...unlisted]) {
      expect(operation.input.shape[name]?.safeParse(undefined).success, `${operation.name}.${name}`).toBe(true)
    }
  }
})

test('the list of tools costs what it may', async () => {
  const { measureTokens } = (await import(join(ROOT, 'scripts/measure-tokens.mjs'))) as { measureTokens(): { discovery: string; registries: string[]; quarter: number; tokens: number }[] }
  const most = { direct: 2500, progressive: 500 }
  for (const { discovery, registries, quarter, tokens } of measureTokens()) {
    if (discovery === 'direct' && registries.length > 1) continue
    expect(Math.max(quarter, tokens), discovery).toBeLessThanOrEqual(most[discovery as keyof typeof most])
    expect(tokens).toBeGreaterThan(100)
  }
})

test('instructions and descriptions: their size, and the words an agent looks for', () => {
  for (const discovery of discoveries) {
    const text = instructions(discovery)
    expect(Buffer.byteLength(text)).toBeLessThan(1024)
    expect(text).toContain('#12')
    expect(text).not.toMatch(/uuid/i)
    // Tools that are not listed at first are found by these.
    for (const word of ['session', 'handoff', 'resume', 'previous conversation', 'commit', 'task']) expect(text.toLowerCase()).toContain(word)
  }
  for (const { name, description = '', inputSchema } of listed({ discovery: 'direct', registries: registryNames })) {
    expect(description.length, name).toBeGreaterThan(20)
    expect(Buffer.byteLength(JSON.stringify({ description, inputSchema })), name).toBeLessThan(4096)
    expect(Buffer.byteLength(description), name).toBeLessThan(2048)
    for (const [field, schema] of Object.entries(inputSchema.properties ?? {})) {
      if (field !== 'arguments') expect(schema, `${name}.${field}`).toHaveProperty('description')
    }
  }
})

test('the schema of a tool has one type for each parameter, and promises nothing that the tool refuses', () => {
  const schemas = tools.map((served) => toolOf(served, { whole: true }))
  for (const { name, inputSchema } of schemas) {
    for (const [field, schema] of Object.entries(inputSchema.properties ?? {})) {
      expect(schema, `${name}.${field}`).toMatchObject({ type: expect.stringMatching(/^(string|integer|boolean|array)$/) })
    }
  }
  const of = (tool: string) => schemas.find(({ name }) => name === tool)?.inputSchema.properties as Record<string, object>
  expect(of('create_task')).toMatchObject({ labels: { type: 'array', items: { type: 'string' } }, priority: { type: 'integer', default: 2 }, project_id: { description: expect.not.stringContaining('*') } })
  expect(of('delete_task').task_id).toMatchObject({ type: 'array', items: { type: 'string' } })
  expect(of('list_tasks').project_id).toMatchObject({ description: expect.stringContaining('`*` for all') })
})

test('where sessions are not listed, the instructions say how to reach them', () => {
  const text = instructions('direct', ['gobby-tasks', 'gobby-hub'])
  expect(text).toContain('call_tool(server_name="gobby-sessions"')
  expect(Buffer.byteLength(text)).toBeLessThan(1024)
  expect(instructions('direct', registryNames)).toBe(instructions('direct'))
})

test('annotations are honest', () => {
  const hints = Object.fromEntries(listed({ discovery: 'direct', registries: registryNames }).map(({ name, annotations }) => [name, annotations]))
  expect(hints.get_session).toEqual({ readOnlyHint: true, openWorldHint: false })
  expect(hints.create_handoff).toEqual({ readOnlyHint: false, destructiveHint: false, openWorldHint: false })
  expect(hints.delete_task).toMatchObject({ readOnlyHint: false, destructiveHint: true })
  expect(hints.call_tool).toMatchObject({ readOnlyHint: false, destructiveHint: true })
  for (const { operation } of tools) expect(hints[operation.name]?.readOnlyHint, operation.name).toBe(operation.effect === 'read')
})

test('docs/agents.md names every tool, and no other', () => {
  const page = readFileSync(join(ROOT, '../../docs/agents.md'), 'utf8')
  const named = new Set([...page.matchAll(/`([a-z]+_[a-z_]+)(?:\(|`)/g)].map((match) => match[1] as string))
  const parameters = new Set(tools.flatMap(({ operation }) => [...Object.keys(operation.input.shape), ...Object.keys(operation.output.shape)]))
  const known = [...names, ...metaTools.map(({ name }) => name)]
  expect(known.filter((name) => !named.has(name))).toEqual([])
  expect([...named].filter((name) => !known.includes(name) && !parameters.has(name))).toEqual([])
  for (const name of registryNames) expect(page).toContain(name)
})

test('the command line', () => {
  expect(chosen([])).toEqual({ registries: undefined, discovery: 'direct' })
  expect(chosen(['--registry', 'gobby-hub,gobby-sessions'])).toEqual({ registries: ['gobby-sessions', 'gobby-hub'], discovery: 'direct' })
  expect(chosen(['--registry=all', '--discovery', 'progressive'])).toEqual({ registries: [...registryNames], discovery: 'progressive' })
  expect(chosen(['--registry', 'gobby-hub', '--registry', 'gobby-tasks'])).toMatchObject({ registries: ['gobby-tasks', 'gobby-hub'] })
  expect(chosen(['-h'])).toEqual({ show: 'help' })
  expect(chosen(['--version'])).toEqual({ show: 'version' })
  for (const argv of [['--registry', 'other'], ['--registry', ''], ['--registry'], ['--discovery', 'none'], ['--nonsense'], ['word'], ['--help=yes']]) {
    expect(() => chosen(argv), argv.join(' ')).toThrow(UsageError)
    expect(() => chosen(argv), argv.join(' ')).toThrow(/^[^\n]{10,200}\.$/)
  }
})
