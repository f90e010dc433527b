import { expect, test } from 'vitest'
import type { Step } from './fixtures/rig/rig.ts'
import { useRig } from './fixtures/rig/stage.ts'
import { byPath, commands, expectWork, PROMPT, stage, there, told } from './fixtures/rig/work.ts'

// What the real CLI wrote is what was done in it.

const useClis = useRig()

const patch = (body: string): Step => ({ tool: 'apply_patch', input: `*** Begin Patch\n${body}*** End Patch\n` })
const run = (cmd: string, more = {}): Step => ({ tool: 'exec_command', input: { cmd, ...more } })
const plan = (...steps: [string, string][]): Step => ({ tool: 'update_plan', input: { plan: steps.map(([step, status]) => ({ step, status })) } })

test.for([{ mode: 'code', args: [] }, { mode: 'functions', args: ['-m', 'gpt-5.5'] }])('Codex, in $mode mode: work and a resume', async ({ mode, args: extra }, { skip }) => {
  const rig = useClis(skip)
  const at = stage(rig, 'codex', ['SessionStart', 'UserPromptSubmit', 'PostToolUse'])
  const { cwd } = at
  const args = ['-c', 'tools.update_plan.enabled=true', ...extra]
  const inCode = mode === 'code'
  const first = await rig.startModel(
    [
      [
        { thinking: 'Let me think', text: 'Starting.', ...patch('*** Add File: src/a.ts\n+export const a = 1\n*** Update File: b.txt\n@@\n-b\n+bb\n*** Delete File: gone.txt\n*** Update File: old.txt\n*** Move to: new/moved.txt\n@@\n-old\n+new\n') },
        patch('*** Update File: nowhere.txt\n@@\n-x\n+y\n'),
        patch('*** Update File: src/a.ts\n@@\n-NOT THERE\n+y\n'),
        ...commands(cwd).map((command) => run(command)),
        [run('echo one of two'), run('echo two of two')],
        run('sleep 2; echo late', { yield_time_ms: 300 }),
        { tool: 'view_image', input: { path: `${cwd}/pic.png` } },
        plan(['One', 'completed'], ['Two', 'in_progress'], ['Three', 'pending']),
        ...(inCode ? [{ tool: 'exec', input: 'const files = ["js.txt"];\nfor (const file of files) text(await tools.apply_patch(`*** Begin Patch\\n*** Add File: ${file}\\n+js\\n*** End Patch\\n`))' }, { tool: 'spawn_agent', input: { message: 'Please write helper.txt', agent_type: 'worker', task_name: 'helper' } }] : []),
        run('sleep 3'),
        { text: 'All done, mostly.' },
      ],
    ],
    [patch('*** Add File: src/helper.txt\n+h\n'), patch('*** Update File: nope.txt\n@@\n-a\n+b\n'), { text: 'A report.' }],
  )
  await at.run(PROMPT, first, { args: [...args, '-i', `${cwd}/pic.png`, '--'] })
  const second = await rig.startModel([[plan(['One', 'completed'], ['Two', 'completed']), { text: 'Going on.' }]])
  await at.run('Now finish the second todo', second, { args: [...args, 'resume', '--last'] })

  const all = await told(at)
  const main = there(all[0])
  expectWork(main, cwd, [first, second])
  const calls = inCode ? 22 : 20
  expect(main.session).toMatchObject({ git_branch: 'main', turn_count: 2, tool_call_count: calls })
  expect(main.session.model).toMatch(inCode ? /^gpt-6/ : /^gpt-5\.5$/)
  expect(main.prompts).toEqual([PROMPT, 'Now finish the second todo'])
  expect(main.roles).toMatchObject({ 'assistant tool_use': calls, 'tool tool_result': calls, 'user image': 1 })
  expect(main.context.latest_request).toBe('Now finish the second todo')
  expect(main.context.todos).toEqual([{ content: 'One', status: 'completed' }, { content: 'Two', status: 'completed' }])
  expect(byPath(main.context.files)).toEqual({
    'src/a.ts': 'added session',
    'b.txt': 'modified session',
    'gone.txt': 'deleted session',
    'old.txt': 'deleted session',
    'new/moved.txt': 'renamed session',
    ...(inCode ? { 'js.txt': 'added session', 'src/helper.txt': 'added subagent' } : {}),
  })
  const helper = { relation: 'subagent', parent_session_id: main.session.id, turn_count: 0, tool_call_count: 2 }
  expect(all.slice(1).map(({ session }) => session)).toMatchObject(inCode ? [helper] : [])
})

test('Codex, in a terminal: a queued prompt, /compact, a fork; and a crash', async ({ skip }) => {
  const rig = useClis(skip)
  const at = stage(rig, 'codex', ['SessionStart', 'UserPromptSubmit'])
  const model = await rig.startModel([[run('sleep 4')], [{ text: 'Queued.' }], [{ text: 'Second.' }], [{ text: 'Gone on.' }]])
  await at.type(
    [
      { send: 'Create the file one', until: () => model.requests('main').length >= 1 },
      { wait: 1500 },
      'and mind the queue',
      'Another prompt',
      '/compact',
      'Go on after the compaction',
      '/quit',
    ],
    model,
  )
  const fork = await rig.startModel([[patch('*** Add File: f.txt\n+f\n'), { text: 'Forked.' }]])
  await at.type(['In the fork do this', '/quit'], fork, { args: ['fork', '--last'] })
  const killed = await rig.startModel([[patch('*** Add File: k.txt\n+k\n'), { text: 'never', delayMs: 120_000 }]])
  await at.run('Work until you are killed', killed, { onSpawn: at.kill(killed, 2) })

  const [main, forked, survivor, ...others] = await told(at)
  expect(others).toEqual([])
  expect(main?.prompts).toEqual(['Create the file one', 'and mind the queue', 'Another prompt', 'Go on after the compaction'])
  expect(main?.session).toMatchObject({ title: 'Create the file one', turn_count: 4, skipped_lines: 0 })
  expect(forked?.prompts).toEqual(['In the fork do this'])
  expect(forked?.session).toMatchObject({ relation: 'fork', parent_session_id: main?.session.id, turn_count: 1, tool_call_count: 1 })
  expect(byPath(forked?.context.files ?? [])).toEqual({ 'f.txt': 'added session' })
  expect(survivor?.prompts).toEqual(['Work until you are killed'])
  expect(byPath(survivor?.context.files ?? [])).toEqual({ 'k.txt': 'added session' })
})
