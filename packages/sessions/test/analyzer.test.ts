import type { Step } from '@gobby/storage'
import fc from '@gobby/testing/property'
import { describe, expect, test } from 'vitest'
import { analyze } from '../src/analyzer/analyzer.ts'
import { sourceNamed } from '../src/sources/index.ts'
import type { Reader } from '../src/analyzer/calls.ts'

const reader = sourceNamed('claude') as Reader
const root = '/home/kim/orchard'

/** A session as a list of events, so that a case reads like a conversation. */
function session(...events: (Partial<Step> & { result?: string })[]) {
  const steps: Step[] = []
  const results = new Map<number, string>()
  for (const { result, ...event } of events) {
    const message_index = steps.length
    steps.push({
      message_index,
      role: 'assistant',
      content_type: 'text',
      tool_name: null,
      tool_use_id: null,
      is_error: false,
      timestamp: null,
      is_prompt: false,
      is_sidechain: false,
      actions: null,
      tool_input: null,
      content: '',
      ...event,
    })
    if (result !== undefined) results.set(message_index, result)
  }
  return { steps, results, reader, folder: root, cwd: root }
}

let calls = 0
const prompt = (content: string): Partial<Step> => ({ role: 'user', content, is_prompt: true })
const system = (content: string): Partial<Step> => ({ role: 'system', content })
/** `null`: the call never got a result. */
function call(tool_name: string, tool_input: unknown, result: string | null = 'ok', is_error = false): (Partial<Step> & { result?: string })[] {
  const tool_use_id = `call_${++calls}`
  const use = { content_type: 'tool_use' as const, tool_name, tool_input, tool_use_id }
  return result === null ? [use] : [use, { role: 'tool' as const, content_type: 'tool_result' as const, tool_use_id, is_error, result }]
}
const edit = (path: string, is_error = false) => call('Edit', { file_path: `${root}/${path}` }, 'ok', is_error)
const shell = (command: string, result = '', is_error = false) => call('Bash', { command }, result, is_error)

describe('goal and latest request', () => {
  const cases: [string, string[], string | null, string | null][] = [
    ['none', [], null, null],
    ['one prompt', ['Fix the gate'], 'Fix the gate', null],
    ['a new request', ['Fix the gate', 'Now paint it'], 'Fix the gate', 'Now paint it'],
    ['words that only let it go on', ['Fix the gate', 'ok, continue', 'yes please', 'try again', 'approved', '/compact', '2', 'go ahead and commit'], 'Fix the gate', null],
    ['the last that asks', ['Fix the gate', 'Now paint it', 'go on'], 'Fix the gate', 'Now paint it'],
    ['the same again', ['Fix the gate', 'Fix the gate'], 'Fix the gate', null],
  ]
  test.each(cases)('%s', (_name, prompts, initial_goal, latest_request) => {
    expect(analyze(session(...prompts.map(prompt)))).toMatchObject({ initial_goal, latest_request })
  })

  test('a long goal is cut at 2,000 characters between words', () => {
    const goal = analyze(session(prompt('word '.repeat(1000)))).initial_goal as string
    expect(goal.length).toBeLessThanOrEqual(2000)
    expect(goal).toMatch(/word…$/)
  })

  test('only what came after the last /clear counts, a compaction is no boundary', () => {
    const clear = system('<command-name>/clear</command-name>\n<command-message>clear</command-message>')
    const found = analyze(session(prompt('Old'), ...edit('old.ts'), clear, prompt('New'), system('This session is being continued from a previous conversation'), ...edit('new.ts')))
    expect(found.initial_goal).toBe('New')
    expect(found.files.map(({ path }) => path)).toEqual(['new.ts'])
  })
})

describe('todos', () => {
  test('empty TodoWrite todos list is empty, not the list before', () => {
    const todos = [{ content: 'Prune', status: 'in_progress' }]
    expect(analyze(session(...call('TodoWrite', { todos }))).todos).toEqual(todos)
    expect(analyze(session(...call('TodoWrite', { todos }), ...call('TodoWrite', { todos: [] }))).todos).toEqual([])
  })

  test('single tasks are replayed, their ids come from the results', () => {
    const found = analyze(
      session(
        ...call('TaskCreate', { subject: 'Prune' }, 'Task #7 created successfully: Prune'),
        ...call('TaskCreate', { subject: 'Water' }, 'Task #8 created successfully: Water'),
        ...call('TaskCreate', { subject: 'Mow' }, 'Task #9 created successfully: Mow'),
        ...call('TaskUpdate', { taskId: '7', status: 'completed' }),
        ...call('TaskUpdate', { taskId: '8', status: 'in_progress' }, 'no such task', true),
        ...call('TaskUpdate', { taskId: '9', status: 'deleted' }),
      ),
    )
    expect(found.todos).toEqual([
      { content: 'Prune', status: 'completed' },
      { content: 'Water', status: 'pending' },
    ])
  })

  test("a failed call, and a sub-agent's, change nothing", () => {
    const todos = [{ content: 'Prune', status: 'pending' }]
    const sidechain = call('TodoWrite', { todos }).map((event) => ({ ...event, is_sidechain: true }))
    expect(analyze(session(...call('TodoWrite', { todos }, 'refused', true), ...sidechain)).todos).toEqual([])
  })
})

describe('files', () => {
  test('several Edit and Write calls on one file give it once, the newest touch first', () => {
    const found = analyze(session(...call('Write', { file_path: `${root}/a.ts` }, 'File created successfully at: a.ts'), ...edit('b.ts'), ...edit('a.ts'), ...edit('c.ts'), ...edit('b.ts')))
    expect(found.files).toEqual([
      { path: 'b.ts', change: 'modified', by: 'session' },
      { path: 'c.ts', change: 'modified', by: 'session' },
      { path: 'a.ts', change: 'added', by: 'session' },
    ])
  })

  test('failed, refused and unanswered calls do not count', () => {
    expect(analyze(session(...edit('a.ts', true), ...call('Edit', { file_path: `${root}/b.ts` }, null))).files).toEqual([])
  })

  test('what the source reported stands for what was asked', () => {
    const [use, result] = call('Edit', { file_path: 'x' })
    const actions = [{ kind: 'edit' as const, succeeded: true, paths: [{ path: `${root}/new.ts`, change: 'renamed' as const, from: `${root}/old.ts` }, { path: `${root}/gone.ts`, change: 'deleted' as const }] }]
    expect(analyze(session({ ...use, actions }, result as object)).files).toEqual([
      { path: 'gone.ts', change: 'deleted', by: 'session' },
      { path: 'new.ts', change: 'renamed', by: 'session' },
      { path: 'old.ts', change: 'deleted', by: 'session' },
    ])
  })

  test('sub-agents count, marked, in the order of time', () => {
    const touches = [{ path: `${root}/sub.ts`, change: undefined, by: 'subagent' as const, timestamp: '2026-03-01T09:00:05.000Z' }]
    const at = (timestamp: string, events: Partial<Step>[]) => events.map((event) => ({ ...event, timestamp }))
    const input = session(...at('2026-03-01T09:00:00.000Z', edit('first.ts')), ...at('2026-03-01T09:00:09.000Z', edit('last.ts')))
    expect(analyze({ ...input, subagent_touches: touches }).files).toEqual([
      { path: 'last.ts', change: 'modified', by: 'session' },
      { path: 'sub.ts', change: 'modified', by: 'subagent' },
      { path: 'first.ts', change: 'modified', by: 'session' },
    ])
  })

  test('paths of a session that ran on Windows are given relative too', () => {
    const input = { ...session(...call('Edit', { file_path: 'C:\\work\\orchard\\src\\a.ts' })), folder: 'C:\\work\\orchard', cwd: 'C:\\work\\orchard' }
    expect(analyze(input).files.map(({ path }) => path)).toEqual(['src\\a.ts'])
  })

  test('paths outside the folder stay whole, relative ones count from the folder', () => {
    const found = analyze(session(...call('Edit', { file_path: '/etc/hosts' }), ...call('Edit', { file_path: './src/../a.ts' })))
    expect(found.files.map(({ path }) => path)).toEqual(['a.ts', '/etc/hosts'])
  })
})

describe('malformed tool blocks', () => {
  const inputs: unknown[] = [null, 'text', 42, [], {}, { file_path: 7 }, { todos: 'none' }, { todos: [null, 3, { status: 1 }] }, { command: null }]
  test.each(['Edit', 'Write', 'Bash', 'TodoWrite', 'TaskCreate', 'TaskUpdate', 'Agent', 'mcp__x__y', '', null])('%s with any input', (name) => {
    for (const input of inputs) {
      const events = call(name as string, input).map((event, i) => (i === 0 ? { ...event, tool_name: name } : event))
      expect(() => analyze(session(...events))).not.toThrow()
    }
  })

  test('anything at all', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ name: fc.constantFrom('Edit', 'Bash', 'TodoWrite', 'TaskUpdate', 'Read'), input: fc.anything(), result: fc.string(), failed: fc.boolean() })), (events) => {
        const found = analyze(session(...events.flatMap(({ name, input, result, failed }) => call(name, input, result, failed))))
        expect(found.recent_activity.length).toBeLessThanOrEqual(10)
      }),
    )
  })
})

describe('commands and problems', () => {
  test('checks with their exit status, each once, the newest last', () => {
    const found = analyze(session(...shell('pnpm test', 'Exit code 1\nAssertionError: 1 is not 2', true), ...shell('ls'), ...shell('pnpm lint'), ...shell('pnpm test')))
    expect(found.commands).toEqual([
      { command: 'pnpm lint', exit_status: 0 },
      { command: 'pnpm test', exit_status: 0 },
    ])
    expect(found.open_problems).toEqual([])
  })

  test('what failed stays open until it succeeds', () => {
    const failing = shell('cd app && pnpm test 2>&1 | tail -5', 'Exit code 2\n\nFAIL  gate.test.ts\nTypeError: gate is undefined', true)
    expect(analyze(session(...failing)).open_problems).toEqual([
      'cd app && pnpm test failed (exit 2): TypeError: gate is undefined',
    ])
    expect(analyze(session(...failing, ...shell('pnpm lint'))).open_problems).toHaveLength(1)
    expect(analyze(session(...failing, ...shell('pnpm test gate'))).open_problems).toEqual([])
  })

  test('a check is told without what prepares it or trims its output', () => {
    const command = `cd ${root} && echo "== test ==" && cat > probe.ts <<'END'\nit's && "open\nEND\nNODE_ENV=test pnpm vitest run 2>&1 | tail -20; cd ${root}/app; timeout 60 pnpm lint 2>/dev/null || true`
    expect(analyze(session(...shell(command))).commands).toEqual([{ command: 'NODE_ENV=test pnpm vitest run && timeout 60 pnpm lint', exit_status: 0 }])
  })

  test('what failed alone and then passed with others is told once', () => {
    expect(analyze(session(...shell('pnpm lint', 'Exit code 1', true), ...shell('pnpm lint && pnpm test'))).commands).toEqual([{ command: 'pnpm lint && pnpm test', exit_status: 0 }])
  })

  const hidden: [string, string, number, number][] = [
    ['pnpm test 2>&1 | tail -3', 'Tests  3 failed | 10 passed', 0, 1],
    ['pnpm test 2>&1 | tail -3', 'Tests  10 passed, 0 failed', 0, 0],
    ['tsc -p . | head', "src/a.ts(1,1): error TS2304: Cannot find name 'x'.", 0, 1],
    ['go test ./... ; echo done', 'FAIL\tgate\t0.1s\ndone', 0, 1],
    ['go test ./... | grep -v "^ok"', 'Exit code 1', 1, 0],
    ['pnpm test && git push', 'Tests  1 failed on retry, then passed', 0, 0],
  ]
  test.each(hidden)('a pipe hides how a check ended, its output does not: %s: %s', (command, output, status, expected) => {
    expect(analyze(session(...shell(command, output, status !== 0))).commands).toMatchObject([{ exit_status: expected }])
  })

  test('a command that was refused never ran, and one in the background has no status', () => {
    const refused = shell('pnpm build', "The user doesn't want to proceed with this tool use.", true)
    const started = shell('pnpm test', 'Command running in background with ID: b1')
    expect(analyze(session(...refused, ...started))).toMatchObject({ open_problems: [], commands: [{ command: 'pnpm test', exit_status: null }] })
  })

  test('a failed commit is a problem until one succeeds; an old failure of something else is forgotten', () => {
    const failing = shell('git add -A && git commit -m "oil"', 'Exit code 128\nerror: gpg failed to sign the data', true)
    expect(analyze(session(...failing, ...shell('git add -A'))).open_problems).toEqual(['git add -A && git commit -m "oil" failed (exit 128): error: gpg failed to sign the data'])
    expect(analyze(session(...failing, ...shell('git commit -m "oil"'))).open_problems).toEqual([])
    const others = Array.from({ length: 41 }, () => shell('ls')).flat()
    expect(analyze(session(...failing, ...others)).open_problems).toEqual([])
    expect(analyze(session(...shell('pnpm test', 'Exit code 1', true), ...others)).open_problems).toHaveLength(1)
  })

  test('a search that found nothing is no problem, a command still running has no status', () => {
    const running = call('Bash', { command: 'pnpm build' }, null)
    expect(analyze(session(...shell('grep -r x .', 'Exit code 1', true), ...running))).toMatchObject({ open_problems: [], commands: [{ command: 'pnpm build', exit_status: null }] })
  })
})

describe('recent activity', () => {
  test('ten steps, the newest last, looking around collapsed', () => {
    const found = analyze(
      session(
        ...Array.from({ length: 12 }, (_, i) => edit(`f${i}.ts`)).flat(),
        ...call('Read', { file_path: `${root}/a.ts` }),
        ...call('Read', { file_path: `${root}/b.ts` }),
        ...shell('pnpm test', 'Exit code 1', true),
        ...shell('git commit -m "fix parser"', '[main 3fa91c2] fix parser\n 1 file changed'),
        ...call('Agent', { description: 'Look at the hedge' }),
      ),
    )
    expect(found.recent_activity).toEqual([
      ...[6, 7, 8, 9, 10, 11].map((i) => `Edit f${i}.ts`),
      'Read 2 files',
      'Ran: pnpm test (failed)',
      'Commit 3fa91c2 fix parser',
      'Sub-agent: Look at the hedge',
    ])
    expect(found.reported_commits).toMatchObject([{ sha: '3fa91c2', message: 'fix parser', branch: 'main' }])
  })

  test('the same step again, and commands that only look, are told once', () => {
    const found = analyze(session(...edit('a.ts'), ...edit('a.ts'), ...shell('git status --short'), ...shell('rg -n gate src | head -5'), ...shell(`cd ${root} && pnpm build 2>&1 | tail -3`)))
    expect(found.recent_activity).toEqual(['Edit a.ts (2 times)', 'Looked around with 2 commands', 'Ran: pnpm build'])
  })
})

describe('active task', () => {
  const direct = (tool: string, args: object, result = 'ok') => call(`mcp__gobby-tasks__${tool}`, args, result)
  const through = (tool: string, args: object) => call('mcp__gobby__call_tool', { server_name: 'gobby-tasks', tool_name: tool, arguments: args })
  const cases: [string, ReturnType<typeof call>, string | null][] = [
    ['claimed directly', direct('claim_task', { task_id: 'gt-aaaaaa' }), 'gt-aaaaaa'],
    ['claimed through call_tool', through('claim_task', { task_id: 'gt-bbbbbb' }), 'gt-bbbbbb'],
    ['created: the id is in the result', direct('create_task', { title: 'Hedge' }, '{"id":"gt-cccccc"}'), 'gt-cccccc'],
    ['closed again', [...direct('claim_task', { task_id: 'gt-aaaaaa' }), ...direct('close_task', { task_id: 'gt-aaaaaa' })], null],
    ['the older one when the newer is closed', [...direct('claim_task', { task_id: 'gt-aaaaaa' }), ...direct('claim_task', { task_id: 'gt-bbbbbb' }), ...through('close_task', { task_id: 'gt-bbbbbb' })], 'gt-aaaaaa'],
    ['only looked at', direct('get_task', { task_id: 'gt-aaaaaa' }), null],
    ['failed', call('mcp__gobby-tasks__claim_task', { task_id: 'gt-aaaaaa' }, 'taken', true), null],
  ]
  test.each(cases)('%s', (_name, events, id) => {
    expect(analyze(session(...events)).task?.id ?? null).toBe(id)
  })
})
