import { expect, test } from 'vitest'
import type { Step } from './fixtures/rig/rig.ts'
import { useRig } from './fixtures/rig/stage.ts'
import { byPath, commands, expectWork, PROMPT, stage, type Told, told } from './fixtures/rig/work.ts'

// What the real CLI wrote is what was done in it.

const useClis = useRig()

test('Gemini CLI, headless: work and a resume', async ({ skip }) => {
  const rig = useClis(skip)
  const at = stage(rig, 'gemini', ['SessionStart', 'BeforeAgent', 'AfterTool'])
  const { cwd } = at
  const shell = (command: string, more = {}): Step => ({ tool: 'run_shell_command', input: { command, description: 'x', ...more } })
  const replace = (file_path: string, old_string: string): Step => ({ tool: 'replace', input: { file_path, old_string, new_string: '2', instruction: 'x' } })
  const first = await rig.startModel(
    [
      [
        { thinking: 'Let me think', text: 'Starting.', tool: 'write_file', input: { file_path: `${cwd}/src/a.ts`, content: 'export const a = 1\n' } },
        replace('src/a.ts', '1'),
        replace(`${cwd}/old.txt`, 'NOT THERE'),
        { tool: 'write_file', input: { file_path: '/nowhere/x.txt', content: '2' } },
        [{ tool: 'write_file', input: { file_path: `${cwd}/b.txt`, content: 'bb\n' } }, shell('exit 0')],
        ...commands(cwd).map((command) => shell(command)),
        shell('sleep 1; echo late', { is_background: true }),
        { tool: 'read_file', input: { file_path: `${cwd}/pic.png` } },
        { tool: 'invoke_agent', input: { agent_name: 'generalist', prompt: 'Please write helper.txt' } },
        { text: 'All done, mostly.' },
      ],
    ],
    [{ tool: 'write_file', input: { file_path: `${cwd}/src/helper.txt`, content: 'h\n' } }, replace('nope.txt', 'a')],
  )
  await at.run(PROMPT, first)
  const second = await rig.startModel([[{ text: 'Going on.' }]])
  await at.run('Now finish it', second, { args: ['--resume', 'latest'] })

  const [main, agent, ...others] = (await told(at)) as [Told, ...Told[]]
  expect(others).toEqual([])
  expectWork(main, cwd, [first, second])
  expect(main.session).toMatchObject({ turn_count: 2, tool_call_count: 19 })
  expect(main.prompts).toEqual([PROMPT, 'Now finish it'])
  expect(main.context.latest_request).toBe('Now finish it')
  expect(main.roles).toMatchObject({ 'assistant tool_use': 19, 'tool tool_result': 19, 'tool image': 1, 'assistant thinking': 1 })
  expect(main.roles['user image']).toBeUndefined()
  expect(byPath(main.context.files)).toEqual({ 'src/a.ts': 'added session', 'b.txt': 'modified session', 'src/helper.txt': 'added subagent' })
  expect(agent?.session).toMatchObject({ relation: 'subagent', parent_session_id: main.session.id, title: 'Please write helper.txt', turn_count: 0 })
})

test('Gemini CLI, in a terminal: a queued prompt, /compress, /clear; and a crash', async ({ skip }) => {
  const rig = useClis(skip)
  const at = stage(rig, 'gemini', ['SessionStart', 'BeforeAgent'])
  const { cwd } = at
  const model = await rig.startModel([
    [{ tool: 'run_shell_command', input: { command: 'sleep 4', description: 'x' } }, { text: 'Done.' }],
    [{ tool: 'write_file', input: { file_path: `${cwd}/one.txt`, content: '1\n' } }, { text: 'Wrote.' }],
    [{ text: 'Second.' }],
    [{ text: 'Gone on.' }],
    [{ text: 'New.' }],
  ])
  const inputs = [
    { send: 'Create the file one', until: () => model.requests('main').length >= 1 },
    { wait: 1500 },
    'and mind the queue',
    'Another prompt',
    '/compress',
    'Go on after the compression',
    '/clear',
    'A new topic',
    '/quit',
  ]
  await at.type(inputs, model)
  const killed = await rig.startModel([[{ tool: 'write_file', input: { file_path: `${cwd}/k.txt`, content: 'k\n' } }, { text: 'never', delayMs: 120_000 }]])
  await at.run('Work until you are killed', killed, { onSpawn: at.kill(killed, 2) })

  const [before, after, survivor, ...others] = await told(at)
  expect(others).toEqual([])
  expect(before?.prompts).toEqual(['Create the file one', 'and mind the queue', 'Another prompt', 'Go on after the compression'])
  expect(before?.session).toMatchObject({ title: 'Create the file one', turn_count: 4 })
  expect(before?.context).toMatchObject({ initial_goal: 'Create the file one', latest_request: 'Go on after the compression' })
  expect(byPath(before?.context.files ?? [])).toEqual({ 'one.txt': 'added session' })
  expect(after?.prompts).toEqual(['A new topic'])
  expect(survivor?.prompts).toEqual(['Work until you are killed'])
  expect(byPath(survivor?.context.files ?? [])).toEqual({ 'k.txt': 'added session' })
})
