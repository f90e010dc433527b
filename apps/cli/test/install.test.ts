import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runBin, tempDir, tempHome } from '@gobby/testing'
import { expect, onTestFinished, test } from 'vitest'
import { type App, BIN, sampleApp } from './app.ts'
import { contextIn, ownCopy } from './hook-program.ts'

/** A home of its own, with all of the CLIs' folders in it; their programs are not on PATH, whatever this machine has. */
function app(): App & { home: string; at(name: string): string } {
  const { home, env } = tempHome()
  const made = sampleApp()
  const own = { ...env, CLAUDE_CONFIG_DIR: '', CODEX_HOME: '', GEMINI_CLI_HOME: '', PATH: tempDir() }
  const withOwn: App['run'] = (args, options = {}) => made.run(args, { ...options, env: { ...own, ...options.env } })
  for (const name of ['.claude', '.codex', '.gemini']) mkdirSync(join(home, name))
  return { ...made, home, at: (name) => join(home, name), run: withOwn, json: async (args, options) => JSON.parse((await withOwn([...args, '--json'], options)).stdout) as Record<string, unknown> }
}

test('install says per file what it did, and what is left to do; a second one that all is there', async () => {
  const { run, at } = app()
  const first = await run(['install'])
  expect(first).toMatchObject({ code: 0, stderr: '' })
  const lines = first.stdout.trimEnd().split('\n').map((line) => line.split('\t'))
  expect(lines.filter(([kind]) => kind === 'file').map(([, source, scope, outcome, holds, path]) => [source, scope, outcome, holds, path])).toEqual([
    ['claude', 'user', 'created', 'hooks', at('.claude/settings.json')],
    ['claude', 'user', 'created', 'mcp', at('.claude.json')],
    ['codex', 'user', 'created', 'hooks', at('.codex/hooks.json')],
    ['codex', 'user', 'created', 'mcp', at('.codex/config.toml')],
    ['gemini', 'user', 'created', 'hooks,mcp', at('.gemini/settings.json')],
  ])
  expect(first.stdout).toMatch(/^next\tCodex .*\/hooks/m)
  const second = await run(['install'], { terminal: true })
  expect(second.stdout.match(/already as it should be/g)).toHaveLength(5)
  expect(second.stdout).not.toContain('left to do')
  expect(await run(['uninstall'], { terminal: true })).toMatchObject({ code: 0, stdout: expect.stringContaining('removed') })
  expect(existsSync(at('.gobby'))).toBe(false)
  expect(await run(['uninstall'])).toEqual({ code: 0, stdout: '', stderr: 'Nothing of gobby was found in the settings of your CLIs.\n' })
})

test('a refused file ends with 1, says why and what to do; the others are done', async () => {
  const { run, json, at } = app()
  writeFileSync(at('.gemini/settings.json'), '{')
  const refused = await run(['install'], { terminal: true, env: { NO_COLOR: '1' } })
  expect(refused.code).toBe(1)
  expect(refused.stdout).toMatch(/gemini {2}.*not touched, because it is not valid JSON/)
  expect(existsSync(at('.codex/hooks.json'))).toBe(true)
  const { files } = await json(['install'])
  expect(files.filter(({ outcome }: { outcome: string }) => outcome === 'refused')).toEqual([{ source: 'gemini', scope: 'user', path: at('.gemini/settings.json'), holds: ['hooks', 'mcp'], outcome: 'refused', backup: null, reason: expect.any(String), hint: expect.any(String) }])
  expect(readFileSync(at('.gemini/settings.json'), 'utf8')).toBe('{')
})

test('flags: some sources, a project, no server, a dry run; wrong ones are explained', async () => {
  const { run, json, at, home } = app()
  const dry = await run(['install', '--dry-run', '--source', 'codex'], { terminal: true })
  expect(dry.stdout).toContain('would be made')
  expect(dry.stdout).toContain('+[mcp_servers.gobby-sessions]')
  expect(existsSync(at('.gobby'))).toBe(false)
  expect((await json(['install', '--source', 'codex,claude', '--no-mcp'])).files.map(({ path }: { path: string }) => path)).toEqual([at('.claude/settings.json'), at('.codex/hooks.json')])
  const project = join(tempDir(), 'pear')
  mkdirSync(project)
  expect((await json(['install', '--scope', 'project', '--source', 'claude'], { cwd: project })).files.map(({ path }: { path: string }) => path)).toEqual([join(project, '.claude/settings.json'), join(project, '.mcp.json')])
  expect(await run(['install', '--source', 'nano'])).toMatchObject({ code: 2, stderr: expect.stringContaining('claude, codex, gemini') })
  expect(await run(['install', '--scope', 'all'])).toMatchObject({ code: 2, stderr: expect.stringContaining('"user" or "project"') })
  expect(await run(['install', '--scope', 'project'], { cwd: home })).toMatchObject({ code: 2, stderr: expect.stringContaining('no project') })
  const { home: empty, env } = tempHome()
  expect(await run(['install'], { env: { ...env } as Record<string, string>, cwd: empty })).toMatchObject({ code: 0, stderr: expect.stringContaining('No CLI was found') })
})

type Problem = { what: string; do: string }

test('doctor: nothing here is well; what is missing is a problem with a remedy; mended, all is well', async () => {
  const { run, json, at, home } = app()
  const { home: empty, env } = tempHome()
  expect(await run(['doctor'], { env: { ...env } as Record<string, string>, cwd: empty, terminal: true })).toMatchObject({ code: 0, stdout: expect.stringContaining('All is well.') })
  expect(existsSync(join(empty, '.gobby'))).toBe(false)

  expect((await run(['doctor'])).code).toBe(1)
  const before = await json(['doctor'])
  expect(before.problems).toHaveLength(6)
  expect(before.problems.every((problem: Problem) => /^gobby install --source \w+$/.test(problem.do))).toBe(true)
  await run(['install'])
  // It cannot be asked, and was never heard.
  const unsure = { what: "Whether Codex runs gobby's hooks is not known: nothing arrived from them yet, and it is not on PATH to be asked.", do: 'Start it, type /hooks, and trust those of gobby.' }
  expect(await json(['doctor'])).toMatchObject({ healthy: false, problems: [unsure] })
  expect(existsSync(at('.gobby/sessions.db'))).toBe(false)

  const folder = at('.claude/projects/p')
  mkdirSync(folder, { recursive: true })
  const id = '11111111-2222-4333-8444-555555555555'
  const line = { parentUuid: null, isSidechain: false, type: 'user', uuid: 'u', sessionId: id, cwd: home, timestamp: '2026-11-22T10:00:00.000Z', message: { role: 'user', content: 'hello' } }
  writeFileSync(join(folder, `${id}.jsonl`), `${JSON.stringify(line)}\n`)
  const behind = await json(['doctor'])
  expect(behind).toMatchObject({ healthy: false, database: { there: false, not_ingested: 1, never_read: 1 }, problems: [unsure, { do: 'gobby session sync' }] })
  await run(['session', 'sync'])
  await runBin(at('.gobby/bin/gobby-hook'), ['codex'], { env: { HOME: home, PATH: '/usr/bin:/bin' }, cwd: home, input: JSON.stringify({ session_id: 'pear-1', cwd: home, hook_event_name: 'PostToolUse' }) })
  expect(await json(['doctor'])).toMatchObject({ healthy: true, database: { there: true, integrity: 'ok', sessions: 1, messages: 1, not_ingested: 0 } })

  writeFileSync(at('.claude/settings.json'), readFileSync(at('.claude/settings.json'), 'utf8').replaceAll('"timeout": 5', '"timeout": 6'))
  const server = at('.gobby/bin/gobby-mcp')
  rmSync(server)
  rmSync(at('.gemini/settings.json'))
  mkdirSync(at('.gobby/logs'), { recursive: true })
  mkdirSync(at('.gobby/spool'))
  writeFileSync(at('.gobby/logs/hook.log'), `2020-01-01T00:00:00.000Z claude: long ago\n${new Date().toISOString()} claude: the disk is full\n`)
  writeFileSync(at('.gobby/spool/1700000000000-1-1.json'), '{}')
  const { problems, clis, home: kept } = await json(['doctor'])
  expect(clis.map(({ hooks }: { hooks: { state: string }[] }) => hooks[0]?.state)).toEqual(['outdated', 'current', 'missing'])
  expect(problems[3]).toMatchObject({ what: `${server} is not there: the CLIs start it.` })
  expect(kept).toMatchObject({ spooled: 1, refused: 0, log: { recent: 1 } })
  expect(problems.map((problem: Problem) => problem.do)).toEqual([
    'gobby install --source claude',
    'gobby install --source gemini',
    'gobby install --source gemini',
    'gobby install',
    `Read ${at('.gobby/logs/hook.log')}, and remove it when all is mended.`,
    'gobby session sync',
  ])
  rmSync(at('.gobby/spool'), { recursive: true })
  rmSync(at('.gobby/logs'), { recursive: true })
  await run(['install'])
  expect((await run(['doctor'])).code).toBe(0)
})

test('doctor: a database that is damaged, none, or a folder: a problem, and no crash', async () => {
  const { run, json, at } = app()
  await run(['session', 'sync'])
  const bytes = readFileSync(at('.gobby/sessions.db'))
  writeFileSync(at('.gobby/sessions.db'), Buffer.concat([bytes.subarray(0, 8192), Buffer.alloc(bytes.length - 8192, 0xee)]))
  const damaged = await json(['doctor'])
  expect(damaged.database.integrity).not.toBe('ok')
  expect(damaged.problems.at(-1)).toEqual({ what: expect.stringMatching(/damaged/), do: expect.stringMatching(/\w/) })
  writeFileSync(at('.gobby/sessions.db'), 'this is no database, and long enough to be looked at. '.repeat(40))
  const { problems, database } = await json(['doctor'])
  expect(database.integrity).toContain('not a database')
  expect(problems.at(-1).do).toMatch(/\w/)
  rmSync(at('.gobby/sessions.db'))
  mkdirSync(at('.gobby/sessions.db'))
  expect(await run(['doctor'])).toMatchObject({ code: 1, stderr: '' })
})

test('doctor: what arrived last and how long it took, a large log, a lock, what was put aside', async () => {
  const { run, json, at, home } = app()
  rmSync(at('.codex'), { recursive: true })
  await run(['install', '--no-mcp'])
  const hook = (event: object) => runBin(at('.gobby/bin/gobby-hook'), ['claude'], { env: { HOME: home, PATH: '/usr/bin:/bin' }, cwd: home, input: JSON.stringify({ session_id: 'pear-1', cwd: home, ...event }) })
  const none = await json(['doctor'])
  expect(none.clis[0]).toMatchObject({ last_event: null, latency: null })
  expect((await hook({ hook_event_name: 'SessionStart', source: 'startup' })).stdout).toContain('Gobby Session')
  await hook({ hook_event_name: 'UserPromptSubmit', prompt: 'Oil the gate' })
  const { clis, healthy } = await json(['doctor'])
  expect(healthy).toBe(true)
  const [{ last_event, latency }, codex] = clis
  expect(last_event).toEqual({ event: 'UserPromptSubmit', at: expect.stringMatching(/Z$/) })
  expect(Math.abs(Date.now() - Date.parse(last_event.at))).toBeLessThan(60_000)
  expect(latency.last_ms).toBeGreaterThan(10)
  expect(latency.worst_ms).toBeGreaterThanOrEqual(latency.last_ms)
  expect(latency.worst_ms).toBeLessThan(20_000)
  expect(codex).toMatchObject({ last_event: null, latency: null })
  expect((await run(['doctor'], { terminal: true, env: { NO_COLOR: '1' } })).stdout).toMatch(/last event +UserPromptSubmit, .*\n +latency +\d+ ms, at worst \d+ ms/)

  // Of a gobby to come: kept, and told of.
  for (const name of ['spool', 'logs']) mkdirSync(at(`.gobby/${name}`), { recursive: true })
  writeFileSync(at('.gobby/spool/1700000000000-1-1.json.refused'), 'x')
  writeFileSync(at('.gobby/logs/hook.log.1'), `${new Date().toISOString()} claude: the disk is full\n`)
  expect(await json(['doctor'])).toMatchObject({ healthy: false, home: { refused: 1, log: { recent: 1 } }, problems: [{ what: expect.stringContaining('the disk is full') }, { what: expect.stringContaining('One event could not be understood'), do: expect.stringContaining('.refused') }] })
  expect((await run(['doctor'])).stdout).toMatch(/^home\trefused\t1$/m)
  for (const name of ['spool', 'logs']) rmSync(at(`.gobby/${name}`), { recursive: true })

  // By another process: a second SQLite in this one would drop the locks of the first.
  const holding = async (sql: string) => {
    const held = `const { DatabaseSync } = require('node:sqlite'); const db = new DatabaseSync(process.argv[1]); db.exec(${JSON.stringify(sql)}); process.stdout.write('held'); setInterval(() => db, 1000)`
    const child = spawn(process.execPath, ['-e', held, at('.gobby/sessions.db')], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    return child
  }
  const writer = await holding('BEGIN EXCLUSIVE')
  expect(await run(['doctor'])).toMatchObject({ code: 1, stderr: '', stdout: expect.stringMatching(/^problem\t.* is held by another process/m) })
  writer.kill('SIGKILL')
  await once(writer, 'exit')
  // No frame of it is whole, and nobody cuts it off while somebody reads.
  await holding('BEGIN; SELECT * FROM sessions')
  truncateSync(at('.gobby/sessions.db-wal'), 300 * 1024 * 1024)
  const { problems, database } = await json(['doctor'])
  expect(database).toMatchObject({ integrity: 'ok', wal_size: 300 * 1024 * 1024 })
  expect(problems).toEqual([{ what: expect.stringMatching(/log beside the database is 300 MB/), do: expect.stringContaining('fuser') }])
})

test('a server that the person did not want is not missed', async () => {
  const { run, json, at } = app()
  rmSync(at('.codex'), { recursive: true })
  await run(['install', '--no-mcp'])
  expect(await json(['doctor'])).toMatchObject({ healthy: true, clis: [{ mcp: [{ state: 'missing' }] }, {}, {}] })
})

test('the built program installs, and what it installs runs', async () => {
  const { env, home } = tempHome()
  mkdirSync(join(home, '.claude'))
  writeFileSync(join(home, '.claude/settings.json'), '{"model": "m"}\n')
  const options = { env, cwd: tempDir() }
  expect(await runBin(BIN, ['install', '--source', 'claude'], options)).toMatchObject({ code: 0 })
  const { hooks } = JSON.parse(readFileSync(join(home, '.claude/settings.json'), 'utf8')) as { hooks: Record<string, { hooks: { command: string }[] }[]> }
  const event = { hook_event_name: 'SessionStart', session_id: '11111111-2222-4333-8444-555555555555', transcript_path: null, cwd: options.cwd, source: 'startup' }
  const told = await runBin('sh', ['-c', hooks.SessionStart?.[0]?.hooks[0]?.command ?? ''], { ...options, env: { HOME: home, GOBBY_HOME: undefined }, input: JSON.stringify(event) })
  expect(told).toMatchObject({ code: 0, stderr: '' })
  expect(existsSync(join(home, '.gobby/sessions.db'))).toBe(true)
  expect(await runBin(BIN, ['uninstall'], options)).toMatchObject({ code: 0 })
  expect(readFileSync(join(home, '.claude/settings.json'), 'utf8')).toBe('{"model": "m"}\n')
  expect(existsSync(join(home, '.gobby/bin'))).toBe(false)
  expect(existsSync(join(home, '.gobby/sessions.db'))).toBe(true)
})

test('an upgrade: what was installed goes on, where the files were replaced and where they moved, and nothing is written anew', async () => {
  const { env, home } = tempHome()
  const options = { env, cwd: home }
  const root = dirname(dirname(ownCopy()))
  const settings = join(home, '.codex/hooks.json')
  const install = () => runBin(process.execPath, [join(root, 'bin/run.js'), 'install', '--source', 'codex', '--json'], options)
  expect(await install()).toMatchObject({ code: 0 })
  const installed = readFileSync(settings, 'utf8')
  const { hooks } = JSON.parse(installed) as { hooks: Record<string, { hooks: { command: string }[] }[]> }
  let started = 0
  const start = async (PATH = '/usr/bin:/bin') => {
    const event = { hook_event_name: 'SessionStart', session_id: `${++started}`.padStart(8, '0'), cwd: home, source: 'startup' }
    const told = await runBin('sh', ['-c', hooks.SessionStart?.[0]?.hooks[0]?.command ?? ''], { env: { HOME: home, GOBBY_HOME: undefined, PATH }, cwd: home, input: JSON.stringify(event) })
    expect(told).toMatchObject({ code: 0, stderr: '' })
    return contextIn(told.stdout)
  }
  expect(await start()).toBe('Gobby Session: #1')

  const upgraded = dirname(dirname(ownCopy()))
  const meta = JSON.parse(readFileSync(join(upgraded, 'package.json'), 'utf8')) as object
  rmSync(root, { recursive: true })
  expect(await start()).toBe(undefined)
  cpSync(upgraded, root, { recursive: true, verbatimSymlinks: true })
  writeFileSync(join(root, 'package.json'), JSON.stringify({ ...meta, version: '99.0.0' }))
  expect(await start()).toBe('Gobby Session: #2')
  const { files, launchers } = JSON.parse((await install()).stdout) as Record<string, { outcome: string }[]>
  expect([...(files ?? []), ...(launchers ?? [])].map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged'])

  const moved = join(tempDir(), 'gobby-99.0.0')
  renameSync(root, moved)
  const bin = join(home, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'gobby-hook'), `#!/bin/sh\nexec node '${moved}/bin/gobby-hook.cjs' "$@"\n`, { mode: 0o755 })
  expect(await start(`${bin}:${dirname(process.execPath)}:/usr/bin:/bin`)).toBe('Gobby Session: #3')
  expect(readFileSync(settings, 'utf8')).toBe(installed)
})
