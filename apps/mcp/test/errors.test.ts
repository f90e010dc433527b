import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, GobbyError } from '@gobby/sessions'
import { beforeAll, describe, expect, test } from 'vitest'
import { hintForAgents } from '../src/agent-hints.ts'
import { registries } from '../src/registries.ts'
import { registryNames } from '../src/registry-names.ts'
import { ask, type Client, connect, type Gobby, type Json, ROOT, sampleGobby } from './client.ts'

let gobby: Gobby

beforeAll(async () => {
  gobby = await sampleGobby()
})

async function failure(client: Client, name: string, args: Json): Promise<Json> {
  const { isError, text, answer } = await ask(client, name, args)
  expect(isError, text).toBe(true)
  expect(JSON.parse(text)).toEqual(answer)
  expect(Object.keys(answer)).toEqual(['error'])
  return answer.error as Json
}

const bad: [string, Json, Json][] = [
  ['get_session', {}, { code: 'invalid', message: expect.stringContaining('session_id: must be a session'), hint: 'get_session takes session_id (required), full.' }],
  ['get_session', { session_id: 'orchard#99999' }, { code: 'not_found', hint: 'See the sessions there are: list_sessions(project_id="*")' }],
  ['get_session', { session_id: 'nowhere#3' }, { code: 'not_found', hint: expect.stringContaining('call_tool(server_name="gobby-hub", tool_name="list_all_projects")') }],
  ['get_session', { session_id: '' }, { code: 'invalid' }],
  ['get_session', { session_id: '%' }, { code: 'invalid' }],
  ['get_session', { session_id: ['3'] }, { code: 'invalid', message: expect.stringContaining('session_id') }],
  ['get_session', { session_id: 3, sesion: 4 }, { code: 'invalid', message: '"sesion" is no parameter of get_session.', hint: expect.stringContaining('session_id (required)') }],
  ['get_session', { session_id: 3, full: 'maybe' }, { code: 'invalid', message: 'full: must be true or false.' }],
  ['create_handoff', { made_by: 'person' }, { code: 'invalid', message: '"made_by" is no parameter of create_handoff.' }],
  ['create_handoff', { notes: 'x'.repeat(4001) }, { code: 'invalid', message: expect.stringContaining('4000 characters') }],
  ['list_sessions', { limit: 0 }, { code: 'invalid', message: 'limit: must be a whole number from 1 to 200.' }],
  ['list_sessions', { limit: 201 }, { code: 'invalid', message: expect.stringContaining('1 to 200') }],
  ['list_sessions', { limit: 'many' }, { code: 'invalid', message: expect.stringContaining('limit') }],
  ['list_sessions', { limit: true }, { code: 'invalid', message: 'limit: must be a whole number from 1 to 200.' }],
  ['list_sessions', { limit: [[3]] }, { code: 'invalid', message: 'limit: must be a whole number from 1 to 200.' }],
  ['get_session_messages', { session_id: 'orchard#1', offset: '' }, { code: 'invalid', message: expect.stringContaining('offset: must be a whole number') }],
  ['create_task', { title: 'Oil it', priority: true }, { code: 'invalid', message: 'priority: must be a whole number from 1 to 4.' }],
  ['list_sessions', { project_id: [] }, { code: 'invalid', message: 'project_id: must be a text.' }],
  ['delete_task', { task_id: {} }, { code: 'invalid', message: 'task_id: must be a task, or a list of them.' }],
  ['get_session', { session_id: null }, { code: 'invalid', message: expect.stringContaining('session_id: must be a session') }],
  ['list_sessions', { status: 'done' }, { code: 'invalid', message: expect.stringContaining('active, paused, expired, archived, handoff_ready') }],
  ['list_sessions', { source: 'other', limit: -1 }, { code: 'invalid', message: expect.stringMatching(/source: .*limit: /) }],
  ['list_sessions', { cursor: 'nonsense' }, { code: 'invalid', message: expect.stringContaining('cursor') }],
  ['list_sessions', { project_id: 'nowhere' }, { code: 'not_found', message: 'No project "nowhere".' }],
  ['search_messages', { query: 'x'.repeat(1_048_576) }, { code: 'invalid', message: 'query: must have at most 1,000,000 characters.' }],
  ['search_messages', { query: '-only' }, { code: 'invalid', hint: expect.stringContaining('search_messages(query=') }],
  ['find_commit_sessions', { sha: 'xyz' }, { code: 'invalid', message: expect.stringContaining('hexadecimal') }],
  ['mark_loop_complete', { session_id: 'orchard#99999' }, { code: 'not_found' }],
  ['no_such_tool', {}, { code: 'not_found', message: 'There is no tool "no_such_tool".', hint: expect.stringContaining('get_session') }],
  ['call_tool', {}, { code: 'invalid', message: 'server_name: is missing. tool_name: is missing.' }],
  ['call_tool', { server_name: 'gobby-other', tool_name: 'get_session' }, { code: 'not_found', message: 'There is no server "gobby-other".', hint: 'There are gobby-sessions, gobby-tasks, gobby-hub.' }],
  ['call_tool', { server_name: 'gobby-hub', tool_name: 'nothing' }, { code: 'not_found', hint: expect.stringContaining('list_all_projects') }],
  ['call_tool', { server_name: 'gobby-hub', tool_name: 'create_task' }, { code: 'not_found', hint: expect.stringContaining('server_name="gobby-tasks"') }],
  ['call_tool', { server_name: 'gobby-hub', tool_name: 'hub_stats', arguments: 'all' }, { code: 'invalid', message: 'arguments: must be an object.' }],
  ['call_tool', { server_name: 7, tool_name: 'hub_stats' }, { code: 'invalid', message: 'server_name: must be a text.' }],
  ['call_tool', { server_name: 'gobby-hub', tool_name: 'hub_stats', args: {} }, { code: 'invalid', message: '"args" is no parameter of call_tool.' }],
  ['delete_session', { session_id: 1 }, { code: 'not_found', message: 'There is no tool "delete_session".' }],
  ['get_task', { task_id: 'gt-zzzzzz' }, { code: expect.stringMatching(/not_found|invalid/) }],
]

describe('bad input is a result that says what is wrong and what to do', () => {
  test.each(bad)('%s %j', async (name, args, expected) => {
    const client = await connect(gobby.options)
    const error = await failure(client, name, args)
    expect(error).toMatchObject(expected)
    expect(error.hint).not.toMatch(/shell|gobby (session|project|task) /)
    expect(JSON.stringify(error).length).toBeLessThan(3000)
    expect(JSON.stringify(error)).not.toMatch(/\n\s+at |node_modules|\.ts:|\.js:/)
  })
})

test('whatever is wrong with a parameter is said in our own words', async () => {
  const client = await connect({ ...gobby.options, registries: registryNames })
  const ofOthers = /Invalid input|expected|received|Too (small|big)|Unrecognized/
  for (const { operation } of registryNames.flatMap((name) => registries[name].tools)) {
    for (const name of Object.keys(operation.input.shape).filter((field) => field !== 'made_by')) {
      for (const wrong of [{}, { a: 1 }, [], [[]], [{}], 1.5, true, 'x'.repeat(2_000_000)]) {
        const { isError, answer, text } = await ask(client, operation.name, { [name]: wrong })
        if (!isError) continue
        expect(answer.error.code, text).not.toBe('internal')
        expect(answer.error.message, `${operation.name}.${name}`).not.toMatch(ofOthers)
      }
    }
  }
})

test('null is nothing given, where nothing need be', async () => {
  const client = await connect(gobby.options)
  const nothing = { project_id: null, status: null, limit: null, cursor: null, detail: null, include_empty: null }
  expect((await ask(client, 'list_sessions', nothing)).answer).toEqual((await ask(client, 'list_sessions')).answer)
  const called = await ask(client, 'call_tool', { server_name: 'gobby-hub', tool_name: 'hub_stats', arguments: null })
  expect(called.answer).toEqual((await ask(client, 'call_tool', { server_name: 'gobby-hub', tool_name: 'hub_stats' })).answer)
  expect(await failure(client, 'update_task', { task_id: 1, title: null, assignee: null })).toMatchObject({ code: 'invalid', message: 'Nothing to change was given.' })
})

test('an ambiguous number names its candidates', async () => {
  const client = await connect(gobby.options)
  const error = await failure(client, 'get_session', { session_id: '#1' })
  expect(error.code).toBe('ambiguous')
  expect(error.candidates.length).toBeGreaterThan(1)
  expect(error.hint).toContain(`get_session(session_id="${error.candidates[0]}")`)
})

test('a database that cannot be opened is an answer, and is tried again at the next call', async () => {
  let busy = true
  const context: typeof gobby.options.context = async (request) => {
    if (busy) throw new GobbyError('busy', 'The database is held by another process.', 'Try again.')
    return gobby.options.context(request)
  }
  const client = await connect({ ...gobby.options, context })
  expect(await failure(client, 'list_sessions', {})).toEqual({ code: 'busy', message: 'The database is held by another process.', hint: 'Call it again in a few seconds. Try again.' })
  await expect(client.readResource({ uri: 'gobby://session/1' })).rejects.toThrow('held by another process')
  busy = false
  expect((await ask(client, 'list_sessions')).isError).toBe(false)
})

test('a failure of our own shows no stack, and is told to who runs the server', async () => {
  const told: Error[] = []
  const context = async () => {
    throw new TypeError('x is not a function\n    at somewhere.js:3')
  }
  const client = await connect({ ...gobby.options, context, log: (error) => told.push(error) })
  expect(await failure(client, 'list_sessions', {})).toMatchObject({ code: 'internal', message: 'gobby failed: x is not a function' })
  await expect(client.getPrompt({ name: 'resume' })).rejects.toThrow('x is not a function')
  expect(told).toHaveLength(2)
})

test('a session that was deleted, a task of another project', async () => {
  const own = await sampleGobby()
  const client = await connect({ ...own.options, registries: registryNames })
  const { sessions } = (await ask(client, 'list_sessions')).answer as { sessions: Json[] }
  const [first, other] = [sessions[0] as Json, sessions.find(({ project }) => project !== sessions[0]?.project) as Json]
  const { answer: task } = await ask(client, 'create_task', { title: 'Mend it', project_id: first.project, session_id: first.id })
  await own.store.sessions.delete([first.id as string], '2026-11-22T10:00:00.000Z')
  expect((await failure(client, 'link_task_to_session', { task_id: task.id, session_id: first.id })).code).toBe('not_found')
  const elsewhere = (await own.store.projects.get(other.project_id as string))?.path as string
  const meta = { 'x-codex-turn-metadata': { workspaces: { [elsewhere]: {} } } }
  const refused = await ask(client, 'update_task', { task_id: task.id, title: 'Not mine' }, meta)
  expect(refused.isError, refused.text).toBe(true)
  expect(refused.text).toContain(first.project as string)
})

test('a claim for nobody asks for the session as an agent gives it; a circle names the task to look at', async () => {
  const own = await sampleGobby()
  const context = () => createContext({ store: own.store, env: own.env, cwd: own.cwd, project: 'orchard' })
  const client = await connect({ ...own.options, context, registries: registryNames })
  for (const title of ['Oil it', 'Buy oil']) await ask(client, 'create_task', { title })
  expect(await failure(client, 'claim_task', { task_id: 1 })).toMatchObject({ code: 'not_found', hint: 'Name the session in session_id.' })
  const { answer: waiting } = await ask(client, 'add_dependency', { task_id: 2, depends_on: 1 })
  const { answer: first } = await ask(client, 'get_task', { task_id: 1 })
  expect(await failure(client, 'add_dependency', { task_id: 1, depends_on: waiting.id })).toMatchObject({ code: 'conflict', message: expect.stringContaining('#1 → #2 → #1'), hint: expect.stringContaining(`{"task_id":"${first.id}"}`) })
  expect((await failure(client, 'add_dependency', { task_id: 1, depends_on: 1 })).hint).toBe('Name another task.')
})

test('no hint names a task or session that nobody spoke of, and none takes a task from who works on it', async () => {
  const own = await sampleGobby()
  const { sessions } = (await ask(await connect(own.options), 'list_sessions')).answer as { sessions: Json[] }
  const [one, other] = [sessions.find(({ project }) => project === 'orchard') as Json, sessions.find(({ project }) => project !== 'orchard') as Json]
  const context = () => createContext({ store: own.store, env: own.env, cwd: own.cwd, project: 'orchard' })
  const client = await connect({ ...own.options, context, registries: registryNames })
  await ask(client, 'create_task', { title: 'Oil it' })
  const { answer: elsewhere } = await ask(client, 'create_task', { title: 'Buy oil', project_id: other.project })
  const parent = { parent_task_id: `${other.project}#${elsewhere.seq_num}` }
  for (const refused of [await failure(client, 'create_task', { title: 'A part', ...parent }), await failure(client, 'update_task', { task_id: 1, ...parent })]) {
    expect(refused).toMatchObject({ code: 'invalid', hint: 'Name another parent, or none: a task may wait for one of another project, without being a part of it.' })
  }
  await ask(client, 'claim_task', { task_id: 1, session_id: one.id })
  const { hint } = await failure(client, 'claim_task', { task_id: 1, session_id: other.id })
  expect(hint).toMatch(/^Take another one: .*list_ready_tasks.*\. Only if #\d+ is not at work on it any more, give it free: .*"task_id":"1","status":"open","assignee":""/)
  expect((await failure(client, 'create_handoff', {})).hint).toBe('Take in new transcripts with: gobby session sync; or name the session in session_id.')
})

test('every hint with a command has a call for it, or is for a person to run', () => {
  const PERSONS = /gobby (init|session sync|install|doctor)\b/
  const files = globSync(join(ROOT, '../../packages/{storage,sessions,tasks}/src/**/*.ts')).filter((path) => !path.includes('/install'))
  const hints = files.flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/(['"`])((?:(?!\1).)*\bgobby (?:session|project|task|hub) (?:(?!\1).)*)\1/g)].map((match) => match[2] ?? ''))
  expect(hints.length).toBeGreaterThan(8)
  const left = hints.map((hint) => hintForAgents(hint.replaceAll(/\$\{[^}]*\}/g, '3'))).filter((hint) => /\bgobby [a-z]+ /.test(hint.replace(PERSONS, '')))
  expect(left).toEqual([])
})
