import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { gemini, projectHash } from '../src/sources/gemini/index.js'
import { fileAt, header, logOf, message, peekAt, read } from './fixtures/gemini/reading.js'

const folder = join(import.meta.dirname, 'fixtures/gemini/tmp')
const main = join(folder, 'lighthouse/chats/session-2026-03-01T10-00-11111111.jsonl')
const subagent = join(folder, 'lighthouse/chats/11111111-aaaa-4aaa-8aaa-000000000001/22222222-bbbb-4bbb-8bbb-000000000002.jsonl')
const document = join(folder, projectHash('/srv/barn'), 'chats/session-2026-03-01T10-00-33333333.json')

const shape = (step: Awaited<ReturnType<typeof read>>): string[] =>
  step.messages.map((m) => [m.role, m.content_type, m.is_prompt && 'prompt', !m.searchable && 'hidden', m.is_error && 'error', m.content || m.tool_name].filter(Boolean).join(' '))

describe('a log that was resumed', () => {
  test('gives every message once, in the order of the history', async () => {
    const step = await read(main)
    expect(shape(step).map((line) => line.slice(0, 60))).toEqual([
      'system text hidden <session_context>\nThis is the Gemini CLI.',
      'system text hidden <hook_context>remember the tide</hook_con',
      'system text hidden --- Content from referenced files ---\nCon',
      'user text prompt Light the lamp, see @plan.md',
      'user image [image/png 3 KB]',
      'assistant thinking Looking\nwhere the lamp is',
      'assistant text I light it.',
      'assistant tool_use write_file',
      'tool tool_result write_file',
      'system text hidden <hook_context>lint is clean</hook_context',
      'assistant tool_use run_shell_command',
      'tool tool_result run_shell_command',
      'assistant text It is lit.',
      'assistant thinking Reading\nonce more',
      'assistant tool_use read_file',
      'tool tool_result error read_file',
      'system text Request cancelled.',
      'user text /memory show',
      'user text prompt /srv/lighthouse/lamp.txt is too bright, dim',
      'assistant text Dimmed.',
    ])
    expect(step.skipped).toEqual([])
    expect(step.offset).toBe(fileAt(main).size)
  })

  test('keeps the times, the model and the tokens that the checkpoint lost', async () => {
    const { messages, usage, facts } = await read(main)
    const prompt = messages.find((m) => m.is_prompt)
    expect(prompt?.timestamp).toBe('2026-03-01T10:00:02.000Z')
    expect(messages.find((m) => m.content === 'I light it.')?.model).toBe('gemini-3-pro')
    expect(usage.map((u) => [u.key, u.model, u.input_tokens, u.output_tokens, u.cache_read_tokens])).toEqual([
      ['g1', 'gemini-3-pro', 505, 50, 400],
      ['g2', 'gemini-3-flash', 500, 10, 500],
      ['g3', 'gemini-3-pro', 500, 8, 600],
    ])
    expect(facts).toEqual({
      model: 'gemini-3-pro',
      title: 'Light the lamp, see @plan.md',
      started_at: '2026-03-01T10:00:00.000Z',
      last_activity_at: '2026-03-01T11:00:05.000Z',
    })
  })

  test('reports what the CLI says about ended calls', async () => {
    const { messages } = await read(main)
    const of = (id: string) => messages.filter((m) => m.tool_use_id === id)
    expect(of('c1')[0]?.actions).toEqual([{ kind: 'write', paths: [{ path: '/srv/lighthouse/lamp.txt', change: 'added' }], succeeded: true }])
    expect(of('c1')[1]?.tool_result).toBe('Successfully created lamp.txt')
    expect(of('c2')[0]?.actions).toEqual([{ kind: 'shell', command: 'false', exit_status: 1, succeeded: false }])
  })

  test('reads the same by place as from memory', async () => {
    expect(await read(main, 0)).toEqual(await read(main, Infinity))
  })
})

describe('what a checkpoint leaves out was said all the same', () => {
  const hooked = message('p1', 'user', [{ text: '<hook_context>by a hook</hook_context>\n\nPaint the door' }])

  test('a prompt that a hook was heard with, at a resume', async () => {
    const resumed = { $set: { messages: [message('c', 'user', [{ text: '<session_context>new</session_context>' }]), message('g1', 'gemini', [{ text: 'Painted.' }])] } }
    const step = await read(logOf(header, message('c', 'user', [{ text: '<session_context>old</session_context>' }]), hooked, message('g1', 'gemini', 'Painted.'), resumed, message('p2', 'user', 'And the gate')))
    expect(shape(step)).toEqual([
      'system text hidden <session_context>old</session_context>',
      'system text hidden <hook_context>by a hook</hook_context>',
      'user text prompt Paint the door',
      'assistant text Painted.',
      'user text prompt And the gate',
    ])
    expect(step.facts.title).toBe('Paint the door')
  })

  test('what a compression sums up; its summary is no prompt, and what it says again no message', async () => {
    const call = { id: 'c1', name: 'read_file', args: { file_path: 'a' }, status: 'success', result: [{ functionResponse: { id: 'c1', response: { output: 'x' } } }] }
    const compressed = [
      message('s', 'user', [{ text: 'So far all went well.' }]),
      message('t', 'gemini', [{ text: 'Got it. Thanks for the additional context!' }]),
      message('n1', 'user', [{ text: 'And the gate' }]),
      message('n2', 'gemini', [{ text: 'I look.' }, { functionCall: { id: 'c1', name: 'read_file', args: { file_path: 'a' } } }]),
    ]
    const step = await read(logOf(header, message('p1', 'user', 'Paint the door'), message('g1', 'gemini', 'Painted.'), message('p2', 'user', 'And the gate'), message('g2', 'gemini', 'I look.', { toolCalls: [call] }), { $set: { messages: compressed } }))
    expect(shape(step)).toEqual([
      'user text prompt Paint the door',
      'assistant text Painted.',
      'user text prompt And the gate',
      'assistant text I look.',
      'assistant tool_use read_file',
      'tool tool_result read_file',
      'system text So far all went well.',
      'assistant text Got it. Thanks for the additional context!',
    ])
  })
})

test('what a hook adds behind a result hides neither the exit status nor the output, and a picture is the tool’s', async () => {
  const output = '<untrusted_context>\nOutput: 1 failed\nExit Code: 3\nProcess Group PGID: 7\n</untrusted_context>'
  const response = { functionResponse: { id: 'c1', response: { output: `${output}\n\n<hook_context>by a hook</hook_context>` } } }
  const call = { id: 'c1', name: 'run_shell_command', args: { command: 'make' }, status: 'success', result: [response, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }] }
  const { messages } = await read(logOf(header, message('g', 'gemini', '', { toolCalls: [call] }), message('r', 'user', [response, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }])))
  expect(messages.map(({ role, content_type }) => `${role} ${content_type}`)).toEqual(['assistant tool_use', 'tool tool_result', 'tool image', 'system text'])
  expect(messages[0]?.actions).toEqual([{ kind: 'shell', command: 'make', exit_status: 3, succeeded: false }])
  expect(gemini.outcome?.('run_shell_command', messages[1]?.tool_result ?? '', false)).toEqual({ printed: '1 failed' })
})

test('a sub-agent has a parent, a machine-written prompt, and its task as title', async () => {
  expect(peekAt(subagent)).toEqual({
    external_id: '22222222-bbbb-4bbb-8bbb-000000000002',
    cwd: '/srv/lighthouse',
    started_at: '2026-03-01T10:00:20.000Z',
    git_branch: null,
    parent: { external_id: '11111111-aaaa-4aaa-8aaa-000000000001', relation: 'subagent' },
    preference: 1,
  })
  const step = await read(subagent)
  expect(shape(step).map((line) => line.slice(0, 40))).toEqual([
    'system text hidden <loaded_context>\nBe b',
    'user text Your task is to do a deep inve',
    'assistant tool_use complete_task',
    'tool tool_result error complete_task',
  ])
  expect(step.facts.title).toBe('Count the stairs')
})

test('a document gives merged rounds in the order of their calls', async () => {
  const step = await read(document)
  expect(shape(step)).toEqual([
    'user text prompt Paint the door',
    'assistant thinking colour first',
    'assistant text In three rounds.',
    'assistant tool_use write_todos',
    'tool tool_result write_todos',
    'assistant tool_use write_file',
    'tool tool_result write_file',
    'assistant tool_use replace',
    'tool tool_result error replace',
    'system text Slow network.',
    'user text System: Please continue.',
  ])
  expect(step.facts.title).toBe('Painting')
  expect(step.skipped.map(({ reason }) => reason)).toEqual(['unknown message type hologram'])
})

test('a document cut off in the middle gives nothing and settles nothing', async () => {
  const path = join(tempDir(), 'half.json')
  writeFileSync(path, readFileSync(document).subarray(0, 900))
  const step = await read(path)
  expect([step.messages, step.offset, step.skipped[0]?.reason]).toEqual([[], 0, 'not a whole JSON document'])
})

describe('replay', () => {
  const texts = async (...lines: unknown[]) => (await read(logOf(...lines))).messages.map((m) => m.content)

  test('a replaced message keeps its place', async () => {
    expect(await texts(header, message('a', 'gemini', 'one'), message('b', 'user', 'two'), message('a', 'gemini', 'three'))).toEqual(['three', 'two'])
  })

  test('messages of a document may have no id', async () => {
    expect(await texts({ ...header, messages: [{ type: 'user', content: 'one' }, { type: 'user', content: 'two' }] })).toEqual(['one', 'two'])
  })

  test('a shared id is two messages', async () => {
    expect(await texts(header, { $set: { messages: [message('a', 'gemini', 'one'), message('a', 'user', 'two')] } })).toEqual(['one', 'two'])
  })

  test('a rewind drops from the message on, and counts its tokens all the same', async () => {
    const tokens = { input: 5, output: 1, cached: 0, thoughts: 0, tool: 0, total: 6 }
    const step = await read(logOf(header, message('a', 'user', 'one'), message('b', 'gemini', 'two', { tokens }), { $rewindTo: 'b' }, message('c', 'user', 'three')))
    expect(step.messages.map((m) => m.content)).toEqual(['one', 'three'])
    expect(step.usage.map((u) => u.key)).toEqual(['b'])
  })

  test('a rewind to an unknown message drops all', async () => {
    expect(await texts(header, message('a', 'user', 'one'), { $rewindTo: 'x' }, message('c', 'user', 'three'))).toEqual(['three'])
  })

  test('a half line waits, a whole one without an end does not', async () => {
    const whole = JSON.stringify(message('b', 'user', 'two'))
    const half = await read(logOf(header, message('a', 'user', 'one'), whole.slice(0, 40)))
    expect([half.messages.length, half.skipped]).toEqual([1, []])
    const path = logOf(header, message('a', 'user', 'one'), whole)
    const done = await read(path)
    expect([done.messages.length, done.offset]).toEqual([2, fileAt(path).size])
    expect(half.offset).toBe(done.offset - whole.length)
  })

  test('what is unknown or broken is passed over with its place', async () => {
    const step = await read(logOf(header, '{oops\n', [1], { $push: {} }, { $set: { colour: 'red' } }, { odd: 1 }, '\0\0\0\n', message('a', 'hologram', 'x'), message('b', 'user', [{ smell: 1 }]), message('c', 'user', 'ok')))
    expect(step.messages.map((m) => m.content)).toEqual(['ok'])
    expect(step.skipped.map(({ reason }) => reason)).toEqual([
      'not JSON', 'not an object', 'unknown event $push', 'unknown field $set.colour', 'unknown record', 'NUL bytes',
      'unknown message type hologram', 'unknown content part smell',
    ])
    expect(step.skipped[0]).toMatchObject({ offset: JSON.stringify(header).length + 1, length: 6 })
  })

  test('no content makes it throw', async () => {
    const odd = [null, 0, '', [], {}, [null, 'x', { text: 5 }], { functionResponse: { response: { error: { code: 1 } } } }]
    const messages = odd.flatMap((value, i) => [
      message(`u${i}`, 'user', value, { displayContent: value }),
      message(`g${i}`, 'gemini', value, { thoughts: value, tokens: value, model: value, timestamp: value, toolCalls: [{ id: value, name: value, args: value, result: value, status: value }, value] }),
    ])
    await expect(read(logOf(header, ...messages, { $set: { messages: odd } }, ...messages))).resolves.toBeDefined()
  })

  test('many messages come in several steps, the last one with the offset', async () => {
    const path = logOf(header, ...Array.from({ length: 9 }, (_, i) => message(`m${i}`, 'user', 'x'.repeat(1 << 20))))
    const step = await read(path, 0)
    expect([step.messages.length, step.steps, step.offset]).toEqual([9, 10, fileAt(path).size])
  })
})

describe('prompts', () => {
  const rows = async (content: unknown, more?: object) => (await read(logOf(header, message('a', 'user', content, more)))).messages

  test.each([
    ['<hook_context>a</hook_context>\n\nFix it', 'Fix it', true],
    ['Fix it<hook_context>a</hook_context>', 'Fix it', true],
    ['/help', '/help', false],
    ['?', '?', false],
    ['I ran the following shell command:\n```sh\nls\n```', undefined, false],
  ])('%j', async (content, own, isPrompt) => {
    const user = (await rows(content)).find((m) => m.role === 'user')
    expect(user?.content).toBe(own ?? content)
    expect(user?.is_prompt).toBe(isPrompt)
  })

  test.each(['<session_context>\nx', '<loaded_context>x</loaded_context>', 'This is the Gemini CLI. We are setting up the context for our chat.', '<state_snapshot>x</state_snapshot>'])('%j is injected', async (content) => {
    expect((await rows(content)).map((m) => [m.role, m.searchable])).toEqual([['system', false]])
  })

  test('a custom command is what was typed, not what it stands for', async () => {
    expect((await rows('Review all of it.', { displayContent: [{ text: '/review all' }] })).map((m) => [m.role, m.content, m.is_prompt])).toEqual([
      ['system', 'Review all of it.', false],
      ['user', '/review all', false],
    ])
  })

  test('a request of a hook to go on is no second prompt', async () => {
    const step = await read(logOf(header, message('a', 'user', 'Fix it'), message('b', 'user', 'Tests fail', { displayContent: 'Fix it' })))
    expect(step.messages.map((m) => m.is_prompt)).toEqual([true, false])
  })
})

describe('where transcripts are and which they are', () => {
  test('folders', () => {
    expect(gemini.folders({}, '/home/a')).toEqual([join('/home/a', '.gemini/tmp')])
    expect(gemini.folders({ GEMINI_CLI_HOME: '/x' }, '/home/a')).toEqual([join('/x', '.gemini/tmp')])
  })

  test.each([
    ['/h/.gemini/tmp/p/chats/session-1.json', true],
    ['/h/.gemini/tmp/p/chats/session-1.jsonl', true],
    ['/h/.gemini/tmp/p/chats/parent/agent.jsonl', true],
    ['/h/.gemini/tmp/p/chats/session-1.jsonl.unreadable-5', false],
    ['/h/.gemini/tmp/p/logs.json', false],
    ['/h/.gemini/tmp/p/checkpoints/session-1.json', false],
  ])('%s', (path, kept) => {
    expect(gemini.keeps(path)).toBe(kept)
  })

  test('the folder comes from beside the transcript, the registry, the context, or a path with the right hash', () => {
    expect(peekAt(main)?.cwd).toBe('/srv/lighthouse')
    expect(peekAt(document)?.cwd).toBe('/srv/barn')
    expect(peekAt(logOf(header, message('a', 'user', "This is the Gemini CLI. We are setting up\nI'm currently working in the directory: /srv/pier\nHere")))?.cwd).toBe('/srv/pier')
    expect(peekAt(logOf(header))?.cwd).toBeNull()
  })

  test('a copy under any name is known, a look-alike is not', () => {
    expect(peekAt(logOf(header, message('a', 'gemini', 'x')))?.external_id).toBe('ab')
    expect(peekAt(logOf('\0\0\0\n', message('a', 'gemini', 'x')))?.external_id).toBe('log')
    expect(peekAt(logOf(header, message('a', 'user', 'x'), message('b', 'qwen', 'x')))).toBeUndefined()
    expect(peekAt(logOf({ sessionId: 'x', uuid: 'y', type: 'user', message: { role: 'user' } }))).toBeUndefined()
    expect(peekAt(logOf('hello\n'))).toBeUndefined()
    expect(peekAt(logOf())).toBeUndefined()
  })
})

describe('tools', () => {
  test.each([
    ['write_file', { file_path: 'a' }, [{ kind: 'write', paths: [{ path: 'a' }] }]],
    ['replace', { file_path: '/b' }, [{ kind: 'edit', paths: [{ path: '/b' }] }]],
    ['read_many_files', { include: ['a', 'b'] }, [{ kind: 'read', paths: [{ path: 'a' }, { path: 'b' }] }]],
    ['run_shell_command', { command: 'ls' }, [{ kind: 'shell', command: 'ls' }]],
    ['glob', { pattern: '*' }, [{ kind: 'search', label: '*' }]],
    ['google_web_search', {}, [{ kind: 'web' }]],
    ['invoke_agent', {}, [{ kind: 'subagent' }]],
    ['mcp_github_search', {}, [{ kind: 'mcp', mcp: { server: 'github', tool: 'search', arguments: {} } }]],
    ['toString', null, [{ kind: 'other' }]],
    ['write_todos', { todos: [{ description: 'x', status: 'completed' }, { description: 'y', status: 'cancelled' }, { description: 'z', status: 'odd' }] }, [{ kind: 'todo', todos: [{ content: 'x', status: 'completed' }, { content: 'z', status: 'pending' }] }]],
  ])('%s', (name, input, expected) => {
    expect(gemini.actions(name, input)).toEqual(expected)
  })
})
