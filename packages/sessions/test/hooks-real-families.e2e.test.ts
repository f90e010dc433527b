import { describe, expect, test } from 'vitest'
import { clis, expectFixpoint, family, hooked, requestWith, shell, write } from './fixtures/rig/hooked.ts'
import type { Cli, Step } from './fixtures/rig/rig.ts'
import { useRig } from './fixtures/rig/stage.ts'

/** What a person adds to a handoff. */
const NOTE = 'mind the zebracrossing'

const useClis = useRig()

const relations = (all: { ref: string; relation: string | null; parent_ref: string | null }[]) => all.map(({ ref, relation, parent_ref }) => [ref, relation, parent_ref])

test('from one CLI to the next, whatever it is', async ({ skip }) => {
  const rig = useClis(skip)
  const at = await hooked(rig)
  const { cwd, gobby } = at
  const round: Cli[] = ['claude', 'codex', 'gemini', 'claude']
  for (const [n, cli] of round.entries()) {
    const model = await rig.startModel([[write[cli](cwd, `${n}.txt`, 'x'), { text: `Step ${n} is done.` }]])
    await at.cli[cli].run(`Take step ${n}`, model)
    const request = requestWith(model, `Take step ${n}`)
    expect(request).toContain(`Gobby Session: #${n + 1}`)
    if (n > 0) {
      for (const text of [`Continued from #${n} (${round[n - 1]}, last active`, `Take step ${n - 1}`, `${n - 1}.txt (added)`, `leave step ${n - 1}`]) expect(request).toContain(text)
      expect(request).not.toContain(`leave step ${n - 2}`)
    }
    await gobby('session', 'handoff', `leave step ${n}`, '--session-id', String(n + 1))
  }
  const all = await at.sessions()
  expect(all.map(({ source }) => source)).toEqual(round)
  expect(relations(all)).toEqual([['#1', null, null], ['#2', 'handoff', '#1'], ['#3', 'handoff', '#2'], ['#4', 'handoff', '#3']])
  await expectFixpoint(at, 'leave step 0', 'leave step 1')
  expect(at.log()).toBe('')
})

const agentSteps: Record<Cli, (cwd: string) => { main: (Step | Step[])[]; agents: Step[] }> = {
  claude: (cwd) => ({
    main: [{ tool: 'Agent', input: { description: 'Helper', prompt: 'Please write helper.txt', subagent_type: 'general-purpose' } }, shell.claude('sleep 3'), { text: 'Done.' }],
    agents: [write.claude(cwd, 'helper.txt', 'h'), { tool: 'Agent', input: { description: 'Nested', prompt: 'Please help the helper', subagent_type: 'general-purpose' } }, { text: 'Nested report.' }, { text: 'A report.' }],
  }),
  codex: (cwd) => ({
    main: [{ tool: 'spawn_agent', input: { message: 'Please write helper.txt', agent_type: 'worker', task_name: 'helper' } }, shell.codex('sleep 5'), { text: 'Done.' }],
    agents: [write.codex(cwd, 'helper.txt', 'h'), { tool: 'spawn_agent', input: { message: 'Please help the helper', agent_type: 'worker', task_name: 'nested' } }, shell.codex('sleep 1'), { text: 'A report.' }, { text: 'Nested report.' }],
  }),
  gemini: (cwd) => ({
    main: [{ tool: 'invoke_agent', input: { agent_name: 'generalist', prompt: 'Please write helper.txt' } }, { text: 'Done.' }],
    agents: [write.gemini(cwd, 'helper.txt', 'h')],
  }),
}

describe.for(clis)('%s', (cli) => {
  test('sub-agents are sessions of their own, once, as their transcripts tell them', async ({ skip }) => {
    const rig = useClis(skip)
    const at = await hooked(rig)
    const { main, agents } = agentSteps[cli](at.cwd)
    await at.cli[cli].run('Let others do it', await rig.startModel([main], agents))
    if (cli === 'gemini') await at.gobby('session', 'sync') // It tells hooks nothing of its sub-agents.
    const children = cli === 'gemini' ? 1 : 2
    const before = await at.sessions()
    expect(before.map(({ relation }) => relation)).toEqual([null, ...Array<string>(children).fill('subagent')])
    expect(before.slice(1).flatMap(({ files }) => files)).toEqual(['helper.txt'])
    expect(before[0]).toMatchObject({ title: 'Let others do it', turn_count: 1, files: ['helper.txt'] })
    for (const child of before.slice(1)) expect(child).toMatchObject({ turn_count: 0, handoffs: [] })
    await at.gobby('session', 'sync')
    expect(family(await at.sessions())).toEqual(family(before))
    expect(await at.ingested()).toEqual(family(before))
    expect(at.log()).toBe('')
  })

  test('a resumed session keeps its number, and is told nothing twice', async ({ skip }) => {
    const rig = useClis(skip)
    const at = await hooked(rig)
    await at.cli[cli].run('Begin it', await rig.startModel([[{ text: 'Begun.' }]]))
    await at.gobby('session', 'handoff', NOTE, '--session-id', '1')
    expect(await at.show(1)).toMatchObject({ status: 'handoff_ready' })
    const resume = { claude: ['--continue'], codex: ['resume', '--last'], gemini: ['--resume', 'latest'] }[cli]
    const model = await rig.startModel([[{ text: 'Gone on.' }]])
    await at.cli[cli].run('Go on', model, { args: resume })
    const request = requestWith(model, 'Go on')
    expect(request.split('Gobby Session: #1').length).toBe(2)
    expect(request).not.toContain(NOTE)
    expect(await at.sessions()).toMatchObject([{ ref: '#1', turn_count: 2, relation: null }])
    await expectFixpoint(at)
    expect(at.log()).toBe('')
  })

  test('two terminals that clear at once: each goes on with its own', async ({ skip }) => {
    const rig = useClis(skip)
    const at = await hooked(rig)
    const names = ['port', 'starboard']
    const exit = cli === 'claude' ? '/exit' : '/quit'
    const models = await Promise.all(names.map((name) => rig.startModel([[write[cli](at.cwd, `${name}.txt`, name), { text: 'Done.' }]])))
    const inputs = (name: string) => [`Paint the ${name} side`, { send: '/clear', wait: 6000 }, `On with ${name}`, exit]
    await Promise.all(names.map((name, n) => at.cli[cli].type(inputs(name), models[n] as (typeof models)[0])))
    for (const [n, name] of names.entries()) {
      const request = requestWith(models[n] as (typeof models)[0], `On with ${name}`)
      expect(request).toContain(`Paint the ${name} side`)
      expect(request).not.toContain(`Paint the ${names[1 - n]} side`)
    }
    const all = await at.sessions()
    expect(all.map(({ relation }) => relation).toSorted()).toEqual(['handoff', 'handoff', null, null])
    for (const name of names) {
      const parent = all.find(({ files }) => files.includes(`${name}.txt`))
      expect(all.find(({ title }) => title === `On with ${name}`)).toMatchObject({ relation: 'handoff', parent_ref: parent?.ref })
    }
    expect(at.log()).toBe('')
  })
})

test.for(['claude', 'codex'] as const)('%s: a fork is one, and takes nothing from where it came', async (cli, { skip }) => {
  const rig = useClis(skip)
  const at = await hooked(rig)
  const first = await rig.startModel([[{ text: 'Begun.' }]])
  // Codex forks only what was begun in a terminal.
  const began = cli === 'claude' ? await at.cli.claude.run('Begin it', first) : await at.cli.codex.type(['Begin it', '/quit'], first)
  await at.gobby('session', 'handoff', NOTE, '--session-id', '1')
  const model = await rig.startModel([[write[cli](at.cwd, 'fork.txt', 'f'), { text: 'Forked.' }]])
  const id = /([0-9a-f-]{36})\.jsonl$/.exec(began.transcriptPaths[0] ?? '')?.[1] ?? ''
  if (cli === 'claude') await at.cli.claude.run('In the fork do this', model, { args: ['--resume', id, '--fork-session'] })
  else await at.cli.codex.type(['In the fork do this', '/quit'], model, { args: ['fork', '--last'] })
  const request = requestWith(model, 'In the fork do this')
  expect(request).toContain('Gobby Session: #2')
  expect(request).not.toContain(NOTE)
  expect(relations(await at.sessions())).toEqual([['#1', null, null], ['#2', 'fork', '#1']])
  expect(await at.show(2)).toMatchObject({ title: cli === 'claude' ? 'Begin it' : 'In the fork do this', files: ['fork.txt'] })

  const next = await rig.startModel([[{ text: 'Next.' }]])
  await at.cli[cli].run('Now something new', next)
  expect(requestWith(next, 'Now something new')).toContain(NOTE)
  expect(await at.show(3)).toMatchObject({ relation: 'handoff', parent_ref: '#1' })
  await expectFixpoint(at, NOTE)
  expect(at.log()).toBe('')
})

test('codex: /new is a start like any other, /fork a fork, and a thread without a prompt nothing', async ({ skip }) => {
  const rig = useClis(skip)
  const at = await hooked(rig)
  const model = await rig.startModel([[write.codex(at.cwd, 'one.txt', '1'), { text: 'One.' }], [write.codex(at.cwd, 'two.txt', '2'), { text: 'Two.' }], [{ text: 'Three.' }]])
  // Each is asked where it shall run; Enter: here.
  const here = { keys: '\r' }
  await at.cli.codex.type(['Do one', '/new', here, 'Do two', '/fork', here, 'Do three', '/new', here, '/quit'], model)
  for (const [n, text] of ['Do one', 'Do two', 'Do three'].entries()) expect(requestWith(model, text)).toContain(`Gobby Session: #${n + 1}`)
  expect(requestWith(model, 'Do three')).not.toContain('Continued from')
  const all = await at.sessions()
  expect(all.map(({ title, files, last_event }) => [title, files, last_event])).toEqual([
    ['Do one', ['one.txt'], 'end'],
    ['Do two', ['two.txt'], 'end'],
    ['Do three', [], 'end'],
  ])
  expect(relations(all)).toEqual([['#1', null, null], ['#2', null, null], ['#3', 'fork', '#2']])
  await at.gobby('session', 'sync')
  expect(await at.sessions()).toHaveLength(3)
  expect(at.log()).toBe('')
})
