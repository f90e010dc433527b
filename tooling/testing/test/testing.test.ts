import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { expect, test } from 'vitest'
import { runBin, tempDir, tempHome, tempRepo } from '../src/index.ts'
import { removeTempDirs } from '../src/temp.ts'

test('a test file has a home of its own, a zone that is not UTC, and no CLI in reach', () => {
  expect(homedir()).toBe(process.env['HOME'])
  expect(homedir()).toContain('gobby-test-')
  expect(process.env['GOBBY_HOME']).toBe(`${homedir()}/.gobby`)
  expect(new Date('2026-07-01T00:00:00Z').getHours()).toBe(19)
  expect(Object.keys(process.env).filter((name) => /^(CLAUDE|CODEX|GEMINI|TMUX)/.test(name))).toEqual([])
  expect(process.env['TERM']).toBe('xterm-256color')
})

test('tempDir and tempHome give new empty folders', () => {
  expect(tempDir()).not.toBe(tempDir())
  const { home, gobbyHome } = tempHome()
  expect(existsSync(home)).toBe(true)
  expect(existsSync(gobbyHome)).toBe(false)
})

test('tempRepo makes real commits with a fixed author and fixed dates', () => {
  const repo = tempRepo()
  const sha = repo.commit('Add a file', { 'src/a.txt': 'a\n' })
  expect(repo.git('log', '-1', '--format=%H %an %cI')).toBe(`${sha} Test Author 2026-01-05T09:01:00+00:00`)
  expect(repo.git('status', '--short')).toBe('')
  expect(repo.commit('Again')).not.toBe(sha)
  expect(tempRepo().git('rev-parse', 'HEAD')).toBe(tempRepo().git('rev-parse', 'HEAD'))
})

test('runBin gives code, stdout and stderr, and passes input, arguments, folder and environment', async () => {
  const cwd = tempDir()
  const script = `process.stdin.on('data', (d) => process.stdout.write(d));
    console.error(process.cwd(), process.env.A, process.env.HOME, process.argv[1]); process.exitCode = 3`
  const result = await runBin(process.execPath, ['-e', script, 'two words'], { cwd, env: { A: 'b' }, input: 'hello' })
  expect(result).toMatchObject({ code: 3, signal: null, stdout: 'hello' })
  expect(result.stderr.trim()).toBe(`${cwd} b ${homedir()} two words`)
})

test('runBin kills a program that does not end', async () => {
  const result = await runBin(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeout: 200 })
  expect(result).toMatchObject({ code: null, signal: 'SIGKILL' })
})

// The last one: it removes this file's own home, too.
test('temporary folders are removed, also when a program is still writing into them', async () => {
  // In about one round of five a file comes in the middle of the removal.
  for (let round = 0; round < 20; round++) {
    const folder = tempDir()
    const script = `const { writeFileSync } = require('node:fs')
      const end = performance.now() + 150
      for (let n = 0; performance.now() < end; n++) try { writeFileSync(process.argv[1] + '/' + (n % 50), '') } catch { break }`
    const writers = [1, 2, 3].map(() => spawn(process.execPath, ['-e', script, folder], { stdio: 'ignore' }))
    const ended = writers.map((writer) => once(writer, 'exit'))
    while (readdirSync(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    removeTempDirs()
    expect(existsSync(folder)).toBe(false)
    await Promise.all(ended)
  }
})
