import { createContext } from '@gobby/sessions'
import { beforeAll, expect, test } from 'vitest'
import { ask, connect, type Gobby, type Json, sampleGobby } from './client.ts'

let gobby: Gobby
let session: Json

beforeAll(async () => {
  gobby = await sampleGobby()
})

async function open() {
  const client = await connect(gobby.options)
  session = ((await ask(client, 'list_sessions')).answer.sessions as Json[]).find(({ source }) => source === 'claude') as Json
  return client
}

test('recent sessions are listed, and each can be read', async () => {
  const client = await open()
  const { resources } = await client.listResources()
  expect(resources.length).toBeGreaterThan(2)
  for (const { uri, name } of resources) {
    const { contents } = await client.readResource({ uri })
    expect(contents).toMatchObject([{ uri, mimeType: 'text/markdown', text: expect.stringMatching(`^# ${name}`) }])
  }
  expect((await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['gobby://session/{ref}', 'gobby://session/{ref}/handoff'])
})

test('a handoff is a page; one that is not there says how to make it', async () => {
  const client = await open()
  const address = `gobby://session/${session.project}~${session.seq_num}/handoff`
  await expect(client.readResource({ uri: address })).rejects.toThrow('create_handoff')
  await ask(client, 'create_handoff', { session_id: session.id })
  const { contents } = await client.readResource({ uri: address })
  expect(contents).toMatchObject([{ mimeType: 'text/markdown', text: expect.stringContaining('## Continuation Context') }])
})

test('a number counts in the caller’s project', async () => {
  const { path } = (await gobby.store.projects.get(session.project_id as string)) as { path: string }
  const client = await connect({ ...gobby.options, context: (await import('../src/contexts.ts')).contextsOf({ env: gobby.env, cwd: path, ppid: 1 }).of })
  const { contents } = await client.readResource({ uri: `gobby://session/${session.seq_num}` })
  expect((contents[0] as { text: string }).text).toContain(`# ${session.project}#${session.seq_num}`)
})

test.each(['gobby://session/', 'gobby://session/#3', 'gobby://session/%E0%A4%A', 'gobby://other/3', 'file:///etc/passwd', 'gobby://session/3/messages', 'gobby://session/nowhere~3'])('%s is no resource', async (uri) => {
  const client = await open()
  await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32602 })
})

test('refs are completed', async () => {
  const client = await open()
  const complete = async (value: string) => (await client.complete({ ref: { type: 'ref/resource', uri: 'gobby://session/{ref}' }, argument: { name: 'ref', value } })).completion.values
  expect(await complete(`${session.project}~`)).toContain(`${session.project}~${session.seq_num}`)
  expect(await complete('zzz')).toEqual([])
  const ofPrompt = await client.complete({ ref: { type: 'ref/prompt', name: 'resume' }, argument: { name: 'session_id', value: `${session.project}#` } })
  expect(ofPrompt.completion.values).toContain(`${session.project}#${session.seq_num}`)
})

test('a session of another project is called by its whole name', async () => {
  const own = await sampleGobby()
  const { sessions } = (await ask(await connect(own.options), 'list_sessions')).answer as { sessions: Json[] }
  const there = sessions.find(({ project }) => project !== sessions[0]?.project) as Json
  const name = `${there.project}#${there.seq_num}`
  const context = () => createContext({ store: own.store, env: own.env, cwd: own.cwd, project: sessions[0]?.project as string })
  const client = await connect({ ...own.options, context })
  const resumed = async () => ((await client.getPrompt({ name: 'resume', arguments: { session_id: name } })).messages[0] as { content: { text: string } }).content.text
  await expect(client.readResource({ uri: `gobby://session/${there.id}/handoff` })).rejects.toThrow(`Session ${name} has handed nothing over yet. Make its handoff with create_handoff(session_id="${name}").`)
  expect(await resumed()).toContain(`Session ${name} has not handed its work over yet`)
  await ask(client, 'create_handoff', { session_id: name })
  expect(await resumed()).toContain(`the work of session ${name}.`)
})

test('prompts: resume gives the newest handoff of the project, handoff asks for one', async () => {
  const client = await open()
  expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['resume', 'handoff'])
  const said = async (name: string, args: Record<string, string> = {}) => ((await client.getPrompt({ name, arguments: args })).messages[0] as { content: { text: string } }).content.text
  expect(await said('resume')).toContain('list_sessions')
  await ask(client, 'create_handoff', { session_id: session.id, notes: 'the valve sticks' })
  expect(await said('resume', { session_id: `${session.project}#${session.seq_num}` })).toContain('the valve sticks')
  expect(await said('handoff', { notes: 'mention the valve' })).toMatch(/create_handoff.*mention the valve/s)
  await expect(said('other')).rejects.toThrow('There are resume, handoff')
  await expect(said('resume', { session_id: 'nowhere#1' })).rejects.toMatchObject({ code: -32602 })
})
