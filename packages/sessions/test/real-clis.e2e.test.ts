import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Commit } from '@gobby/storage'
import { describe, expect, onTestFinished, test } from 'vitest'
import { call, type Context, createContext, type HandoffContext, type SessionRecord, sync } from '../src/index.ts'
import { createHandoff, getSession, getSessionCommits, getSessionMessages, listSessions, searchMessages } from '../src/operations/index.ts'
import { contents, faults } from './gobby.ts'
import type { Cli, Model, Rig, Script, Step } from './fixtures/rig/rig.ts'
import { drive, git, killAfter, makePlace, useRig } from './fixtures/rig/stage.ts'

const PROMPT = 'Build the alpha feature with "quotes" and emoji 🎉'
/** What the hooks inject: it must not come up again in anything that gobby tells. */
const MARKER = 'ZEBRAMARKER'
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FAAhKDveksOjmAAAAAElFTkSuQmCC'
const NOTEBOOK = { cells: [{ cell_type: 'code', id: 'abc', source: ['1'], metadata: {}, outputs: [], execution_count: null }], metadata: {}, nbformat: 4, nbformat_minor: 5 }

/** Shell commands that every CLI is made to run, and the commits that come of them. */
const commands = (cwd: string): string[] => [
  'git add -A && git commit -m "feat: one"',
  'echo q > q.txt && git add -A && git commit -q -m "feat: quiet"',
  'git commit --amend -m "feat: quiet, amended"',
  'echo y > y.txt && git add -A && git commit -m "fix: tpyo"',
  'git commit --amend -m "fix: typo"',
  'git checkout -q -b topic && echo t > t.txt && git add -A && git commit -m "feat: topic" && git checkout -q main && git merge --no-ff -m "merge topic" topic',
  `git worktree add -q ${cwd}/../side -b side && cd ${cwd}/../side && echo w > w.txt && git add -A && git commit -m "feat: in a worktree"`,
  'echo z > z.txt && git add -A && git commit -q -m "chore: quiet"',
  './tools/pytest',
  './tools/tsc',
]
const COMMITS = {
  'feat: one': 'certain',
  'feat: quiet, amended': 'certain',
  'fix: typo': 'certain',
  'feat: topic': 'certain',
  'merge topic': 'likely',
  'feat: in a worktree': 'certain',
  'chore: quiet': 'likely',
}
const CHECKS = [{ command: './tools/pytest', exit_status: 1 }, { command: './tools/tsc', exit_status: 0 }]

const useClis = useRig()
let rig: Rig

/** A repository, a home with hooks that inject the marker, and a gobby that syncs all the time. */
function stage(cli: Cli, events: string[]) {
  const place = makePlace(rig)
  const { base, cwd } = place
  mkdirSync(join(cwd, 'tools'))
  const files = { 'pic.png': Buffer.from(PICTURE, 'base64'), 'nb.ipynb': JSON.stringify(NOTEBOOK), 'b.txt': 'b\n', 'old.txt': 'old\n', 'gone.txt': 'gone\n' }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content)
  for (const [name, script] of Object.entries({ pytest: 'echo "1 failed"; exit 1', tsc: 'echo fine' })) {
    writeFileSync(join(cwd, 'tools', name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(cwd, 'tools', name), 0o755)
  }
  git(cwd, 'add', '-A')
  git(cwd, 'commit', '-qm', 'before')
  const reply = (event: string) => ({ hookSpecificOutput: { hookEventName: event, additionalContext: `${MARKER} injected by ${event}` } })
  const hooks = Object.fromEntries(events.map((event) => [event, rig.hookLogger(cli, reply(event))]))
  rig.prepareHome({ cli, cwd, home: place.home, hooks })
  const live = follow(place.home, join(base, 'live'), cwd)
  return { ...place, live, ...drive(rig, cli, place, { RIG_HOOK_LOG: join(base, 'hooks.jsonl') }), kill: killAfter }
}

async function openGobby(home: string, gobbyHome: string, cwd: string): Promise<Context> {
  const env = { HOME: home, GOBBY_HOME: gobbyHome, CLAUDE_CONFIG_DIR: join(home, '.claude'), CODEX_HOME: join(home, '.codex'), GEMINI_CLI_HOME: home, PATH: process.env.PATH }
  const ctx = await createContext({ cwd, env })
  onTestFinished(() => ctx.close())
  return ctx
}

/** Syncs every 200 ms until it is ended, and gives all that is then stored. */
function follow(home: string, gobbyHome: string, cwd: string): { end(): Promise<ReturnType<typeof stored>> } {
  const stop = new AbortController()
  const done = (async () => {
    const ctx = await openGobby(home, gobbyHome, cwd)
    while (!stop.signal.aborted) {
      await sync(ctx)
      await sleep(200)
    }
    await sync(ctx)
    return stored(gobbyHome)
  })()
  done.catch(() => undefined)
  onTestFinished(() => stop.abort())
  return {
    end: () => {
      stop.abort()
      return done
    },
  }
}

/** Without the numbers, which go by the order in which sessions were first seen. */
function stored(gobbyHome: string) {
  const file = join(gobbyHome, 'sessions.db')
  const { sessions, messages, usage } = contents(file)
  return { sessions: sessions.map((row) => ({ ...(row as object), seq_num: 0 })), messages, usage, faults: faults(file) }
}

type Told = { session: SessionRecord; context: HandoffContext; commits: Commit[]; prompts: string[]; roles: Record<string, number>; markdown: string }

/** What gobby tells of every session of a home, read at once; and the checks that hold for all of them. */
async function told({ home, cwd, live, base }: ReturnType<typeof stage>): Promise<Told[]> {
  const gobbyHome = join(base, 'fresh')
  const ctx = await openGobby(home, gobbyHome, cwd)
  const report = await sync(ctx)
  expect(report).toMatchObject({ alarms: [], unreadable: [] })
  expect(Object.values(report.sources).map(({ skipped_reasons }) => skipped_reasons)).toEqual([{}, {}, {}])
  expect(await live.end()).toEqual({ ...stored(gobbyHome), faults: [] })

  const { sessions } = await call(listSessions, ctx, { project_id: '*', include_subagents: true, include_empty: true })
  const all: Told[] = []
  for (const { id: session_id } of sessions.toSorted((a, b) => a.seq_num - b.seq_num)) {
    const session = await call(getSession, ctx, { session_id })
    const { messages } = await call(getSessionMessages, ctx, { session_id, limit: 200 })
    const made = await call(createHandoff, ctx, { session_id })
    const { commits } = await call(getSessionCommits, ctx, { session_id })
    const markdown = (await ctx.store.sessions.get(session_id))?.compact_markdown ?? ''
    const prompts = messages.filter(({ role, content_type }) => role === 'user' && content_type === 'text').map(({ content }) => content.trim())
    const roles: Record<string, number> = {}
    for (const { role, content_type } of messages) roles[`${role} ${content_type}`] = (roles[`${role} ${content_type}`] ?? 0) + 1
    all.push({ session, context: made.context as HandoffContext, commits: commits as Commit[], prompts, roles, markdown })
  }
  expect(JSON.stringify(all)).not.toContain(MARKER)
  expect(await call(searchMessages, ctx, { query: MARKER, project_id: '*' })).toMatchObject({ count: 0 })
  expect(git(cwd, 'status', '--short')).toBe(all[0]?.context.git_status ?? '')
  return all
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a session is missing')
  return value
}

const byPath = (files: HandoffContext['files']) => Object.fromEntries(files.map(({ path, change, by }) => [path, `${change} ${by}`]))

function expectWork({ context, commits, session }: Told, cwd: string, model: Model[]): void {
  const made = new Map(git(cwd, 'log', '--all', '--format=%s%x00%H').split('\n').map((line) => line.split('\0') as [string, string]))
  const truth = Object.entries(COMMITS).map(([message, certainty]) => ({ message, hash: made.get(message), certainty }))
  const sorted = <T extends { message: string }>(list: T[]): T[] => list.toSorted((a, b) => (a.message < b.message ? -1 : 1))
  expect(sorted(commits.filter(({ certainty }) => certainty !== 'candidate').map(({ message, hash, certainty }) => ({ message, hash, certainty })))).toEqual(sorted(truth))
  expect(sorted(context.git_commits.map(({ message, hash }) => ({ message, hash })))).toEqual(sorted(truth.map(({ message, hash }) => ({ message, hash }))))
  expect(context.commands).toEqual(CHECKS)
  expect(context.open_problems).toEqual(['./tools/pytest failed (exit 1): 1 failed'])
  expect(context).toMatchObject({ initial_goal: PROMPT })
  expect(session).toMatchObject({ cwd, title: PROMPT, relation: null, skipped_lines: 0 })
  const sum = (key: keyof Model['tokens']) => model.reduce((total, { tokens }) => total + tokens[key], 0)
  expect(session.usage).toMatchObject({ input_tokens: sum('input'), output_tokens: sum('output'), cache_read_tokens: sum('cached') })
}

describe('what the real CLIs wrote is what was done in them', () => {
  test('Claude Code, headless: work, a resume, a fork, a crash', async ({ skip }) => {
    rig = useClis(skip)
    const at = stage('claude', ['SessionStart', 'UserPromptSubmit', 'PostToolUse'])
    const { cwd } = at
    const bash = (command: string, more = {}): Step => ({ tool: 'Bash', input: { command, description: 'x', ...more } })
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
    const killed = await rig.startModel([[{ tool: 'Write', input: { file_path: `${cwd}/k.txt`, content: 'k' } }, { text: 'never', delayMs: 20_000 }]])
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
    rig = useClis(skip)
    const at = stage('claude', ['SessionStart', 'UserPromptSubmit', 'PostToolUse'])
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
        { keys: `\x1b[200~${cwd}/pic.png\x1b[201~`, wait: 1500 },
        'what is in it?',
        { send: 'Change the notebook', wait: 3000 },
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

  const patch = (body: string): Step => ({ tool: 'apply_patch', input: `*** Begin Patch\n${body}*** End Patch\n` })
  const run = (cmd: string, more = {}): Step => ({ tool: 'exec_command', input: { cmd, ...more } })
  const plan = (...steps: [string, string][]): Step => ({ tool: 'update_plan', input: { plan: steps.map(([step, status]) => ({ step, status })) } })

  test.for([{ mode: 'code', args: [] }, { mode: 'functions', args: ['-m', 'gpt-5.5'] }])('Codex, in $mode mode: work and a resume', async ({ mode, args: extra }, { skip }) => {
    rig = useClis(skip)
    const at = stage('codex', ['SessionStart', 'UserPromptSubmit', 'PostToolUse'])
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
    rig = useClis(skip)
    const at = stage('codex', ['SessionStart', 'UserPromptSubmit'])
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
    const killed = await rig.startModel([[patch('*** Add File: k.txt\n+k\n'), { text: 'never', delayMs: 20_000 }]])
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

  test('Gemini CLI, headless: work and a resume', async ({ skip }) => {
    rig = useClis(skip)
    const at = stage('gemini', ['SessionStart', 'BeforeAgent', 'AfterTool'])
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
    rig = useClis(skip)
    const at = stage('gemini', ['SessionStart', 'BeforeAgent'])
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
    const killed = await rig.startModel([[{ tool: 'write_file', input: { file_path: `${cwd}/k.txt`, content: 'k\n' } }, { text: 'never', delayMs: 20_000 }]])
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
})
