import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir, tempRepo } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { git, status } from '../src/git/git.ts'

const env = process.env

function fakeGit(script: string): string {
  const folder = tempDir()
  writeFileSync(join(folder, 'git'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'git'), 0o755)
  return folder
}

describe('why there is no answer', () => {
  const reason = async (cwd: string, args = ['rev-parse', '--git-dir'], more: Partial<Parameters<typeof git>[2]> = {}) => {
    const answer = await git(cwd, args, { env, ...more })
    return answer.ok ? 'none' : answer.reason
  }

  test('no git', async () => {
    expect(await reason(tempDir(), ['status'], { env: { PATH: '/nonexistent' } })).toMatch(/not installed/)
  })
  test('the folder is gone', async () => {
    const folder = tempDir()
    rmSync(folder, { recursive: true })
    expect(await reason(folder)).toBe(`The folder ${folder} is gone.`)
  })
  test('a file, an impossible path', async () => {
    const file = join(tempDir(), 'file')
    writeFileSync(file, '')
    expect(await reason(file)).toMatch(/^git cannot run/)
    expect(await reason('a\0b')).toMatch(/^git cannot run/)
  })
  test('no repository', async () => {
    expect(await reason(tempDir())).toMatch(/in no git repository/)
  })
  test('bare', async () => {
    const folder = tempDir()
    execFileSync('git', ['init', '-q', '--bare', folder])
    expect(await reason(folder, ['status'])).toMatch(/is bare/)
  })
  test('no commit yet', async () => {
    const folder = tempDir()
    execFileSync('git', ['init', '-q', folder])
    expect(await reason(folder, ['log'])).toMatch(/no commit yet/)
    expect(await reason(folder, ['log', '-g', 'HEAD', '--'])).toMatch(/no commit yet/)
  })
  test('an older git', async () => {
    expect(await reason(tempDir(), [], { env: { PATH: `${fakeGit('echo "fatal: unrecognized argument: --since-as-filter=@1" >&2; exit 128')}:${env.PATH}` } })).toMatch(/older than 2.37/)
  })
  test('too slow, too much', async () => {
    expect(await reason(tempDir(), [], { env: { PATH: `${fakeGit('exec sleep 20')}:${env.PATH}` }, timeout_ms: 100 })).toBe('git took longer than 0.1 seconds.')
    expect(await reason(tempDir(), [], { env: { PATH: `${fakeGit('exec head -c 17000000 /dev/zero')}:${env.PATH}` } })).toMatch(/more than 16 MB/)
  })
  test.skipIf(process.getuid?.() !== 0)("somebody else's repository", async () => {
    const { path } = tempRepo()
    chownSync(path, 4321, 4321)
    chownSync(join(path, '.git'), 4321, 4321)
    expect(await reason(path)).toMatch(/belongs to another user/)
    expect((await status(path, env)).text).toBeNull()
  })
})

test("git's variables in the environment lead nowhere", async () => {
  const [one, other] = [tempRepo(), tempRepo()]
  other.write({ 'other.txt': '' })
  const foreign = { ...env, GIT_DIR: join(other.path, '.git'), GIT_WORK_TREE: other.path, GIT_INDEX_FILE: '/nowhere', git_dir: other.path }
  one.write({ 'one.txt': '' })
  expect(await status(one.path, foreign)).toEqual({ text: '?? one.txt' })
})

test('reads what is given on stdin, and survives a git that does not', async () => {
  const { path } = tempRepo()
  const answer = await git(path, ['cat-file', '--batch-check'], { env, input: 'HEAD\nnone\n' })
  expect(answer.ok && answer.stdout.toString()).toMatch(/^[0-9a-f]{40} commit \d+\nnone missing\n$/)
  expect((await git(path, ['version'], { env, input: 'x'.repeat(1_000_000) })).ok).toBe(true)
})

describe('status', () => {
  test('clean, changed, non-ASCII names, whatever the configuration says', async () => {
    const { path, git: run, write } = tempRepo()
    expect(await status(path, env)).toEqual({ text: '' })
    run('config', 'status.branch', 'true')
    run('config', 'color.ui', 'always')
    write({ 'README.md': 'changed', 'données/naïve.md': 'new' })
    expect(await status(path, env)).toEqual({ text: ' M README.md\n?? données/' })
  })

  test('with a lock, and in the middle of a rebase', async () => {
    const { path, git: run, commit, write } = tempRepo()
    run('checkout', '-q', '-b', 'side')
    commit('Side', { 'a.txt': 'side' })
    run('checkout', '-q', 'main')
    commit('Main', { 'a.txt': 'main' })
    expect(() => run('rebase', '-q', 'side')).toThrow(/./)
    writeFileSync(join(path, '.git', 'index.lock'), '')
    expect(await status(path, env)).toEqual({ text: 'AA a.txt' })
    write({ 'b.txt': '' })
    expect((await status(path, env)).text).toContain('?? b.txt')
  })

  test('before the first commit, in a subfolder', async () => {
    const folder = tempDir()
    execFileSync('git', ['init', '-q', folder])
    mkdirSync(join(folder, 'sub'))
    writeFileSync(join(folder, 'sub', 'x'), '')
    expect(await status(join(folder, 'sub'), env)).toEqual({ text: '?? ./' })
  })
})
