import { join } from 'node:path'
import { runBin } from '@gobby/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { type App, BIN, sampleApp } from './app.ts'

// The commands for tasks and for the hub, as built, on the sample transcripts.

let app: App
const inOrchard = { env: { GOBBY_PROJECT: 'orchard' } }
beforeAll(async () => {
  app = sampleApp()
  await app.run(['session', 'sync'])
})

/** A new app with the samples taken in and some tasks in `orchard`. */
async function withTasks(...titles: string[]): Promise<App> {
  const fresh = sampleApp()
  await fresh.run(['session', 'sync'])
  for (const title of titles) await fresh.run(['task', 'create', title], inOrchard)
  return fresh
}

test('of many parts the first are shown, and how to see the rest', async () => {
  const fresh = await withTasks('Garden', ...Array.from({ length: 52 }, (_, n) => `Part ${n}`))
  for (let n = 2; n <= 53; n++) await fresh.run(['task', 'update', String(n), '--parent', '1'], inOrchard)
  const { stdout } = await fresh.run(['task', 'show', '1'], inOrchard)
  expect(stdout.match(/^part\t/gm)).toHaveLength(51)
  const [, more] = /^part\tand 2 more: gobby (task list --all --parent gt-\w{6})$/m.exec(stdout) ?? []
  expect((await fresh.json([...(more as string).split(' '), '--limit', '200'])).count).toBe(52)
})

test('a task from its creation to its end', async () => {
  const fresh = await withTasks()
  const made = await fresh.run(['task', 'create', 'Oil', 'the', 'gate', '--type', 'bug', '--priority', '1', '--labels', 'garden,metal', '--description', 'It squeaks', '--session', '4'], inOrchard)
  expect(made).toMatchObject({ code: 0, stdout: '#1\topen\t1\tbug\t\t\tOil the gate\n', stderr: '' })
  const created = await fresh.json(['task', 'create', 'Buy oil', '--parent', '1'], inOrchard)
  expect(created).toMatchObject({ ref: '#2', project: 'orchard', parent_ref: '#1', linked_session: null })
  const blocked = await fresh.run(['task', 'block', '1', '--by', '2'], inOrchard)
  expect(blocked.stdout).toBe('#1\tblocked\t1\tbug\t\t#2\tOil the gate\n')
  expect((await fresh.run(['task', 'ready'], inOrchard)).stdout).toBe('#2\topen\t2\ttask\t\t\tBuy oil\n')
  expect(await fresh.run(['task', 'claim', '1', '--session', '4'], inOrchard)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: Task #1 waits for #2\.\n.*gobby task ready\n$/) })
  expect((await fresh.run(['task', 'unblock', '1', '--by', '2'], inOrchard)).stdout).toContain('#1\topen')
  expect(await fresh.json(['task', 'claim', '1', '--session', '4'], inOrchard)).toMatchObject({ status: 'in_progress', assignee: '#4', claimed: true })
  expect(await fresh.run(['task', 'claim', '1', '--session', '3'], inOrchard)).toMatchObject({ code: 1, stderr: expect.stringMatching(/is held by #4, which claimed it at 20/) })
  expect((await fresh.run(['task', 'link', '1', '--session', '3', '--action', 'mentioned'], inOrchard)).stdout).toMatch(/^#1\tmentioned\t#3\t20\S+Z\n$/)
  expect((await fresh.run(['task', 'update', '1', '--title', 'Oil it', '--labels', ''], inOrchard)).stdout).toBe('#1\tin_progress\t1\tbug\t#4\t\tOil it\n')
  expect(await fresh.json(['task', 'close', '1', '--reason', 'oiled', '--commit', '3fa91c2', '--session', '4'], inOrchard)).toMatchObject({ status: 'closed', closed_reason: 'oiled', linked_session: '#4' })

  const shown = await fresh.run(['task', 'show', 'orchard#1'])
  for (const line of ['ref\t#1', 'status\tclosed', 'reason\toiled', 'commit\t3fa91c2', 'description\tIt squeaks', 'part\t#2 Buy oil (open)']) expect(shown.stdout).toContain(`${line}\n`)
  expect(shown.stdout).toMatch(/^session\t#4 Frost alerts by e-mail \(closed, 20\S+Z\)\nsession\t#3 .*\(mentioned, .*\n/m)
  const { id, sessions } = await fresh.json(['task', 'show', '1'], inOrchard)
  expect(sessions.map(({ action }: { action: string }) => action)).toEqual(['closed', 'mentioned', 'claimed', 'discovered'])
  expect((await fresh.json(['task', 'show', id.slice(0, 8)])).id).toBe(id)
  expect((await fresh.run(['session', 'show', 'orchard#4'])).stdout).toMatch(/^task\t#1 Oil it \(closed, closed\)\ntask\t#1 Oil it \(claimed, closed\)\n/m)
  expect((await fresh.json(['session', 'show', 'orchard#3'])).tasks).toMatchObject([{ action: 'mentioned', task: { id } }])
  expect((await fresh.run(['task', 'list'], inOrchard)).stdout.split('\n').map((line) => line.slice(0, 2))).toEqual(['#2', '#1', ''])
  expect((await fresh.run(['task', 'list', '--all'])).stdout).toMatch(/^orchard#2\t/)
})

test('the calling session is linked, and its handoff names the task', async () => {
  const fresh = await withTasks()
  const { external_id } = await fresh.json(['session', 'show', 'orchard#4'])
  const inside = { env: { ...inOrchard.env, CLAUDE_CODE_SESSION_ID: external_id } }
  expect((await fresh.json(['task', 'create', 'Oil the gate'], inside)).linked_session).toBe('#4')
  expect(await fresh.json(['task', 'claim', '1'], inside)).toMatchObject({ linked_session: '#4' })
  expect((await fresh.json(['session', 'handoff'], inside)).context.active_task).toMatchObject({ ref: '#1', title: 'Oil the gate', status: 'in_progress' })
})

test('on a terminal: sentences, a table as wide as it is, and how to go on', async () => {
  const fresh = await withTasks('One', 'Two', `Three \u001b[2J${'long '.repeat(60)}`)
  const terminal = { ...inOrchard, terminal: true, columns: 80, env: { ...inOrchard.env, NO_COLOR: '1' } }
  expect((await fresh.run(['task', 'create', 'Four', '--session', '4'], terminal)).stdout).toBe('Created #4  Four\nDiscovered in session #4.\n')
  expect((await fresh.run(['task', 'block', '1', '--by', '2'], terminal)).stdout).toBe('Waits now: #1  One\nFor #2.\n')
  expect((await fresh.run(['task', 'unblock', '1', '--by', '2'], terminal)).stdout).toBe('Waits no longer for that one: #1  One\n')
  expect((await fresh.run(['task', 'claim', '1', '--session', '4'], terminal)).stdout).toBe('Claimed #1  One\nFor session #4.\n')
  expect((await fresh.run(['task', 'claim', '1', '--session', '4'], terminal)).stdout).toContain('which had it before')
  expect((await fresh.run(['task', 'link', '1', '--session', '3'], terminal)).stdout).toBe('Linked task #1, worked_on by session #3.\n')
  expect((await fresh.run(['task', 'update', '1', '--priority', '1'], terminal)).stdout).toBe('Changed #1  One\n')
  const { stdout, stderr } = await fresh.run(['task', 'list', '--limit', '3'], terminal)
  expect(stdout).toMatch(/^REF +STATUS +PRIO +TYPE +ASSIGNEE +WAITS FOR +TITLE\n#1 +● in_progress/)
  expect(stdout).not.toContain('\u001b')
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect(stderr).toMatch(/^More: gobby task list --limit 3 --cursor \S+\n$/)
  const next = stderr.trim().split(' ').slice(2)
  expect((await fresh.run(next, inOrchard)).stdout).toMatch(/^#4\t[^\n]*\n$/)
  expect((await fresh.run(['task', 'close', '1', '--session', '4'], terminal)).stdout).toBe('Closed #1  One\nBy session #4.\n')
  expect((await fresh.run(['task', 'show', '1'], terminal)).stdout).toMatch(/^orchard#1 {2}One\n[^]*✓ closed[^]*session +#4 Frost alerts/)
})

test('delete asks, and without a terminal wants --yes', async () => {
  const fresh = await withTasks('One', 'Two')
  expect(await fresh.run(['task', 'delete', '#1'], inOrchard)).toMatchObject({ code: 2, stderr: expect.stringContaining("gobby task delete '#1' --yes") })
  expect((await fresh.run(['task', 'delete', '1', '9', '--yes'], inOrchard)).code).toBe(3)
  expect(await fresh.json(['task', 'delete', '1', '--yes'], inOrchard)).toEqual({ deleted: ['#1'], count: 1 })
  expect((await fresh.run(['task', 'delete', 'orchard#2', '--yes'])).stdout).toBe('orchard#2\n')
  expect((await fresh.run(['task', 'show', '1'], inOrchard)).code).toBe(3)
})

describe('without tasks', () => {
  test('says how to note one', async () => {
    expect(await app.run(['task', 'list'], inOrchard)).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/of this project yet[^]*gobby task list --all/) })
    expect((await app.run(['task', 'list', '--all'])).stderr).toContain('gobby task create')
    expect((await app.run(['task', 'list', '--status', 'open'], inOrchard)).stderr).toContain('No task matches')
    expect((await app.run(['task', 'ready'], inOrchard)).stderr).toContain('gobby task list')
    expect((await app.run(['hub', 'tasks'])).stderr).toContain('gobby task create')
  })
})

describe('hub', () => {
  test('sessions of all projects, the newest activity first', async () => {
    const answer = await app.json(['hub', 'sessions'], inOrchard)
    expect(answer.count).toBe(7)
    expect(Object.keys(answer.sessions[0])).toEqual(['ref', 'session_id', 'project', 'source', 'status', 'title', 'last_activity_at'])
    expect(answer.sessions.map(({ ref }: { ref: string }) => ref)).toEqual(expect.arrayContaining(['cider-press#1', 'orchard#4']))
    const times = answer.sessions.map(({ last_activity_at }: { last_activity_at: string }) => last_activity_at)
    expect(times).toEqual(times.toSorted().toReversed())
    expect((await app.json(['hub', 'sessions', '--limit', '2'])).count).toBe(2)
    expect((await app.json(['hub', 'sessions', '--source', 'codex'])).count).toBe(2)
    expect((await app.json(['hub', 'sessions', '--subagents'])).count).toBe(8)
    expect((await app.run(['hub', 'sessions'])).stdout).toMatch(/^orchard#\d+\texpired\t/)
    expect((await app.run(['hub', 'sessions'], { terminal: true })).stdout).toMatch(/REF[^]*TITLE/)
    expect((await app.run(['hub', 'sessions', '--status', 'archived'])).stderr).toContain('No session matches')
  })

  test('projects and tasks', async () => {
    expect((await app.run(['hub', 'projects'])).stdout).toBe((await app.run(['project', 'list'])).stdout)
    const fresh = await withTasks('One')
    await fresh.run(['task', 'create', 'Press'], { env: { GOBBY_PROJECT: 'cider-press' } })
    expect((await fresh.run(['hub', 'tasks'])).stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(['orchard#1', 'cider-press#1', ''])
    expect((await fresh.json(['hub', 'tasks', '--status', 'closed'])).count).toBe(0)
  })

  test('stats', async () => {
    const fresh = await withTasks('One', 'Two')
    await fresh.run(['task', 'block', '1', '--by', '2'], inOrchard)
    const stats = await fresh.json(['hub', 'stats'])
    const { total, by_source, messages } = await fresh.json(['session', 'stats', '--all'])
    expect(stats).toMatchObject({ projects: 2, sessions: { total, by_source }, subagents: 1, messages, tasks: { total: 2, by_status: { open: 1, in_progress: 0, blocked: 1, closed: 0 } } })
    expect(stats.database).toMatchObject({ path: join(fresh.env.GOBBY_HOME as string, 'sessions.db'), size: expect.any(Number) })
    expect(stats.database.size + stats.database.wal_size).toBeGreaterThan(10_000)
    const { stdout } = await fresh.run(['hub', 'stats'])
    for (const line of ['projects\t\t2', 'source\tclaude\t3', 'task status\tblocked\t1']) expect(stdout).toContain(`${line}\n`)
    expect((await fresh.run(['hub', 'stats'], { terminal: true, env: { NO_COLOR: '1' } })).stdout).toMatch(/tasks +2 {3}○ 1 open {3}◌ 1 blocked\n/)
  })
})

describe('bad input', () => {
  test.each([
    [['task', 'create'], 2, '<title> is missing'],
    [['task', 'create', ''], 2, 'The title must not be empty'],
    [['task', 'create', 'x'.repeat(10_000)], 2, 'The title must have at most 500 characters'],
    [['task', 'create', 'x', '--priority', '5'], 2, '--priority must be a whole number from 1 to 4'],
    [['task', 'create', 'x', '--labels', 'x'.repeat(60)], 2, '--labels must be labels of at most 50'],
    [['task', 'create', 'x', '--session', '99'], 3, 'No session 99 in project orchard'],
    [['task', 'create', 'x', '--project', '*'], 2, 'A task belongs to one project, not to all.'],
    [['task', 'show'], 2, 'which task?'],
    [['task', 'show', '99'], 3, 'gobby task list --all'],
    [['task', 'show', 'nowhere#1'], 3, 'gobby project list'],
    [['task', 'show', 'rubbish'], 2, 'gobby task show 3'],
    [['task', 'list', '--status', 'done'], 2, '--status must be one of open, in_progress, blocked, closed'],
    [['task', 'list', '--limit', '0'], 2, '--limit must be'],
    [['task', 'list', '--cursor', 'x'], 2, 'cursor'],
    [['task', 'update', '1'], 2, 'Nothing to change'],
    [['task', 'update', '1', '--status', 'closed'], 2, '--status must be one of open, in_progress'],
    [['task', 'close', '1', '--commit', 'xyz'], 2, '--commit must be 4 to 64 hexadecimal'],
    [['task', 'link', '1', '--action', 'x'], 2, '--action must be one of'],
    [['task', 'block', '1'], 2, '--by must be a task'],
    [['task', 'bogus'], 2, 'gobby task --help'],
    [['hub', 'sessions', '--source', 'x'], 2, '--source must be one of'],
    [['hub', 'stats', 'extra'], 2, 'takes no "extra"'],
  ] as [string[], number, string][])('%j', async (args, code, words) => {
    const result = await app.run(args, inOrchard)
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' })
    expect(result.stderr).toContain(words)
    expect(result.stderr.length).toBeLessThan(600)
  })

  test('a circle shows its path', async () => {
    const fresh = await withTasks('One', 'Two')
    await fresh.run(['task', 'block', '1', '--by', '2'], inOrchard)
    expect(await fresh.run(['task', 'block', '2', '--by', '1'], inOrchard)).toMatchObject({ code: 1, stderr: expect.stringContaining('#2 → #1 → #2') })
    expect((await fresh.json(['task', 'block', '1', '--by', '1'], inOrchard)).error).toMatchObject({ code: 'conflict', message: expect.stringContaining('#1 → #1') })
  })
})

test('the program itself: eight processes claim one task, one gets it', async () => {
  const fresh = await withTasks('One')
  const { sessions } = await fresh.json(['hub', 'sessions', '--subagents'])
  const results = await Promise.all(
    sessions.map(({ session_id }: { session_id: string }) => runBin(BIN, ['task', 'claim', 'orchard#1', '--session', session_id], { env: fresh.env, cwd: fresh.cwd })),
  )
  expect(results.map(({ code }) => code).toSorted()).toEqual([0, ...Array.from({ length: sessions.length - 1 }, () => 1)])
  expect(await runBin(BIN, ['task', 'list', '--all'], { env: fresh.env, cwd: fresh.cwd })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^orchard#1\tin_progress\t/), stderr: '' })
})
