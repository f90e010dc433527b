import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir, tempRepo, type TempRepo } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { sessionCommits, type SessionCommitsInput } from '../src/git/commits.ts'

const DAY = { from: '2026-01-05T00:00:00.000Z', to: '2026-01-06T00:00:00.000Z' }
/** After what `tempRepo` commits by itself at 09:00. */
const SESSION = { from: '2026-01-05T09:00:30.000Z', to: '2026-01-05T12:00:00.000Z' }

const said = (sha: string | null, message: string, more: object = {}) => ({ sha, message, branch: sha ? 'main' : null, timestamp: null, ...more })

function find(checkout: string | null, more: Partial<SessionCommitsInput> = {}) {
  return sessionCommits({ reported: [], window: SESSION, checkout, shared: false, candidates: false, env: process.env, ...more })
}

async function short(checkout: string | null, more: Partial<SessionCommitsInput> = {}) {
  return (await find(checkout, more)).commits.map(({ hash, message, evidence, certainty }) => [hash, message, evidence, certainty])
}

/** Runs git with dates of its own. */
function at(repo: Pick<TempRepo, 'path'>, author: string, committer: string, ...args: string[]): string {
  const env = { ...process.env, GIT_AUTHOR_DATE: author, GIT_COMMITTER_DATE: committer }
  return execFileSync('git', args, { cwd: repo.path, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trimEnd()
}

test('what was reported is verified, what was not is found in the reflog', async () => {
  const repo = tempRepo()
  const [one, two] = [repo.commit('One | a'), repo.commit('Two')]
  expect(await find(repo.path, { reported: [said(one.slice(0, 7), 'One | a')] })).toEqual({
    commits: [
      { hash: two, message: 'Two', timestamp: '2026-01-05T09:02:00.000Z', author: 'Test Author', branch: 'main', evidence: 'reflog', certainty: 'likely' },
      { hash: one, message: 'One | a', timestamp: '2026-01-05T09:01:00.000Z', author: 'Test Author', branch: 'main', evidence: 'tool_output', certainty: 'certain' },
    ],
    replaced: [],
  })
})

test('a shared worktree makes candidates of what was not reported', async () => {
  const repo = tempRepo()
  const [one, two] = [repo.commit('One'), repo.commit('Two')]
  const input = { reported: [said(one, 'One')], shared: true }
  expect(await short(repo.path, input)).toEqual([[one, 'One', 'tool_output', 'certain']])
  expect(await short(repo.path, { ...input, candidates: true })).toEqual([[two, 'Two', 'reflog', 'candidate'], [one, 'One', 'tool_output', 'certain']])
})

test('only what HEAD did in the window', async () => {
  const repo = tempRepo()
  repo.commit('Before')
  const inside = repo.commit('Inside')
  repo.commit('After')
  expect(await short(repo.path, { window: { from: '2026-01-05T09:01:30.000Z', to: '2026-01-05T09:02:30.000Z' } })).toEqual([[inside, 'Inside', 'reflog', 'likely']])
})

test('checkouts, resets and fast-forwards are no commits', async () => {
  const repo = tempRepo()
  const start = repo.git('rev-parse', 'HEAD')
  repo.git('checkout', '-q', '-b', 'side')
  const one = repo.commit('One')
  repo.git('checkout', '-q', 'main')
  repo.git('merge', '-q', 'side')
  repo.git('reset', '-q', '--hard', start)
  repo.git('reset', '-q', '--hard', 'side')
  expect((await find(repo.path)).commits).toMatchObject([{ hash: one, branch: 'side' }])
})

describe('rewritten', () => {
  test('amended twice, with another subject, reported before and after', async () => {
    const repo = tempRepo()
    const old = repo.commit('Old')
    repo.git('commit', '-q', '--amend', '--allow-empty', '-m', 'Newer')
    const middle = repo.git('rev-parse', 'HEAD')
    repo.git('commit', '-q', '--amend', '--allow-empty', '-m', 'Newest')
    const last = repo.git('rev-parse', 'HEAD')
    const reported = [said(old.slice(0, 7), 'Old'), said(middle.slice(0, 7), 'Newer', { amends: true })]
    expect(await short(repo.path, { reported })).toEqual([[last, 'Newest', 'tool_output', 'certain']])
    expect(await short(repo.path)).toEqual([[last, 'Newest', 'reflog', 'likely']])
  })

  test('amended, and the reflog is gone', async () => {
    const repo = tempRepo()
    const old = repo.commit('Old')
    repo.git('commit', '-q', '--amend', '--allow-empty', '-m', 'New')
    const now = repo.git('rev-parse', 'HEAD')
    repo.git('reflog', 'expire', '--expire=all', '--all')
    expect(await short(repo.path, { reported: [said(old, 'Old'), said(now.slice(0, 9), 'New', { amends: true })] })).toEqual([[now, 'New', 'tool_output', 'certain']])
    repo.git('gc', '-q', '--prune=now')
    expect(await short(repo.path, { reported: [said(now, 'New')] })).toEqual([[now, 'New', 'tool_output', 'certain']])
    expect(await short(repo.path, { reported: [said(old.slice(0, 7), 'Old')] })).toEqual([[old.slice(0, 7), 'Old', 'tool_output', 'reported']])
  })

  test('rebased after the session, and its own branch name stays', async () => {
    const repo = tempRepo()
    repo.git('checkout', '-q', '-b', 'side')
    const [one, two] = [repo.commit('One', { one: '' }), repo.commit('Two', { two: '' })]
    repo.git('checkout', '-q', 'main')
    repo.commit('Main', { main: '' })
    at(repo, '', '2026-02-02T10:00:00Z', 'rebase', '-q', '--onto', 'main', 'main~1', 'side')
    const now = repo.git('log', '-2', '--format=%H').split('\n')
    const { commits } = await find(repo.path, { reported: [said(one, 'One', { branch: 'side' })], window: { ...SESSION, to: '2026-01-05T09:02:30.000Z' } })
    expect(commits).toMatchObject([
      { hash: now[0], message: 'Two', timestamp: '2026-02-02T10:00:00.000Z', certainty: 'likely' },
      { hash: now[1], message: 'One', branch: 'side', certainty: 'certain' },
    ])
    expect([one, two]).not.toContain(now[0])
  })

  test("rebased in the session: the others' commits are not its own", async () => {
    const repo = tempRepo()
    repo.git('checkout', '-q', '-b', 'side')
    repo.commit('Long ago', { ago: '' })
    repo.git('checkout', '-q', 'main')
    repo.commit('Main', { main: '' })
    repo.git('checkout', '-q', 'side')
    const mine = repo.commit('Mine', { mine: '' })
    repo.git('rebase', '-q', 'main')
    const now = repo.git('rev-parse', 'HEAD')
    const { commits } = await find(repo.path, { window: { ...SESSION, from: '2026-01-05T09:02:30.000Z' } })
    expect(commits).toMatchObject([{ hash: now, message: 'Mine', branch: 'side' }])
    expect(now).not.toBe(mine)
  })

  test('rebased in another worktree, seen in the log alone', async () => {
    const repo = tempRepo()
    const other = join(tempDir(), 'other')
    repo.git('checkout', '-q', '-b', 'side')
    const one = repo.commit('One', { one: '' })
    repo.git('checkout', '-q', 'main')
    repo.commit('Main', { main: '' })
    repo.git('worktree', 'add', '-q', other, 'side')
    at({ path: other }, '', '2026-01-07T10:00:00Z', 'rebase', '-q', 'main')
    const now = repo.git('rev-parse', 'side')
    expect(await short(repo.path, { reported: [said(one, 'One')], window: { ...SESSION, to: '2026-01-05T09:01:30.000Z' } })).toEqual([[now, 'One', 'tool_output', 'certain']])
  })

  test('thrown away: kept when reported, else not', async () => {
    const repo = tempRepo()
    const [one, two] = [repo.commit('One'), repo.commit('Two')]
    repo.git('reset', '-q', '--hard', 'HEAD~2')
    expect(await short(repo.path, { reported: [said(one, 'One')] })).toEqual([[one, 'One', 'tool_output', 'certain']])
    expect(two).toBeTruthy()
  })
})

describe('kinds of commits', () => {
  test('merge, cherry-pick, revert, first commit', async () => {
    const repo = tempRepo()
    repo.git('checkout', '-q', '-b', 'side')
    const side = repo.commit('Side', { side: '' })
    repo.git('checkout', '-q', 'main')
    repo.commit('Main', { main: '' })
    repo.git('merge', '-q', '--no-ff', 'side', '-m', 'Join')
    repo.git('revert', '--no-edit', '-m', '1', 'HEAD')
    repo.git('cherry-pick', '--allow-empty', side)
    const reported = [said(null, 'Join')]
    const { commits } = await find(repo.path, { reported, window: DAY })
    expect(commits.map(({ message, branch }) => [message, branch])).toEqual([
      ['Side', 'main'], ['Revert "Join"', 'main'], ['Join', 'main'], ['Main', 'main'], ['Side', 'side'], ['Start', 'main'],
    ])
  })

  test('a merge whose subject names the branch it went into', async () => {
    const repo = tempRepo()
    repo.git('checkout', '-q', '-b', 'side')
    repo.commit('Side')
    repo.git('checkout', '-q', '-b', 'other', 'main')
    repo.git('merge', '-q', '--no-ff', '--no-edit', 'side')
    expect((await find(repo.path, { reported: [said(null, "Merge branch 'side'")] })).commits.map(({ message, certainty }) => [message, certainty])).toEqual([
      ["Merge branch 'side' into other", 'likely'], ['Side', 'likely'],
    ])
  })

  test('quiet ones by their message, also in a shared worktree, also twice, also without a reflog', async () => {
    const repo = tempRepo()
    const [one, two] = [repo.commit('wip'), repo.commit('wip')]
    const reported = [said(null, 'wip', { timestamp: '2026-01-05T09:01:01.000Z' }), said(null, 'wip', { timestamp: '2026-01-05T09:02:01.000Z' }), said(null, 'elsewhere')]
    const expected = (evidence: string) => [[two, 'wip', evidence, 'likely'], [one, 'wip', evidence, 'likely'], [null, 'elsewhere', 'tool_output', 'reported']]
    expect(await short(repo.path, { reported, shared: true })).toEqual(expected('reflog'))
    repo.git('reflog', 'expire', '--expire=all', '--all')
    expect(await short(repo.path, { reported })).toEqual(expected('log'))
  })

  test('detached HEAD', async () => {
    const repo = tempRepo()
    repo.git('checkout', '-q', '--detach')
    const one = repo.commit('One')
    expect((await find(repo.path, { reported: [said(one.slice(0, 7), 'One', { branch: null })] })).commits).toMatchObject([{ hash: one, branch: null, certainty: 'certain' }])
  })

  test('any byte in a subject, any name', async () => {
    const repo = tempRepo()
    repo.git('config', 'user.name', 'Zoë <3| \u001F')
    repo.git('config', 'log.showSignature', 'true')
    const subject = 'a|b\u001Fc "naïve" ☃ \u00E9'
    const one = repo.commit(subject)
    const author = repo.git('log', '-1', '--format=%an')
    for (const reported of [[], [said(one, subject)]]) expect((await find(repo.path, { reported })).commits).toMatchObject([{ message: subject, author, hash: one }])
    repo.git('config', 'i18n.commitEncoding', 'ISO-8859-1')
    const bytes = join(tempDir(), 'message')
    writeFileSync(bytes, Buffer.from('caf\u00E9', 'latin1'))
    repo.git('commit', '-q', '--allow-empty', '-F', bytes)
    const two = repo.git('rev-parse', 'HEAD')
    expect((await find(repo.path, { reported: [said(two, '?')] })).commits).toMatchObject([{ message: 'café', hash: two }, {}])
  })

  test('a subject over two lines, an empty one', async () => {
    const repo = tempRepo()
    repo.git('commit', '-q', '--allow-empty', '-m', 'one\ntwo\n\nbody')
    const one = repo.git('rev-parse', 'HEAD')
    repo.git('commit', '-q', '--allow-empty', '--allow-empty-message', '-m', '')
    const two = repo.git('rev-parse', 'HEAD')
    const expected = ['', 'one two']
    expect((await find(repo.path, { window: DAY })).commits.slice(0, 2).map(({ message }) => message)).toEqual(expected)
    expect((await find(repo.path, { window: DAY, reported: [said(one, ''), said(two, '')] })).commits.slice(0, 2).map(({ message }) => message)).toEqual(expected)
  })
})

describe('repositories', () => {
  test('a linked worktree has its own reflog and the same commits', async () => {
    const repo = tempRepo()
    const path = join(tempDir(), 'linked')
    repo.git('worktree', 'add', '-q', '-b', 'linked', path)
    const main = repo.commit('Main')
    at({ path }, '2026-01-05T10:00:00Z', '2026-01-05T10:00:00Z', 'commit', '-q', '--allow-empty', '-m', 'Linked')
    expect((await find(path)).commits).toMatchObject([{ message: 'Linked', branch: 'linked', certainty: 'likely' }])
    expect((await find(path, { reported: [said(main, 'Main')] })).commits.map(({ message, certainty }) => [message, certainty])).toEqual([['Linked', 'likely'], ['Main', 'certain']])
    expect((await find(path, { candidates: true })).commits.map(({ message, certainty }) => [message, certainty])).toEqual([['Linked', 'likely'], ['Main', 'candidate']])
  })

  test('shallow, bare', async () => {
    const repo = tempRepo()
    const one = repo.commit('One')
    for (const option of ['--depth=1', '--bare']) {
      const path = join(tempDir(), 'clone')
      execFileSync('git', ['clone', '-q', option, `file://${repo.path}`, path])
      const { commits } = await find(path, { reported: [said(one.slice(0, 8), 'One'), said('1234567', 'None')], candidates: true })
      expect(commits.map(({ hash, certainty }) => [hash, certainty])).toEqual([[one, 'certain'], ['1234567', 'reported']])
    }
  })

  test('no commit yet', async () => {
    const path = tempDir()
    execFileSync('git', ['init', '-q', path])
    expect(await find(path, { reported: [said('1234567', 'One')], candidates: true })).toMatchObject({ commits: [{ hash: '1234567', certainty: 'reported' }], reason: 'There is no commit yet on the current branch.' })
  })

  test('none, gone: what was reported, amended ones once', async () => {
    const gone = tempDir()
    rmSync(gone, { recursive: true })
    const reported = [said('1111111', 'One'), said('2222222', 'Two', { timestamp: '2026-01-05T10:00:00.000Z' }), said('3333333', 'Two again', { amends: true }), said(null, '', { amends: true }), said(null, 'Quiet'), said(null, ''), said('1111111aaa', 'One')]
    for (const checkout of [null, gone, tempDir()]) {
      const { commits, reason } = await find(checkout, { reported, candidates: true })
      expect(commits.map(({ hash, message, certainty }) => [hash, message, certainty])).toEqual([[null, 'Quiet', 'reported'], [null, 'Two again', 'reported'], ['1111111', 'One', 'reported']])
      expect(reason).toMatch(/gone|no git repository/)
    }
  })

  test('GIT_DIR in the environment', async () => {
    const [repo, other] = [tempRepo(), tempRepo()]
    other.commit('Foreign')
    const one = repo.commit('One')
    expect(await short(repo.path, { env: { ...process.env, GIT_DIR: join(other.path, '.git') } })).toEqual([[one, 'One', 'reflog', 'likely']])
  })
})

describe('candidates', () => {
  test('by either date, whatever the other says, and never a stash', async () => {
    const repo = tempRepo()
    repo.git('checkout', '-q', '-b', 'work')
    const commit = (author: string, committer: string, message: string) => at(repo, author, committer, 'commit', '-q', '--allow-empty', '-m', message)
    commit('2026-01-05T10:00:00Z', '2026-01-05T10:00:00Z', 'both')
    commit('2026-01-05T10:30:00Z', '2026-03-01T10:00:00Z', 'authored')
    commit('2025-01-01T00:00:00Z', '2026-01-05T11:00:00Z', 'committed')
    commit('2025-01-01T00:00:00Z', '2020-01-01T00:00:00Z', 'skewed')
    repo.write({ 'README.md': 'changed' })
    at(repo, '2026-01-05T10:40:00Z', '2026-01-05T10:40:00Z', 'stash')
    repo.git('reflog', 'expire', '--expire=all', '--all')
    repo.git('checkout', '-q', 'main')
    const { commits } = await find(repo.path, { candidates: true })
    expect(commits.map(({ message, branch, evidence, certainty }) => [message, branch, evidence, certainty])).toEqual(['authored', 'committed', 'both'].map((message) => [message, 'work', 'log', 'candidate']))
    expect((await find(repo.path)).commits).toEqual([])
  })

  test('a committer date far from the reflog does not hide it', async () => {
    const repo = tempRepo()
    const one = repo.commit('One')
    at(repo, '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z', 'commit', '-q', '--allow-empty', '-m', 'Skewed')
    const skewed = repo.git('rev-parse', 'HEAD')
    expect(await short(repo.path, { reported: [said(skewed, 'Skewed')] })).toEqual([[one, 'One', 'reflog', 'likely'], [skewed, 'Skewed', 'tool_output', 'certain']])
  })
})

test('thousands of commits and long messages', async () => {
  const repo = tempRepo()
  const stream = Array.from({ length: 3000 }, (_, index) => {
    const message = `Commit ${index} ${'x'.repeat(2000)}`
    return `commit refs/heads/many\ncommitter A <a@b> ${Date.UTC(2026, 0, 5, 10) / 1000 + index} +0000\ndata ${message.length}\n${message}\n`
  }).join('')
  execFileSync('git', ['fast-import', '--quiet'], { cwd: repo.path, input: stream })
  const shas = repo.git('log', 'many', '--format=%H').split('\n')
  const { commits, reason } = await find(repo.path, { candidates: true, reported: shas.slice(0, 2000).map((sha) => said(sha, 'x')) })
  expect([commits.length, reason]).toEqual([3000, undefined])
  expect(commits.slice(0, 3).map(({ hash }) => hash)).toEqual(shas.slice(0, 3))
})

test('at most four starts of git, one when there is nothing to ask further', async () => {
  const folder = tempDir()
  const count = join(folder, 'count')
  writeFileSync(join(folder, 'git'), `#!/bin/sh\necho >> ${count}\nPATH=${process.env.PATH} exec git "$@"\n`)
  chmodSync(join(folder, 'git'), 0o755)
  const starts = async (more: Partial<SessionCommitsInput>) => {
    writeFileSync(count, '')
    await find(repo.path, { ...more, env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } })
    return readFileSync(count, 'utf8').length
  }
  const repo = tempRepo()
  const one = repo.commit('One')
  expect(await starts({ window: { from: '2026-01-07T00:00:00.000Z', to: '2026-01-08T00:00:00.000Z' } })).toBe(1)
  expect(await starts({ reported: [said(one, 'One')] })).toBe(3)
  expect(await starts({ reported: [said(one, 'One'), said('1234567', 'None'), said(null, 'Quiet')], candidates: true })).toBe(4)
})
