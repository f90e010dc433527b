import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { codex } from '../src/sources/codex/index.ts'
import { headLines } from '../src/sources/transcript-file.ts'
import { fixture, input, outline, readWhole, total } from './fixtures/codex/read.ts'

const PARENT = '01958a00-0000-7000-8000-0000000000a1'
const peek = (path: string) => codex.peek({ path, lines: headLines(path) })

describe('bare', () => {
  test('head: branch from the header, folder from the environment block', () => {
    expect(peek(fixture('bare'))).toEqual({
      external_id: '3f0c2f6e-1d5a-4b8e-9a51-0a6f5b7d2c11',
      cwd: '/home/kim/tide',
      started_at: '2025-06-02T08:00:00.500Z',
      git_branch: 'trunk',
      parent: null,
      preference: 1,
    })
  })

  test('items stand alone, and take the time of the header', async () => {
    const whole = await readWhole(fixture('bare'))
    expect(outline(whole).slice(0, 6)).toEqual(['system/text', 'user/text!', 'assistant/thinking', 'assistant/text', 'assistant/tool_use', 'tool/tool_result'])
    expect(new Set(whole.messages.map(({ timestamp }) => timestamp))).toEqual(new Set(['2025-06-02T08:00:00.500Z']))
    expect(whole.facts).toMatchObject({ cwd: '/home/kim/tide', git_branch: 'trunk', title: 'Write the tide table' })
    expect(whole.skipped).toEqual([])
  })

  test('outputs are taken out of their JSON, failures are marked, broken arguments are kept', async () => {
    const { messages } = await readWhole(fixture('bare'))
    const results = messages.filter(({ role }) => role === 'tool')
    expect(results.map(({ tool_name, tool_result, is_error }) => [tool_name, tool_result, is_error])).toEqual([
      ['shell', 'README.md\n', false],
      ['update_plan', 'Plan updated', false],
      ['shell', 'Success. Updated the following files:\nA tide.txt\n', false],
      ['shell', 'cat: nothing.txt: No such file\n', true],
      ['shell', 'failed to parse function arguments: key must be a string', true],
    ])
    expect(input(messages.findLast(({ content_type }) => content_type === 'tool_use')!)).toBe('{"command": [broken')
  })
})

describe('wrapped', () => {
  test('nothing is read twice, what was injected is no prompt, and unknown types are counted', async () => {
    const whole = await readWhole(fixture('wrapped'))
    expect(outline(whole)).toEqual([
      'system/text', 'system/text', 'system/text',
      'system/text', 'user/text!', 'system/text', 'user/image', 'system/text',
      'assistant/text', 'assistant/tool_use', 'tool/tool_result',
      'assistant/tool_use', 'tool/tool_result', 'assistant/tool_use', 'tool/tool_result',
      'assistant/tool_use', 'tool/tool_result', 'assistant/tool_use', 'tool/tool_result',
      'system/text', 'assistant/tool_use', 'user/text!', 'assistant/text',
    ])
    expect(whole.messages.filter(({ is_prompt }) => is_prompt).map(({ content }) => content)).toEqual(['Add this chart to the README', '<task>Now the French one</task>'])
    expect(whole.messages.filter(({ role, searchable }) => role === 'system' && searchable)).toEqual([])
    expect(whole.messages[6]?.content).toBe('[image/png 3 KB]')
    expect(whole.skipped).toEqual(['unknown type: tide_changed', 'unknown type: moon_phase'])
  })

  test('a failed patch is an error, a late exit is told of the command', async () => {
    const { messages } = await readWhole(fixture('wrapped'))
    const calls = messages.filter(({ content_type }) => content_type === 'tool_use')
    expect(calls.map(({ actions }) => actions)).toEqual([
      [{ kind: 'shell', command: 'cat README.md', succeeded: true, exit_status: 0 }],
      null,
      [
        {
          kind: 'edit',
          succeeded: true,
          paths: [
            { path: '/home/kim/tide/readme.md', change: 'renamed', from: '/home/kim/tide/README.md' },
            { path: '/home/kim/tide/données.md', change: 'added' },
            { path: '/home/kim/tide/old.md', change: 'deleted' },
          ],
        },
      ],
      [{ kind: 'shell', command: 'git commit -m Chart', succeeded: true, exit_status: 0 }],
      null,
      null,
    ])
    expect(messages.filter(({ is_error }) => is_error).map(({ tool_use_id }) => tool_use_id)).toEqual(['call_2'])
  })

  test('facts come from the first header, totals are counted once', async () => {
    const whole = await readWhole(fixture('wrapped'))
    expect(whole.facts).toEqual({
      cwd: '/home/kim/tide',
      git_branch: 'main',
      model: 'gpt-small',
      title: 'Tide charts',
      started_at: '2026-03-01T08:59:59.900Z',
      last_activity_at: '2026-03-01T09:00:37.037Z',
    })
    expect(whole.usage.map(({ key, model }) => [key, model])).toEqual([[expect.stringMatching(/^[0-9a-f-]{36} total:1$/), 'gpt-small'], [expect.stringMatching(/^[0-9a-f-]{36} total:2$/), 'gpt-small']])
    expect(total(whole.usage)).toEqual([1600, 1400, 0, 90])
  })

  test('events give the chat where there are no items', async () => {
    const whole = await readWhole(fixture('events-only'))
    expect(outline(whole)).toEqual(['user/text!', 'assistant/thinking', 'assistant/text'])
    expect(whole.facts.title).toBe('only events here')
  })
})

describe('paginated', () => {
  test('blocks are told apart by their kinds', async () => {
    const whole = await readWhole(fixture('paginated'))
    expect(whole.messages.filter(({ is_prompt }) => is_prompt).map(({ content }) => content)).toEqual(['<heartbeat> is the name of my function, rename it'])
    expect(whole.messages.find(({ content }) => content === 'Always answer in rhyme')).toMatchObject({ role: 'system', searchable: false })
    expect(whole.messages.find(({ content_type }) => content_type === 'thinking')?.content).toBe('**One**\n\n**Two**')
    expect(whole.skipped).toEqual(['unknown type: item_completed/Whirlpool'])
  })

  test('completed items report on their calls', async () => {
    const { messages } = await readWhole(fixture('paginated'))
    const calls = messages.filter(({ content_type }) => content_type === 'tool_use')
    expect(calls.map(({ tool_name, actions }) => [tool_name, actions])).toEqual([
      ['exec_command', [{ kind: 'shell', command: 'cat missing', succeeded: false, exit_status: 1 }]],
      ['apply_patch', [{ kind: 'edit', paths: [{ path: '/home/kim/tide/b.txt', change: 'added' }], succeeded: true }]],
      ['update_plan', null],
      ['view_image', null],
    ])
    const results = messages.filter(({ role }) => role === 'tool')
    expect(results.map(({ is_error }) => is_error)).toEqual([true, false, true, false])
    expect(results.at(-1)?.tool_result).toBe('[image/png 2 KB]')
  })

  test('each request is counted once, those of other threads not', async () => {
    const { usage } = await readWhole(fixture('paginated'))
    expect(usage.map(({ key }) => key)).toEqual(['token_usage_record:resp_1', 'token_usage_record:resp_2'])
    expect(total(usage)).toEqual([900, 2000, 100, 70])
  })
})

describe('code mode', () => {
  test('what a cell did is told of the cell', async () => {
    const { messages } = await readWhole(fixture('code-mode'))
    const calls = messages.filter(({ content_type }) => content_type === 'tool_use')
    expect(calls.map(({ actions }) => actions)).toEqual([
      null,
      [{ kind: 'edit', paths: [{ path: '/home/kim/tide/a.rs', change: 'modified' }], succeeded: true }],
      [{ kind: 'mcp', succeeded: true }],
      null,
    ])
    const results = messages.filter(({ role }) => role === 'tool')
    expect(results[0]?.tool_result).toBe('Script completed\nWall time 0.1 seconds\nOutput:\n M a.rs\nsecond')
    expect(results.map(({ is_error }) => is_error)).toEqual([false, false, false, true])
  })

  test('prompts without the app’s wrapping', async () => {
    const { messages, facts } = await readWhole(fixture('code-mode'))
    expect(messages.filter(({ is_prompt }) => is_prompt).map(({ content }) => content)).toEqual(['Fix all those', 'Plan of tides: /tmp/pasted-text.txt'])
    expect(messages[0]).toMatchObject({ role: 'user', is_prompt: false, searchable: true })
    expect(facts.title).toBe('Fix all those')
  })
})

/** The rows of a rollout in the paginated form, with a header before the given payloads. */
async function readPayloads(...payloads: object[]) {
  const folder = mkdtempSync(join(tmpdir(), 'gobby-codex-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'rollout-2026-03-01T10-00-00-01958a00-0000-7000-8000-0000000000a1.jsonl')
  const lines = [{ type: 'session_meta', payload: { id: PARENT, timestamp: '2026-03-01T10:00:00.000Z', cwd: '/w' } }, ...payloads.map((payload) => ({ type: 'type' in payload && payload.type === 'item_completed' ? 'event_msg' : 'response_item', payload }))]
  writeFileSync(path, lines.map((line) => `${JSON.stringify({ timestamp: '2026-03-01T10:00:01.000Z', ...line })}\n`).join(''))
  return readWhole(path)
}

test('the words beside a picture are the prompt, not the tags around the picture', async () => {
  const content = [
    { type: 'input_text', text: '<image name=[Image #1] path="/w/a.png">' },
    { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
    { type: 'input_text', text: '</image>' },
    { type: 'input_text', text: 'What is this?' },
  ]
  const kinds = ['user.text', 'user.image', 'user.text', 'user.text']
  const { messages, facts, skipped } = await readPayloads(
    { type: 'additional_tools', role: 'developer', tools: [] },
    { type: 'message', role: 'user', content, internal_chat_message_metadata_passthrough: { content_item_kinds: kinds } },
  )
  expect(messages.map(({ role, content_type, is_prompt }) => [role, content_type, is_prompt])).toEqual([
    ['system', 'text', false],
    ['user', 'image', false],
    ['system', 'text', false],
    ['user', 'text', true],
  ])
  expect(facts.title).toBe('What is this?')
  expect(skipped).toEqual([])
})

test('of several cells a command is told of the one that names it, also when it ends after its cell', async () => {
  const cell = (call_id: string, cmd: string) => ({ type: 'custom_tool_call', name: 'exec', call_id, input: `text(await tools.exec_command(${JSON.stringify({ cmd })}))` })
  const answer = (call_id: string, result: object) => ({ type: 'custom_tool_call_output', call_id, output: `Script completed\nWall time 0.1 seconds\nOutput:\n${JSON.stringify(result)}` })
  const end = (cmd: string, exit_code: number) => ({ type: 'item_completed', item: { type: 'CommandExecution', id: 'exec-1', command: ['bash', '-lc', cmd], exit_code } })
  const { messages } = await readPayloads(
    cell('a', 'echo "one"'),
    cell('b', 'make'),
    end('echo "one"', 0),
    answer('a', { exit_code: 0, output: 'one' }),
    answer('b', { session_id: 7, output: '' }),
    cell('c', 'ls'),
    end('make', 2),
    end('ls', 0),
    answer('c', { exit_code: 0, output: '' }),
  )
  const done = messages.filter(({ content_type }) => content_type === 'tool_use').map(({ actions }) => actions?.map(({ command, exit_status }) => [command, exit_status]))
  expect(done).toEqual([[['echo "one"', 0]], [['make', 2]], [['ls', 0]]])
})

describe('sessions that came from another', () => {
  test('a fork begins with its own first turn', async () => {
    expect(peek(fixture('fork'))?.parent).toEqual({ external_id: PARENT, relation: 'fork' })
    const whole = await readWhole(fixture('fork'))
    expect(whole.messages.map(({ content }) => content).slice(1)).toEqual(['my own prompt', 'my own answer'])
    expect(whole.facts).toMatchObject({ cwd: '/home/kim/fork', git_branch: 'side', model: 'gpt-own', title: 'my own prompt', started_at: '2026-03-01T10:00:00.000Z' })
    expect(total(whole.usage)).toEqual([500, 100, 0, 30])
  })

  test('a sub-agent’s prompt is machine-written', async () => {
    expect(peek(fixture('subagent'))).toMatchObject({ external_id: '01958c00-0000-7000-8000-0000000000c3', parent: { external_id: PARENT, relation: 'subagent' } })
    const whole = await readWhole(fixture('subagent'))
    expect(outline(whole)).toEqual(['system/text', 'user/text', 'assistant/text'])
    expect(whole.facts.title).toBe('Check the moon tables')
    expect(whole.usage).toEqual([])
  })

  test('a review names its parent beside its source', () => {
    const meta = { id: 'r', parent_thread_id: 'p', timestamp: '2026-03-01T10:00:00.000Z', source: { subagent: 'review' } }
    const lines = [JSON.stringify({ type: 'session_meta', payload: meta })]
    expect(codex.peek({ path: 'x', lines })?.parent).toEqual({ external_id: 'p', relation: 'subagent' })
  })
})

describe('files', () => {
  test('a compressed rollout reads the same, and is the second choice', async () => {
    const top = mkdtempSync(join(tmpdir(), 'gobby-codex-'))
    onTestFinished(() => rmSync(top, { recursive: true }))
    const path = join(top, 'rollout-2026-03-01T09-00-00-x.jsonl.zst')
    const bytes = readFileSync(fixture('wrapped'))
    writeFileSync(path, zstdCompressSync(bytes))
    const [plain, packed] = [await readWhole(fixture('wrapped')), await readWhole(path)]
    expect(packed).toEqual(plain)
    expect(codex.peek({ path, lines: bytes.toString().split('\n') })?.preference).toBe(0)
  })

  test('a name decides in the folders, the content for a file that a person names', () => {
    const top = mkdtempSync(join(tmpdir(), 'gobby-codex-'))
    onTestFinished(() => rmSync(top, { recursive: true }))
    const other = join(top, 'anything.txt')
    copyFileSync(fixture('paginated'), other)
    expect(peek(other)?.external_id).toBe('01a20000-0000-7000-8000-0000000000e5')
    expect(['rollout-a.jsonl', 'rollout-a.jsonl.zst', 'history.jsonl', 'rollout-a.json'].map(codex.keeps)).toEqual([true, true, false, false])
    expect(codex.folders({}, '/h')).toEqual(['/h/.codex/sessions', '/h/.codex/archived_sessions'])
    expect(codex.folders({ CODEX_HOME: '/c' }, '/h')).toEqual(['/c/sessions', '/c/archived_sessions'])
  })

  test.each([
    '', 'not json', '[]', '{"type":"session","id":"a","timestamp":"t","cwd":"/"}', '{"sessionId":"a","projectHash":"b"}',
    '{"type":"session.start","data":{"sessionId":"a"}}', '{"uuid":"a","sessionId":"b","type":"user"}', '{"type":"session_meta","payload":{}}',
  ])('refuses %s', (line) => {
    expect(codex.peek({ path: 'rollout-x.jsonl', lines: [line] })).toBeUndefined()
  })
})
