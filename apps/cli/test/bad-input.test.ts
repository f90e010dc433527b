import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runBin, tempDir } from '@gobby/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { type App, BIN, sampleApp } from './app.ts'

// The bad input table of issue 2.

let app: App
beforeAll(async () => {
  app = sampleApp()
  await app.run(['session', 'sync'])
})

describe('refs', () => {
  test.each(['99', '#99', 'orchard#99', 'nowhere#1', 'abcdef00', '00000000-0000-0000-0000-000000000000'])('%s is not there', async (ref) => {
    const { code, stdout, stderr } = await app.run(['session', 'show', ref])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^error: [^\n]+\n[^\n]*gobby [^\n]+\n$/)
  })

  test('an ambiguous one lists candidates', async () => {
    const { code, stderr } = await app.run(['session', 'show', '1'])
    expect(code).toBe(4)
    expect(stderr).toContain('cider-press#1, orchard#1')
    expect((await app.json(['session', 'show', '1'])).error).toEqual({
      code: 'ambiguous',
      message: expect.any(String),
      hint: expect.stringContaining('gobby session show'),
      candidates: ['cider-press#1', 'orchard#1'],
    })
  })

  test.each(['#', '#0', '#-1', '-1', '%', 'x'.repeat(300), ' ', ''])('%j is malformed', async (ref) => {
    const { code, stderr } = await app.run(['session', 'show', ref])
    expect(code).toBe(2)
    expect(stderr.length).toBeLessThan(500)
    expect(stderr).toContain('gobby session show 3')
  })

  test.each(['show', 'messages', 'delete'])('a missing one: session %s explains the shell', async (command) => {
    const { code, stderr } = await app.run(['session', command])
    expect(code).toBe(2)
    expect(stderr).toContain('<ref> is missing')
    expect(stderr).toContain('unquoted #3')
  })
})

describe('values', () => {
  test.each([
    ...['0', '-5', 'abc', '1000000000', '1.5', ''].map((value) => [['session', 'list', '--limit', value], 'error: --limit must be a whole number from 1 to 200.']),
    [['session', 'messages', 'orchard#4', '--tail', '0'], '--tail must be a whole number from 1 to 200'],
    [['session', 'messages', 'orchard#4', '--offset', '-1'], '--offset must be'],
    [['session', 'list', '--status', 'x'], '--status must be one of active, paused, expired, archived, handoff_ready'],
    [['session', 'list', '--source', 'x'], '--source must be one of claude, codex, gemini'],
    [['session', 'sync', '--source', 'x'], '--source must be one of claude, codex, gemini'],
    [['session', 'messages', 'orchard#4', '--type', 'x'], '--type must be one of text'],
    [['session', 'search', 'x', '--role', 'x'], '--role must be one of user'],
    [['session', 'search', 'x', '--sort', 'x'], '--sort must be one of relevance, newest'],
    [['session', 'search', 'x', '--since', 'nonsense'], '30m, 12h, 7d, 4w'],
    [['session', 'stats', '--since', '2026-02-30'], '30m, 12h, 7d, 4w'],
    [['session', 'list', '--cursor', 'x'], 'cursor'],
    [['session', 'list', '--since', 'soon'], '30m, 12h, 7d, 4w'],
    [['session', 'list', '--until', '2026-13-01'], '30m, 12h, 7d, 4w'],
    [['session', 'search', '--', '-not'], 'Give at least one word'],
    [['session', 'search', ''], 'search'],
  ] as [string[], string][])('%j', async (args, words) => {
    const { code, stdout, stderr } = await app.run(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
  })

  test('an unknown project', async () => {
    expect(await app.run(['session', 'list', '--project', 'nowhere'])).toMatchObject({ code: 3, stderr: expect.stringContaining('gobby project list') })
  })
})

describe('what oclif finds wrong', () => {
  test.each([
    [['session', 'list', '--bogus'], '--bogus'],
    [['session', 'list', 'extra'], 'takes no "extra"'],
    [['session', 'list', '--limit'], '--limit expects a value'],
    [['session', 'messages', '3', '--tail', '2', '--limit', '3'], '--limit=3 cannot also be provided when using --tail.'],
    [['serve', '--port', 'abc'], '--port must be a whole number, not abc.'],
    [['session', 'list', '--all', '--project', 'orchard'], '--project'],
    [['session', 'show', 'orchard#4', 'extra'], 'takes no "extra"'],
    [['session', 'search'], '<query> is missing'],
    [['session', 'search', '-not', 'x'], "gobby session search -- -not"],
    [['session', 'bogus'], 'gobby session --help'],
    [['bogus'], 'gobby --help'],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await app.run(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr.split('\n')).toHaveLength(3)
    const asJson = await app.run([args[0] as string, ...args.slice(1, 2), '--json', ...args.slice(2)])
    expect(asJson.code).toBe(2)
    expect(asJson.stdout.length).toBeLessThan(600)
    expect(JSON.parse(asJson.stdout)).toEqual({ error: { code: 'invalid', message: expect.any(String), hint: expect.any(String) } })
  })
})

describe('what was meant', () => {
  test.each([
    ['sesion list --limit 3', 'gobby sesion', 'gobby session list'],
    ['session lst 3', 'gobby session lst', 'gobby session list'],
    ['session mess 3', 'gobby session mess', 'gobby session messages'],
    ['taks show 3', 'gobby taks', 'gobby task show'],
    ['Sessions', 'gobby Sessions', 'one of: gobby hub sessions, gobby session'],
    ['search frost alert', 'gobby search', 'gobby session search'],
    ['doctr', 'gobby doctr', 'gobby doctor'],
    ['help stats', 'gobby stats', 'one of: gobby hub stats, gobby session stats'],
  ])('gobby %s', async (typed, unknown, meant) => {
    const { code, stderr } = await app.run(typed.split(' '))
    expect(code).toBe(2)
    expect(stderr).toBe(`error: There is no command "${unknown}".\nDid you mean${meant.startsWith('one') ? ' ' : ': '}${meant}\n`)
  })

  test.each([
    ['session list --limt 3', '--limit'],
    ['session list --stat active', '--status'],
    ['session show 3 --jsno', '--json'],
    ['--versoin', '--version'],
  ])('gobby %s', async (typed, meant) => {
    expect(await app.run(typed.split(' '))).toMatchObject({ code: 2, stderr: expect.stringMatching(`\nDid you mean: ${meant}\n$`) })
  })

  test('in a search, a flag or a word', async () => {
    const { stderr } = await app.run(['session', 'search', 'frost', '--sinc', '7d'])
    expect(stderr).toContain('Did you mean: --since. A word that begins with "-" goes after "--": gobby session search -- --sinc\n')
  })

  test.each(['xyzzy', 'session frobnicate', 'session list --frobnicate', '--frobnicate'])('nothing in reach of gobby %s', async (typed) => {
    const { code, stderr } = await app.run(typed.split(' '))
    expect(code).toBe(2)
    expect(stderr).not.toContain('Did you mean')
    expect(stderr).toMatch(/gobby [a-z ]*--help\n$/)
  })

  test('help and version as words', async () => {
    const flags = await runBin(BIN, ['session', 'list', '--help'], { env: app.env })
    expect(flags.stdout.split('List sessions, the newest activity first.')).toHaveLength(2)
    expect(await runBin(BIN, ['help', 'session', 'list'], { env: app.env })).toEqual(flags)
    const { stdout } = await runBin(BIN, ['version'], { env: app.env })
    expect(stdout).toBe((await runBin(BIN, ['-v'], { env: app.env })).stdout)
    expect(stdout).toMatch(/^@gobby\/cli\/\S+/)
  })
})

test('a flag goes by the name of its parameter too', async () => {
  const found = (flag: string) => app.json(['session', 'search', 'harvest', flag, 'orchard#3'])
  expect(await found('--session-id')).toEqual(await found('--session'))
  expect((await app.json(['session', 'list', '--include-subagents'])).count).toBe(8)
  const { stderr } = await app.run(['session', 'commits', 'orchard#3', '--max-commits=1'], { terminal: 'stderr' })
  expect(stderr).toContain("1 shown; there may be more: gobby session commits 'orchard#3' --max 200\n")
})

describe('the database', () => {
  const withDatabase = (path: string) => ({ env: { GOBBY_DATABASE_URL: `file:${path}` } })

  test('that is none', async () => {
    const path = join(tempDir(), 'sessions.db')
    writeFileSync(path, 'not a database, but long enough to look into '.repeat(40))
    expect(await app.run(['session', 'list'], withDatabase(path))).toMatchObject({ code: 5, stderr: expect.stringContaining('is not a database') })
  })

  test.skipIf(process.getuid?.() === 0)('in a folder that may not be written', async () => {
    const folder = join(tempDir(), 'closed')
    mkdirSync(folder)
    chmodSync(folder, 0o500)
    expect((await app.run(['session', 'list'], withDatabase(join(folder, 'sessions.db')))).code).toBe(5)
  })

  test('of another engine', async () => {
    expect((await app.run(['session', 'list'], { env: { GOBBY_DATABASE_URL: 'mysql://x' } })).code).toBe(2)
  })
})
