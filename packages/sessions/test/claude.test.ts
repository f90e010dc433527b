import { describe, expect, test } from 'vitest'
import { claude } from '../src/sources/claude/index.ts'
import { headLines } from '../src/sources/transcript-file.ts'
import { fixture, fixtures, input, outline, readWhole, total } from './fixtures/claude/read.ts'
import { assistant, lines, read, SESSION, system, text, user, write } from './fixtures/claude/rows.ts'

const tide = (name: string) => fixture(`projects/-home-kim-tide/${name}`)
const id = (n: number) => `0a000000-0000-4000-8000-00000000000${n}`
const peek = (path: string) => claude.peek({ path, lines: headLines(path) })

describe('the life of a session', () => {
  const life = tide(id(1))

  test('every block in its role, in the order of the file', async () => {
    expect(outline(await readWhole(life))).toEqual([
      'system/text', 'system/text', 'system/text',
      'system/text', 'system/text', 'user/text!', 'system/text', 'assistant/thinking', 'assistant/text', 'assistant/tool_use', 'tool/tool_result',
      'assistant/tool_use', 'tool/tool_result', 'user/text!', 'user/text', 'assistant/text',
      'assistant/tool_use', 'assistant/tool_use', 'tool/tool_result', 'tool/tool_result', 'system/text',
      'assistant/tool_use', 'tool/tool_result', 'assistant/tool_use', 'tool/tool_result',
      'user/text!', 'user/image', 'system/text', 'assistant/text', 'user/image!',
      'assistant/tool_use', 'tool/tool_result', 'system/text', 'user/text!',
      'assistant/tool_use', 'tool/tool_result', 'system/text', 'system/text', 'assistant/tool_use', 'tool/tool_result',
      'system/text', 'system/text', 'system/text', 'system/text', 'system/text', 'system/text', 'user/text!', 'assistant/text', 'assistant/text',
    ])
  })

  test('its facts', async () => {
    const { facts } = await readWhole(life)
    expect(facts).toEqual({
      cwd: '/home/kim/tide',
      git_branch: 'brest',
      model: 'claude-tide-1',
      title: 'Tides of Brest',
      started_at: '2026-03-01T09:00:01.000Z',
      last_activity_at: '2026-03-01T09:00:55.000Z',
      marks: ['0001-003', '0001-045'],
    })
  })

  test('what hooks, the CLI and requests repeated is no text that a search finds', async () => {
    const { messages } = await readWhole(life)
    expect(messages.filter((message) => message.searchable && JSON.stringify(message).includes('gull'))).toEqual([])
    expect(messages.filter(({ role, content }) => role !== 'system' && content.includes('gull'))).toEqual([])
  })

  test('results belong to their calls, failed ones are marked, pictures and large outputs stand in words', async () => {
    const results = (await readWhole(life)).messages.filter(({ role }) => role === 'tool')
    expect(results.map(({ tool_name, tool_use_id, is_error, tool_result }) => [tool_name, tool_use_id, is_error, tool_result?.slice(0, 28)])).toEqual([
      ['TodoWrite', 'toolu_1', false, 'Todos have been modified suc'],
      ['Bash', 'toolu_2', true, 'Exit code 3\nno rule'],
      ['Agent', 'toolu_4', false, 'The pier stands.\n[tool: WebF'],
      ['Read', 'toolu_3', false, '[image/png 3 KB]'],
      ['TaskCreate', 'toolu_5', false, 'Task #1 created successfully'],
      ['TaskUpdate', 'toolu_6', false, 'Updated task #1 status'],
      ['Write', 'toolu_7', true, "The user doesn't want to pro"],
      ['Bash', 'toolu_8', false, '<persisted-output>\nOutput to'],
      ['web_search', 'srvtoolu_1', false, '{"type":"web_search_result",'],
    ])
  })

  test('todos: whole lists and single tasks', async () => {
    const calls = (await readWhole(life)).messages.filter(({ content_type }) => content_type === 'tool_use')
    const todos = calls.flatMap((call) => claude.actions(call.tool_name!, input(call))).filter(({ kind }) => kind === 'todo')
    expect(todos).toMatchObject([{ todos: [{ content: 'Harmonics', status: 'in_progress' }, { content: 'Heights', status: 'pending' }] }, {}, {}])
  })

  test('usage: each API message once, its largest counts, none of what a result repeats or the CLI answered itself', async () => {
    const { usage } = await readWhole(life)
    const messages = 9
    expect(new Set(usage.map(({ key }) => key)).size).toBe(messages)
    expect(total(usage)).toEqual([messages * 3, 30 + (messages - 1) * 10, messages * 100, messages * 20])
    expect(new Set(usage.map(({ model }) => model))).toEqual(new Set(['claude-tide-1']))
  })

  test('what nobody knows is counted, and stops nothing', async () => {
    expect((await readWhole(life)).skipped).toEqual(['unknown system row: sea_state', 'unknown attachment: moon_phase', 'unknown block: semaphore', 'unknown type: tide-warning'])
  })
})

describe('sub-agents', () => {
  test.each([
    [`${id(1)}/subagents/agent-a1`, 'agent-a1', 'Look at the pier'],
    [`${id(1)}/subagents/workflows/run-7/agent-w2`, 'agent-w2', 'Count the piers'],
    ['agent-c3', 'agent-c3', 'Go on'],
  ])('%s', async (name, agent, title) => {
    expect(peek(tide(name))).toMatchObject({ external_id: `${agent}@${id(1)}`, parent: { external_id: id(1), relation: 'subagent' } })
    const whole = await readWhole(tide(name))
    expect(whole.messages.filter(({ is_prompt, is_sidechain }) => is_prompt || is_sidechain)).toEqual([])
    expect(whole.facts).toMatchObject({ title, marks: [] })
  })

  test('in their parent’s own file: neither prompt nor title nor model', async () => {
    const whole = await readWhole(tide('old layout'))
    expect(whole.messages.map(({ role, content, is_sidechain, is_prompt }) => [role, content, is_sidechain, is_prompt])).toEqual([
      ['system', '<bash-input>make tide</bash-input>', false, false],
      ['user', 'Ask a helper', false, true],
      ['user', 'about the lock', false, false],
      ['assistant', '', false, false],
      ['user', 'How high is the lock?', true, false],
      ['assistant', 'Nine metres.', true, false],
      ['tool', '', false, false],
      ['assistant', 'Nine.', false, false],
      ['assistant', 'Ten.', true, false],
    ])
    expect(whole.facts).toMatchObject({ title: 'The lock, measured', model: 'claude-tide-1' })
  })

  test('a folder that happens to be named as theirs is none', () => {
    const path = write(lines(user('x', { isSidechain: true })), 'agent-a.jsonl')
    expect(claude.peek({ path: path.replace('/gobby-claude-', '/subagents/gobby-claude-'), lines: headLines(path) })?.external_id).toBe(`agent-a@${SESSION}`)
  })
})

describe('forks', () => {
  test('one begins with the line that its origin marked, one after a compaction as well', async () => {
    const { marks } = (await readWhole(tide(id(1)))).facts
    expect(marks).toEqual([peek(tide(id(2)))?.mark, peek(tide(id(3)))?.mark])
    expect((await readWhole(tide(id(2)))).facts.marks).toEqual([marks?.[0]])
  })

  test('the origin is the earlier: its name stands in the answers, or in `forkedFrom`', () => {
    expect([peek(tide(id(1)))?.follows, peek(tide(id(2)))?.follows]).toEqual([undefined, id(1)])
    expect(peek(tide(id(4)))?.parent).toEqual({ external_id: id(1), relation: 'fork' })
  })

  test('a second compaction gives a second mark', async () => {
    const boundary = system({ subtype: 'compact_boundary', content: 'Conversation compacted' })
    const [first, second, third] = [user('a'), user('b', { isCompactSummary: true }), user('c', { isCompactSummary: true })]
    expect((await read(first, user('x'), boundary, second, user('y'), boundary, third)).facts.marks).toEqual([first.uuid, second.uuid, third.uuid])
  })
})

describe('whose file it is', () => {
  test('each fixture is recognised, by its name or by its rows', () => {
    expect(fixtures().filter((path) => !peek(path))).toEqual([])
    expect(peek(tide('old layout'))?.external_id).toBe(id(5))
    expect(peek(write(lines(user('x')), 'copy of it.jsonl'))?.external_id).toBe(SESSION)
    expect(peek(write(lines(user('x', { sessionId: 'another' }))))?.external_id).toBe(SESSION)
  })

  test('a file of metadata alone is this CLI’s, and holds no session', async () => {
    const path = write(lines({ type: 'permission-mode', permissionMode: 'auto', sessionId: SESSION }, { type: 'last-prompt', lastPrompt: 'x' }))
    expect(peek(path)?.external_id).toBe(SESSION)
    expect((await readWhole(path)).messages).toEqual([])
  })

  test.each([
    ['Qwen’s', { ...user('x'), message: { role: 'user', parts: [{ text: 'x' }] } }],
    ['Qwen’s system row first', { type: 'system', subtype: 'ui_telemetry', uuid: 'u', parentUuid: null, sessionId: SESSION, timestamp: '2026-03-01T09:00:00.000Z' }],
    ['iFlow’s', user('x', { sessionId: 'session-12ab' })],
    ['pi’s', { type: 'session', version: 3, id: SESSION, timestamp: '2026-03-01T09:00:00.000Z', cwd: '/w' }],
    ['Droid’s', { type: 'message', id: 'a', message: { role: 'user', content: [text('x')] } }],
    ['a list', [1]],
    ['anything', { type: 'toString', toString: 1 }],
  ])('%s is not', (_, row) => {
    expect(peek(write(lines(row)))).toBeUndefined()
  })

  test('a look-alike is found out behind its metadata', () => {
    expect(peek(write(lines({ type: 'summary', summary: 's', leafUuid: 'l' }, { ...user('x'), message: { parts: [] } })))).toBeUndefined()
    expect(peek(write('\0\0\0\n'))).toBeUndefined()
    expect(peek(write(Buffer.from([0x1f, 0x8b, 8, 0])))).toBeUndefined()
  })

  test('where they lie', () => {
    expect(claude.folders({}, '/home/kim')).toEqual(['/home/kim/.claude/projects', '/home/kim/.config/claude/projects'])
    expect(claude.folders({ CLAUDE_CONFIG_DIR: '/c' }, '/home/kim')).toEqual(['/c/projects'])
    expect(['/c/projects/p/a.jsonl', '/c/projects/p/s/subagents/workflows/r/journal.jsonl', '/c/projects/p/s/tool-results/b.txt', '/c/projects/p/sessions-index.json'].map((path) => claude.keeps(path))).toEqual([true, false, false, false])
  })
})

describe('odd rows', () => {
  test('contents of every shape', async () => {
    const whole = await read(
      assistant('one string'),
      assistant([text('a'), text(' '), { type: 'tool_use', input: null }, { type: 'tool_use', id: 7, name: 7, input: 'raw' }, { type: 'thinking' }, 'b', null]),
      user([{ type: 'tool_result', tool_use_id: 'nobody', content: { text: 'x' } }, { type: 'tool_result', content: null }, { type: 'document', source: { media_type: 'application/pdf', data: 'AAAA' } }]),
      user([{ type: 'tool_result', tool_use_id: 't', content: ['p', text('q'), { type: 'odd' }] }], { toolUseResult: 'Error: no' }),
      user([{ type: 'tool_result', tool_use_id: 'u', content: 'x' }], { toolUseResult: 'Errors are listed here' }),
    )
    expect(whole.messages.map(({ role, content, tool_name, tool_input, tool_result, is_error }) => [role, content || tool_result, tool_name, tool_input, is_error])).toEqual([
      ['assistant', 'one string', null, null, false],
      ['assistant', 'a', null, null, false],
      ['assistant', null, 'unknown', 'null', false],
      ['assistant', null, 'unknown', '"raw"', false],
      ['assistant', 'b', null, null, false],
      ['tool', 'x', null, null, false],
      ['tool', '', null, null, false],
      ['user', '[application/pdf 1 KB]', null, null, false],
      ['tool', 'p\nq\n{"type":"odd"}', null, null, true],
      ['tool', 'x', null, null, false],
    ])
  })

  test('rows without what they need are counted', async () => {
    const whole = await read(user('x', { message: undefined }), assistant('x', {}), { ...assistant('x'), message: 'hello' }, { type: 'attachment' }, { silly: 'this' }, 5, 'x', null, [])
    expect(whole.messages).toHaveLength(1)
    expect(whole.skipped).toEqual(['user without a message', 'assistant without a message', 'attachment without content', 'no type', 'not a record', 'not a record', 'not a record', 'not a record'])
  })

  test('usage without an id counts by request, then by row', async () => {
    const usage = { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: null }
    const one = { ...assistant('x', { id: undefined, usage }), requestId: 'req' }
    expect(total((await read(one, { ...one, uuid: 'other' }, assistant('y', { id: undefined, usage }), assistant('z', { usage: 'x' }))).usage)).toEqual([2, 4, 0, 0])
  })
})
