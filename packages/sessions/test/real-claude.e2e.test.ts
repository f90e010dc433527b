import { expect, test } from 'vitest'
import type { Script, Step } from './fixtures/rig/rig.ts'
import { useRig } from './fixtures/rig/stage.ts'
import { byPath, commands, expectWork, PROMPT, stage, there, told } from './fixtures/rig/work.ts'

// What the real CLI wrote is what was done in it.

const useClis = useRig()

test('Claude Code, headless: work, a resume, a fork, a crash', async ({ skip }) => {
  const rig = useClis(skip)
  const at = stage(rig, 'claude', ['SessionStart', 'UserPromptSubmit', 'PostToolUse'])
  const { cwd } = at
  const bash = (command: string, more = {}): Step => ({ tool: 'Bash', input: { command, description: 'x', ...more } })
  // This version offers todos only to who asks for them; in a terminal it has tasks instead.
  const env = { CLAUDE_CODE_ENABLE_TODO_TOOLS: '1' }
  const work: Script[number] = [
    { thinking: 'Let me think', text: 'Starting.', tool: 'Write', input: { file_path: `${cwd}/src/a.ts`, content: 'export const a = 1\n' } },
    { tool: 'Edit', input: { file_path: `${cwd}/src/a.ts`, old_string: '1', new_string: '2' } },
    { tool: 'Edit', input: { file_path: `${cwd}/old.txt`, old_string: 'NOT THERE', new_string: '2' } },
    [{ tool: 'Read', input: { file_path: `${cwd}/nb.ipynb` } }, { tool: 'Read', input: { file_path: `${cwd}/pic.png` } }, { tool: 'Read', input: { file_path: `${cwd}/b.txt` } }],
    // Nobody is there to allow it.
    { tool: 'NotebookEdit', input: { notebook_path: `${cwd}/nb.ipynb`, cell_id: 'abc', new_source: '2', edit_mode: 'replace' } },
    [{ tool: 'Write', input: { file_path: `${cwd}/b.txt`, content: 'bb\n' } }, bash('exit 0')],
    ...commands(cwd).map((command) => bash(command)),
    bash('sleep 1; echo late', { run_in_background: true }),
    { tool: 'ToolSearch', input: { query: 'select:TaskCreate,TaskUpdate', max_results: 5 } },
    ['First', 'Second', 'Third'].map((subject) => ({ tool: 'TaskCreate', input: { subject, description: 'd' } })),
    [{ tool: 'TaskUpdate', input: { taskId: '1', status: 'completed' } }, { tool: 'TaskUpdate', input: { taskId: '3', status: 'deleted' } }],
    { tool: 'Agent', input: { description: 'Helper', prompt: 'Please write helper.ts', subagent_type: 'general-purpose' } },
    { text: 'All done, mostly.' },
  ]
  const helper = [
    { tool: 'Write', input: { file_path: `${cwd}/src/helper.ts`, content: 'h\n' } },
    { tool: 'Edit', input: { file_path: `${cwd}/src/nope.ts`, old_string: 'a', new_string: 'b' } },
    { text: 'A report.' },
  ]
  const first = await rig.startModel([work], helper)
  const began = await at.run(PROMPT, first, { env })
  const second = await rig.startModel([[{ tool: 'TaskUpdate', input: { taskId: '2', status: 'in_progress' } }, { text: 'Going on.' }]])
  await at.run('Now finish the second todo', second, { env, args: ['--continue'] })
  const id = /([0-9a-f-]{36})\.jsonl$/.exec(began.transcriptPaths.find((path) => !path.includes('subagents')) ?? '')?.[1] ?? ''
  const fork = await rig.startModel([[{ tool: 'Write', input: { file_path: `${cwd}/forked.txt`, content: 'f' } }, { text: 'Forked.' }]])
  await at.run('In the fork do this', fork, { args: ['--resume', id, '--fork-session'] })
  const killed = await rig.startModel([[{ tool: 'Write', input: { file_path: `${cwd}/k.txt`, content: 'k' } }, { text: 'never', delayMs: 120_000 }]])
  const crash = await at.run('Work until you are killed', killed, { onSpawn: at.kill(killed, 2) })
  expect(crash.signal).toBe('SIGKILL')
  await at.run('Go on after the crash', await rig.startModel([[{ text: 'Here I am again.' }]]), { args: ['--continue'] })

  const all = await told(at)
  const by = (title: string) => all.filter(({ session }) => session.title === title)
  const [main, forked] = [there(by(PROMPT)[0]), there(by(PROMPT)[1])]
  expect(all.map(({ session }) => session.relation).sort()).toEqual([null, null, 'fork', 'subagent'].sort())

  expectWork(main, cwd, [first, second])
  expect(main.session).toMatchObject({ external_id: id, git_branch: 'main', turn_count: 2, tool_call_count: 28 })
  expect(main.prompts).toEqual([PROMPT, 'Now finish the second todo'])
  expect(main.context.latest_request).toBe('Now finish the second todo')
  expect(main.context.todos).toEqual([{ content: 'First', status: 'completed' }, { content: 'Second', status: 'in_progress' }])
  expect(byPath(main.context.files)).toEqual({ 'src/a.ts': 'added session', 'b.txt': 'modified session', 'src/helper.ts': 'added subagent' })
  expect(main.roles).toMatchObject({ 'assistant tool_use': 28, 'tool tool_result': 28, 'assistant thinking': 1 })

  expect(forked.session).toMatchObject({ relation: 'fork', parent_session_id: main.session.id, turn_count: 3 })
  expect(byPath(forked.context.files)).toMatchObject({ 'forked.txt': 'added session' })
  const [agent] = by('Please write helper.ts')
  expect(agent?.session).toMatchObject({ relation: 'subagent', parent_session_id: main.session.id, agent_depth: 1, turn_count: 0, tool_call_count: 2 })
  const [survivor] = by('Work until you are killed')
  expect(survivor?.prompts).toEqual(['Work until you are killed', 'Go on after the crash'])
  expect(byPath(survivor?.context.files ?? [])).toEqual({ 'k.txt': 'added session' })
})

test('Claude Code, in a terminal: a queued prompt, a picture, a refusal, /compact, /clear', async ({ skip }) => {
  const rig = useClis(skip)
  const at = stage(rig, 'claude', ['SessionStart', 'UserPromptSubmit', 'PostToolUse'])
  const { cwd } = at
  const todos = (...list: [string, string][]): Step => ({ tool: 'TodoWrite', input: { todos: list.map(([content, status]) => ({ content, status, activeForm: content })) } })
  const model = await rig.startModel([
    [{ tool: 'Write', input: { file_path: `${cwd}/one.txt`, content: '1\n' } }, todos(['T1', 'completed'], ['T2', 'pending']), { tool: 'Bash', input: { command: 'sleep 4', description: 'x' } }, { text: 'Done.' }],
    [{ text: 'A picture.' }],
    [{ tool: 'NotebookEdit', input: { notebook_path: `${cwd}/nb.ipynb`, cell_id: 'abc', new_source: '2', edit_mode: 'replace' } }, { text: 'never' }],
    [{ tool: 'Edit', input: { file_path: `${cwd}/one.txt`, old_string: '1', new_string: '2' } }, { text: 'Edited.' }],
    [todos(['T2', 'in_progress']), { text: 'Gone on.' }],
    [todos(['N1', 'pending']), todos(), { text: 'Emptied.' }],
  ])
  await at.type(
    [
      { send: 'Create the file one', until: () => model.requests('main').length >= 3 },
      { send: 'and mind the queue' },
      { keys: `\x1b[200~${cwd}/pic.png\x1b[201~`, wait: 4000 },
      'what is in it?',
      { send: 'Change the notebook', wait: 8000 },
      { keys: rig.keys.escape },
      'Then edit one',
      '/compact',
      'Go on after the compaction',
      '/clear',
      'A new topic',
      '/exit',
    ],
    model,
    { env: { CLAUDE_CODE_ENABLE_TASKS: '0', CLAUDE_CODE_ENABLE_TODO_TOOLS: '1' } },
  )
  const [before, after, ...others] = await told(at)
  expect(others).toEqual([])
  expect(before?.prompts).toEqual(['Create the file one', 'and mind the queue', '[Image #1] what is in it?', 'Change the notebook', 'Then edit one', 'Go on after the compaction'])
  expect(before?.session).toMatchObject({ title: 'Create the file one', turn_count: 6 })
  expect(before?.roles).toMatchObject({ 'user image': 1 })
  expect(before?.context).toMatchObject({ initial_goal: 'Create the file one', latest_request: 'Go on after the compaction', todos: [{ content: 'T2', status: 'in_progress' }] })
  expect(byPath(before?.context.files ?? [])).toEqual({ 'one.txt': 'added session' })
  expect(after?.prompts).toEqual(['A new topic'])
  expect(after?.session).toMatchObject({ title: 'A new topic', turn_count: 1, relation: null })
  expect(after?.context).toMatchObject({ initial_goal: 'A new topic', latest_request: null, todos: [], files: [] })
})
