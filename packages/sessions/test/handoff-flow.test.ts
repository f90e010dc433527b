import { execFileSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir, tempRepo } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { call } from '../src/operation.ts'
import { createHandoff, findCommitSessions, getCurrentSession, getHandoffContext, getSession, getSessionCommits } from '../src/operations/index.ts'
import { createContext } from '../src/context.ts'
import { sync } from '../src/ingest/sync.ts'

const SESSION = '0d5c1a52-7f0e-4a5e-9b0b-1c1b5f0f4a10'

/** A transcript of one session, line by line, in the folder its CLI would use. */
async function transcript(home: string, cwd: string, start: Date) {
  const lines: object[] = []
  let time = start.getTime()
  const row = (type: string, message: object, more: object = {}) => {
    time += 1000
    lines.push({ parentUuid: null, isSidechain: false, sessionId: SESSION, cwd, version: '2.1.0', gitBranch: 'main', type, uuid: `u${lines.length}`, timestamp: new Date(time).toISOString(), message, ...more })
  }
  let calls = 0
  return {
    prompt: (content: string) => row('user', { role: 'user', content }),
    call(name: string, input: object, result: string, is_error = false) {
      const id = `toolu_${++calls}`
      row('assistant', { role: 'assistant', model: 'm', content: [{ type: 'tool_use', id, name, input }] })
      row('user', { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: result, is_error }] })
    },
    async save() {
      const folder = join(home, 'projects', 'x')
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, `${SESSION}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
      return join(folder, `${SESSION}.jsonl`)
    },
  }
}

async function gobby(cwd: string, now: Date, env: Record<string, string> = {}) {
  const home = await tempDir()
  const ctx = await createContext({ cwd, now: () => now, env: { HOME: home, CLAUDE_CONFIG_DIR: join(home, 'cli'), ...env } })
  return { ctx, cli: join(home, 'cli') }
}

describe('from a transcript to the next session', () => {
  test('what was asked, done, committed and left open', async () => {
    const repo = await tempRepo()
    const start = new Date(Date.now() - 60_000)
    const { ctx, cli } = await gobby(repo.path, new Date())
    const work = await transcript(cli, repo.path, start)
    work.prompt('Oil the garden gate')
    await writeFile(join(repo.path, 'gate.ts'), 'oiled\n')
    work.call('Write', { file_path: join(repo.path, 'gate.ts') }, 'File created successfully at: gate.ts')
    const sha = await repo.commit('oil the gate')
    work.call('Bash', { command: 'git add -A && git commit -m "oil the gate"' }, `[main ${sha.slice(0, 7)}] oil the gate\n 1 file changed`)
    work.call('Bash', { command: 'pnpm test' }, 'Exit code 1\nError: it still squeaks', true)
    await writeFile(join(repo.path, 'hinge.ts'), 'dry\n')
    work.prompt('Now the hinge, with key sk-ant-api03-' + 'a1B2'.repeat(24))
    await work.save()
    await sync(ctx)

    const made = await call(createHandoff, ctx, { notes: 'mind the cat' })
    expect(made).toMatchObject({ success: true, ref: '#1', matched_by: 'newest', created: true, masked: expect.any(Number) })
    expect(made.masked).toBeGreaterThan(0)
    expect(made.context).toMatchObject({
      initial_goal: 'Oil the garden gate',
      files_modified: ['gate.ts'],
      files: [{ path: 'gate.ts', change: 'added', by: 'session' }],
      git_commits: [{ hash: sha, message: 'oil the gate' }],
      commands: [{ command: 'pnpm test', exit_status: 1 }],
      open_problems: ['pnpm test failed (exit 1): Error: it still squeaks'],
      notes: 'mind the cat',
    })
    expect(made.context.git_status).toContain('?? hinge.ts')
    const page = await call(getHandoffContext, ctx, {})
    expect(page).toMatchObject({ ref: '#1', has_context: true, handoff_id: made.handoff_id })
    expect(page.compact_markdown).toMatch(/^## Continuation Context/)
    expect(page.compact_markdown).toContain('[masked: ')
    expect(page.compact_markdown).not.toContain('sk-ant-api03')
    expect(page.compact_markdown?.length).toBeLessThanOrEqual(9000)

    expect(await call(createHandoff, ctx, { notes: 'mind the cat' })).toMatchObject({ handoff_id: made.handoff_id, created: false })
    expect((await call(getSession, ctx, { session_id: 1 })).handoffs).toEqual([{ handoff_id: made.handoff_id, created_at: expect.any(String), made_by: 'agent' }])
    expect(await call(getSessionCommits, ctx, { session_id: 1 })).toMatchObject({ count: 1, commits: [{ hash: sha, evidence: 'tool_output', certainty: 'certain', branch: 'main' }] })
    expect(await call(findCommitSessions, ctx, { sha: sha.slice(0, 8) })).toMatchObject({ count: 1, sessions: [{ ref: '#1', certainty: 'certain' }] })
    await ctx.close()
  })

  test('an amended commit is told once, under the sha that lives', async () => {
    const repo = await tempRepo()
    const { ctx, cli } = await gobby(repo.path, new Date('2026-01-05T12:00:00.000Z'))
    const work = await transcript(cli, repo.path, new Date('2026-01-05T09:00:58.000Z'))
    work.prompt('Oil the garden gate')
    const session_id = SESSION
    const told = async () => (await call(getSessionCommits, ctx, { session_id })).commits.map(({ hash, message, certainty }) => [hash, message, certainty])
    const quiet = repo.commit('quiet', { 'q.txt': 'q' })
    work.call('Bash', { command: 'git commit -q -m quiet' }, '(Bash completed with no output)')
    await work.save()
    await sync(ctx)
    expect(await told()).toEqual([[quiet, 'quiet', 'likely']])

    repo.git('commit', '--quiet', '--amend', '-m', 'loud')
    const loud = repo.git('rev-parse', 'HEAD')
    work.call('Bash', { command: 'git commit --amend -m loud' }, `[main ${loud.slice(0, 7)}] loud\n 1 file changed`)
    await work.save()
    await sync(ctx)
    expect(await told()).toEqual([[loud, 'loud', 'certain']])
  })

  test('a session that has ended becomes handoff_ready; without its transcript what is stored is used', async () => {
    const folder = await tempDir()
    const { ctx, cli } = await gobby(folder, new Date('2026-03-05T00:00:00.000Z'))
    const work = await transcript(cli, folder, new Date('2026-03-01T09:00:00.000Z'))
    work.prompt('Oil the gate')
    const path = await work.save()
    await sync(ctx)
    await rm(path)
    expect(await call(createHandoff, ctx, { session_id: '1' })).toMatchObject({ matched_by: 'parameter', transcript_found: false })
    expect((await call(getSession, ctx, { session_id: 1 })).status).toBe('handoff_ready')
    await ctx.close()
  })

  test("of a worktree that is gone, the project's checkout still knows the commits", async () => {
    const repo = await tempRepo()
    await repo.commit('first')
    const worktree = join(await tempDir(), 'hedge')
    execFileSync('git', ['-C', repo.path, 'worktree', 'add', '-q', '-b', 'hedge', worktree])
    const { ctx, cli } = await gobby(worktree, new Date())
    const work = await transcript(cli, worktree, new Date(Date.now() - 60_000))
    work.prompt('Cut the hedge')
    execFileSync('git', ['-C', worktree, '-c', 'user.name=Kim', '-c', 'user.email=kim@example.com', 'commit', '-q', '--allow-empty', '-m', 'cut the hedge'])
    const sha = execFileSync('git', ['-C', worktree, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
    work.call('Bash', { command: 'git commit -m "cut the hedge"' }, `[hedge ${sha.slice(0, 7)}] cut the hedge`)
    await work.save()
    await sync(ctx)
    execFileSync('git', ['-C', repo.path, 'worktree', 'remove', '--force', worktree])
    const { context } = await call(createHandoff, ctx, { session_id: 1 })
    expect(context).toMatchObject({ git_commits: [{ hash: sha, message: 'cut the hedge' }], git_status: expect.any(String) })
    await ctx.close()
  })

  test('the caller is known by the variables of its CLI', async () => {
    const folder = await tempDir()
    const { ctx, cli } = await gobby(folder, new Date('2026-03-05T00:00:00.000Z'), { CLAUDE_CODE_SESSION_ID: SESSION })
    const work = await transcript(cli, folder, new Date('2026-03-01T09:00:00.000Z'))
    work.prompt('Oil the gate')
    await work.save()
    await sync(ctx)
    expect(await call(getCurrentSession, ctx, {})).toMatchObject({ matched_by: 'environment', session: { ref: '#1' } })
    expect(await call(createHandoff, ctx, {})).toMatchObject({ matched_by: 'environment' })
    await ctx.close()
  })
})

describe('refusals', () => {
  test.each([
    ['no session', {}, 'not_found'],
    ['notes too long', { notes: 'x'.repeat(4001) }, 'invalid'],
    ['no ref', { session_id: '#' }, 'invalid'],
    ['a ref not there', { session_id: '7' }, 'not_found'],
  ])('%s', async (_name, input, code) => {
    const { ctx } = await gobby(await tempDir(), new Date())
    await expect(call(createHandoff, ctx, input)).rejects.toMatchObject({ code })
    await ctx.close()
  })

  test('two sessions that were active at the same moment are both named', async () => {
    const { store, ...ctx } = (await gobby(await tempDir(), new Date('2026-03-01T09:05:00.000Z'))).ctx
    const now = '2026-03-01T09:00:00.000Z'
    const project = await store.projects.add({ name: 'orchard', path: ctx.config.cwd, git_dir: null, now })
    const fields = { source: 'claude', project_id: project.id, machine_id: 'm', transcript_path: null, parent_session_id: null, relation: null, agent_depth: 0, created_at: now, last_activity_at: now, status: 'active' as const, cwd: null, git_branch: null, model: null, title: null }
    for (const external_id of ['first', 'second']) await store.sessions.register({ ...fields, external_id }, now)
    await expect(call(createHandoff, { store, ...ctx }, {})).rejects.toMatchObject({ code: 'ambiguous', candidates: expect.arrayContaining(['orchard#1', 'orchard#2']) })
    await store.close()
  })

  test('outside every known project no other one’s session is taken', async () => {
    const { ctx, cli } = await gobby(await tempDir(), new Date())
    const work = await transcript(cli, '/somewhere/else', new Date(Date.now() - 60_000))
    work.prompt('Oil the gate')
    await work.save()
    await sync(ctx)
    await expect(call(createHandoff, ctx, {})).rejects.toMatchObject({ code: 'not_found' })
    expect(await call(getHandoffContext, ctx, {})).toMatchObject({ has_context: false, ref: null })
    await ctx.close()
  })

  test('nothing to hand over, unless notes are given; blanks are none', async () => {
    const folder = await tempDir()
    const { ctx, cli } = await gobby(folder, new Date())
    const work = await transcript(cli, folder, new Date(Date.now() - 60_000))
    work.call('Read', { file_path: 'a.ts' }, 'ok')
    await work.save()
    await sync(ctx)
    await expect(call(createHandoff, ctx, { session_id: 1 })).rejects.toMatchObject({ code: 'nothing_to_hand_over' })
    await expect(call(createHandoff, ctx, { session_id: 1, notes: '  \n ' })).rejects.toMatchObject({ code: 'nothing_to_hand_over' })
    expect((await call(createHandoff, ctx, { session_id: 1, notes: 'water the hedge' })).context.notes).toBe('water the hedge')
    await ctx.close()
  })
})
