import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { nowhere, runBin, type RunResult, tempDir, tempRepo } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { BIN } from './app.ts'
import { contextIn, HOOK, hookHome, type HookHome, newId, sourceNames, startOf } from './hook-program.ts'

const quiet = { code: 0, signal: null, stderr: '' }
const numbers = (at: HookHome) => at.rows('SELECT seq_num, external_id, status FROM sessions ORDER BY seq_num')

/** What takes root's right to write everywhere from a program, or why it cannot be done here. Anybody else has no such right. */
const withoutRights = ((): string[] | string => {
  const setpriv = process.getuid?.() === 0 ? ['setpriv', '--inh-caps=-all', '--bounding-set=-dac_override,-dac_read_search'] : []
  const [command = '', ...args] = [...setpriv, process.execPath]
  const run = (...more: string[]) => spawnSync(command, [...args, ...more], { cwd: '/', encoding: 'utf8' })
  const { error, status, stderr } = run(HOOK, '--version')
  if (status !== 0 || stderr !== '') return `no program runs here without rights: ${error?.message ?? stderr.trim()}`
  // Not every file system asks for them.
  const closed = tempDir()
  chmodSync(closed, 0o500)
  run('-e', "require('node:fs').writeFileSync(process.argv[1], '')", join(closed, 'file'))
  return readdirSync(closed).length === 0 ? setpriv : 'modes do not keep a program from writing here'
})()

/** Runs a hook that may write only where the modes let it. */
function asAnybody(at: HookHome, event: unknown, skip: (why: string) => never): Promise<RunResult> {
  if (typeof withoutRights === 'string') return skip(withoutRights)
  const [command = '', ...args] = [...withoutRights, process.execPath, HOOK, 'claude']
  return runBin(command, args, { env: at.env, cwd: '/', input: JSON.stringify(event) })
}

describe.for(sourceNames)('%s', (source) => {
  test('a start: registered, and answered in the form that the CLI takes', async () => {
    const at = hookHome()
    const start = startOf(source, at)
    const result = await at.hook(source, start)
    expect(result).toMatchObject(quiet)
    expect(JSON.parse(result.stdout)).toEqual({ systemMessage: 'gobby: session #1', hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: 'Gobby Session: #1' } })
    expect(numbers(at)).toEqual([{ seq_num: 1, external_id: start['session_id'], status: 'active' }])
    expect(at.rows('SELECT pid FROM session_runs')).toEqual([{ pid: process.pid }])
    expect(at.rows('SELECT event, known, count FROM hook_events')).toEqual([{ event: 'SessionStart', known: 1, count: 1 }])
    expect(at.log()).toEqual([])
  })

  test('what cannot be an event: the CLI goes on, and the log says why', async () => {
    const at = hookHome()
    const bad: [unknown, RegExp][] = [
      ['', /empty/],
      ['  \n', /empty/],
      ['not json', /no JSON \(8 characters\)/],
      ['{"session_id":', /no JSON/],
      ['[]', /must be a JSON object/],
      ['null', /must be a JSON object/],
      ['"text"', /must be a JSON object/],
      [startOf(source, at, { session_id: '' }), /no session_id/],
      [startOf(source, at, { session_id: undefined }), /no session_id/],
      [startOf(source, at, { session_id: 'a\u0000b' }), /no session_id/],
      [startOf(source, at, { session_id: 'x'.repeat(201) }), /no session_id/],
      [startOf(source, at, { transcript_path: '/etc/passwd' }), /lies outside/],
      [startOf(source, at, { transcript_path: join(at.home, '.claude/projects/../../../secret.jsonl') }), /lies outside/],
      [startOf(source, at, { transcript_path: 'relative.jsonl' }), /lies outside/],
      [`{"session_id":"x","pad":"${'y'.repeat(10 * 1024 * 1024)}"}`, /larger than 10 MB/],
    ]
    for (const [n, [event, why]] of bad.entries()) {
      expect(await at.hook(source, event), String(why)).toEqual({ ...quiet, stdout: '' })
      const log = at.log()
      expect(log, String(why)).toHaveLength(n + 1)
      expect(log.at(-1)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z (claude|codex|gemini): /)
      expect(log.at(-1)).toMatch(why)
      expect(log.at(-1)!.length).toBeLessThan(1200)
    }
    expect(at.spooled()).toEqual([])
    expect(existsSync(at.database)).toBe(false)
  })

  test('what is odd and an event all the same', async () => {
    const at = hookHome()
    const odd: Record<string, unknown>[] = [
      { transcript_path: null },
      { transcript_path: undefined, cwd: join(at.home, 'gone/for/good') },
      { cwd: '/' },
      { cwd: at.home },
      { cwd: '' },
      { cwd: 7, model: {}, source: ['x'] },
      { cwd: join(at.home, 'a\u0007b') },
      { source: 'rebirth', '__proto__': { x: 1 }, constructor: 'y' },
      { model: `${'m'.repeat(9_000_000)}` },
      { cwd: `/${'d/'.repeat(5000)}` },
    ]
    for (const fields of odd) {
      const result = await at.hook(source, startOf(source, at, fields))
      expect(result, JSON.stringify(fields).slice(0, 100)).toMatchObject(quiet)
      expect(contextIn(result.stdout), JSON.stringify(fields).slice(0, 100)).toMatch(/^Gobby Session: #\d+$/)
    }
    expect(await at.hook(source, startOf(source, at, { hook_event_name: 'MindRead' }))).toEqual({ ...quiet, stdout: '' })
    expect(await at.hook(source, startOf(source, at, { hook_event_name: undefined }))).toEqual({ ...quiet, stdout: '' })
    expect(at.rows('SELECT event, known FROM hook_events WHERE known = 0 ORDER BY event')).toEqual([{ event: 'MindRead', known: 0 }, { event: 'unnamed', known: 0 }])
    expect(at.log()).toEqual([])
  })
})

describe('the process', () => {
  test('another word than a source, or none', async () => {
    const at = hookHome()
    for (const name of ['', 'nobody', 'constructor', '--help', '-x']) expect(await at.hook(name, startOf('claude', at)), name).toEqual({ ...quiet, stdout: '' })
    expect(at.log()).toHaveLength(5)
    expect(await runBin(process.execPath, [HOOK], { env: at.env })).toEqual({ ...quiet, stdout: '' })
    expect(await runBin(process.execPath, [HOOK, '--jobs', 'no json'], { env: at.env })).toEqual({ ...quiet, stdout: '' })
  })

  test('hooks of what gobby itself started are off', async () => {
    const at = hookHome()
    expect(await at.hook('claude', startOf('claude', at), { env: { GOBBY_HOOKS: 'off' } })).toEqual({ ...quiet, stdout: '' })
    expect(existsSync(join(at.home, '.gobby'))).toBe(false)
  })

  test('an input that is left open, and one that comes in pieces', async () => {
    const at = hookHome()
    const child = spawn(process.execPath, [HOOK, 'claude'], { env: at.env, stdio: ['pipe', 'pipe', 'pipe'] })
    let stdout = ''
    child.stdout.on('data', (chunk) => (stdout += String(chunk)))
    const closed = once(child, 'close')
    const text = JSON.stringify(startOf('claude', at, { nested: { a: { b: 1 } }, text: 'é漢' }))
    for (const piece of [Buffer.from(text).subarray(0, 40), Buffer.from(text).subarray(40)]) {
      child.stdin.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect((await closed)[0]).toBe(0)
    expect(contextIn(stdout)).toBe('Gobby Session: #1')
  })

  test('an input that is left open and never whole, or empty', async () => {
    const at = hookHome()
    for (const text of ['{"session_id":"x","hook_ev', '']) {
      const child = spawn(process.execPath, [HOOK, 'claude'], { env: at.env, stdio: ['pipe', 'pipe', 'pipe'] })
      child.stdin.write(text)
      let said = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
      expect((await once(child, 'close'))[0]).toBe(0)
      expect(said).toBe('')
      expect(at.log().at(-1)).toMatch(text === '' ? 'No event came in time' : `The event did not end in time (${text.length} bytes came).`)
    }
    expect(existsSync(at.database)).toBe(false)
  })

  /** A session in a repository where git takes long, and the environment that makes it so. */
  async function withSlowGit(at: HookHome) {
    const { path: cwd } = tempRepo(at.cwd)
    const slow = join(at.home, 'bin')
    mkdirSync(slow)
    writeFileSync(join(slow, 'git'), '#!/bin/sh\nexec sleep 1.5\n', { mode: 0o755 })
    const first = startOf('codex', at, { cwd })
    await at.hook('codex', first)
    const path = first['transcript_path'] as string
    const timestamp = new Date().toISOString()
    const lines = [
      { timestamp, type: 'session_meta', payload: { id: first['session_id'], timestamp, cwd, originator: 'codex-tui', cli_version: '0.169.0', source: 'cli' } },
      { timestamp, type: 'response_item', payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Oil the gate' }] } },
    ]
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    return { first, cwd, env: { PATH: `${slow}:${process.env['PATH']}` } }
  }

  test('git that takes long: the answer is in time, and what it is waited for comes with the next prompt', async () => {
    const at = hookHome()
    const { first, cwd, env } = await withSlowGit(at)
    const handoffs = () => at.rows('SELECT session_id FROM handoffs').length
    const owed = () => at.rows('SELECT session_id FROM session_runs WHERE owed_handoff_id IS NOT NULL').length
    const cleared = startOf('codex', at, { cwd, source: 'clear' })
    expect(contextIn((await at.hook('codex', cleared, { env })).stdout)).toBe('Gobby Session: #2\n#1 was cleared: get_handoff_context 1')
    await at.until(() => owed() === 1)
    const prompt = (of: Record<string, unknown>) => at.hook('codex', { ...of, hook_event_name: 'UserPromptSubmit', prompt: 'Go on' }, { env })
    expect(contextIn((await prompt(cleared)).stdout)).toMatch(/^Gobby Session: #2\nContinued from #1/)
    expect(contextIn((await prompt(cleared)).stdout)).toBe(undefined)
    // The same of a compaction.
    expect(handoffs()).toBe(1)
    at.write('DELETE FROM handoffs')
    expect(contextIn((await at.hook('codex', { ...first, source: 'compact' }, { env })).stdout)).toBe('Gobby Session: #1')
    await at.until(() => owed() === 1)
    expect(contextIn((await prompt(first)).stdout)).toMatch(/^Gobby Session: #1\nKept from before the compaction/)
    expect(at.log()).toEqual([])
  })

  test('what takes too long is left, and the event is kept', async () => {
    const at = hookHome()
    const { cwd, env } = await withSlowGit(at)
    // The time is over when the program comes to its work.
    const busy = join(at.home, 'busy.cjs')
    writeFileSync(busy, 'if (process.argv.includes("codex")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1900)')
    const began = performance.now()
    const result = await at.hook('codex', startOf('codex', at, { cwd, source: 'clear' }), { env: { ...env, NODE_OPTIONS: `--require ${busy}` } })
    expect(result).toEqual({ ...quiet, stdout: '' })
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(at.log().join()).toMatch(/codex: SessionStart: no answer after 1900 ms; kept for later/)
    await at.until(() => at.spooled().length === 0)
    expect(numbers(at)).toHaveLength(2)
  })

  test('warnings of Node are for nobody here', async () => {
    const at = hookHome()
    const warns = join(at.home, 'warns.cjs')
    writeFileSync(warns, 'setTimeout(() => undefined, -5); setImmediate(() => process.emitWarning("old"))')
    expect(await at.hook('claude', startOf('claude', at), { env: { NODE_OPTIONS: `--require ${warns}` } })).toMatchObject(quiet)
  })

  test('an event that is let go because too many wait is in the log', async () => {
    const at = hookHome()
    const folder = join(at.home, '.gobby/spool')
    mkdirSync(folder, { recursive: true })
    mkdirSync(at.database)
    for (let n = 0; n < 10_000; n++) writeFileSync(join(folder, `${Date.now()}-${n}.json`), '')
    expect(await at.hook('claude', startOf('claude', at))).toEqual({ ...quiet, stdout: '' })
    expect(at.log().at(-1)).toMatch('SessionStart: let go, because too many events wait already')
    expect(at.spooled()).toHaveLength(10_000)
  })

  test('an output that nobody reads', async () => {
    const at = hookHome()
    const child = spawn(process.execPath, [HOOK, 'claude'], { env: at.env, stdio: ['pipe', 'pipe', 'pipe'] })
    child.stdout.destroy()
    child.stdin.end(JSON.stringify(startOf('claude', at)))
    expect((await once(child, 'exit'))[0]).toBe(0)
    expect(numbers(at)).toHaveLength(1)
  })

  test('a Node that is too old says so in the log', async ({ skip }) => {
    const old = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path))
    const version = old && (await runBin(old, ['--version'])).stdout.trim()
    const [major = 99, minor = 0] = version?.slice(1).split('.').map(Number) ?? []
    if (!old || major > 22 || (major === 22 && minor >= 15)) return skip('there is no old Node on this machine')
    const at = hookHome()
    expect(await at.hook('claude', startOf('claude', at), { node: old })).toEqual({ ...quiet, stdout: '' })
    expect(at.log()).toHaveLength(1)
    expect(at.log()[0]).toContain(`claude: gobby needs Node 22.15 or newer; this is ${version} (${old}).`)
    expect(existsSync(at.database)).toBe(false)
  })

  test('a home that cannot be written', async ({ skip }) => {
    const at = hookHome()
    chmodSync(at.home, 0o500)
    expect(await asAnybody(at, startOf('claude', at), skip)).toEqual({ ...quiet, stdout: '' })
    expect(readdirSync(at.home)).toEqual([])
    chmodSync(at.home, 0o700)
  })

  test('a home that is a file, or leads nowhere', async () => {
    const at = hookHome()
    writeFileSync(join(at.home, '.gobby'), 'a file')
    expect(await at.hook('claude', startOf('claude', at))).toEqual({ ...quiet, stdout: '' })
    rmSync(join(at.home, '.gobby'))
    symlinkSync(join(at.home, 'nowhere', 'at all'), join(at.home, '.gobby'))
    expect(await at.hook('claude', startOf('claude', at))).toEqual({ ...quiet, stdout: '' })
  })

  test('a home where no folder can be made, though the one above is there', async ({ skip }) => {
    const GOBBY_HOME = nowhere()
    if (GOBBY_HOME === undefined) return skip('there is no such place here')
    const at = hookHome()
    for (const source of sourceNames) expect(await at.hook(source, startOf(source, at), { env: { GOBBY_HOME } })).toEqual({ ...quiet, stdout: '' })
    const list = await runBin(process.execPath, [BIN, 'session', 'list'], { env: { ...at.env, GOBBY_HOME } })
    expect(list).toMatchObject({ code: 5, stdout: '', stderr: expect.stringMatching(`${GOBBY_HOME}/sessions.db cannot be opened.*\n.*you may write there`) })
    const install = await runBin(process.execPath, [BIN, 'install', '--source', 'claude'], { env: { ...at.env, GOBBY_HOME } })
    expect(install).toMatchObject({ code: 5, stderr: expect.stringContaining('name another one with GOBBY_HOME') })
  })

  test('a disk that is full: nothing is said, nothing half is left, and once there is room all goes on', async ({ skip }) => {
    skip(process.platform === 'win32', 'needs ulimit')
    const at = hookHome()
    await at.hook('claude', startOf('claude', at))
    for (const source of sourceNames) {
      const full = await runBin('sh', ['-c', 'ulimit -f 0 && exec "$@"', 'sh', process.execPath, HOOK, source], { env: at.env, cwd: at.home, input: JSON.stringify(startOf(source, at)) })
      expect(full, source).toEqual({ ...quiet, stdout: '' })
    }
    expect(readdirSync(join(at.home, '.gobby/spool'))).toEqual([])
    expect(contextIn((await at.hook('codex', startOf('codex', at))).stdout)).toBe('Gobby Session: #2')
  })

  test('pipes where a project and its repository have their files', async ({ skip }) => {
    skip(process.platform === 'win32', 'needs mkfifo')
    const at = hookHome()
    mkdirSync(join(at.cwd, '.gobby'), { recursive: true })
    for (const name of ['.git', '.gobby/project.json']) await runBin('mkfifo', [join(at.cwd, name)], { env: at.env })
    const agent_transcript_path = join(at.home, '.claude/projects/-pear/agent.jsonl')
    mkdirSync(join(agent_transcript_path, '..'), { recursive: true })
    await runBin('mkfifo', [agent_transcript_path], { env: at.env })
    const start = startOf('claude', at)
    expect(contextIn((await at.hook('claude', start)).stdout)).toBe('Gobby Session: #1')
    expect(await at.hook('claude', { ...start, hook_event_name: 'SubagentStart', agent_id: 'a1', agent_type: 'x', agent_transcript_path })).toEqual({ ...quiet, stdout: '' })
    expect(at.log()).toEqual([])
  })

  test('the log is begun anew at 1 MB, and the one before is kept', async () => {
    const at = hookHome()
    const file = join(at.home, '.gobby/logs/hook.log')
    await at.hook('claude', '')
    appendFileSync(file, 'x'.repeat(1024 * 1024 - statSync(file).size))
    await at.hook('claude', '')
    expect(statSync(file).size).toBeGreaterThan(1024 * 1024)
    await at.hook('claude', '')
    expect(at.log()).toHaveLength(1)
    expect(readdirSync(join(at.home, '.gobby/logs')).sort()).toEqual(['hook.log', 'hook.log.1'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})

describe('a database that cannot be written', () => {
  /** A database with one session in it. */
  async function prepared(): Promise<HookHome> {
    const at = hookHome()
    await at.hook('claude', startOf('claude', at))
    return at
  }
  const list = (at: HookHome) => runBin(BIN, ['session', 'list', '--all', '--json'], { env: at.env, cwd: at.home })
  const raw = (at: HookHome): DatabaseSync => new DatabaseSync(at.database)

  test('locked: the event waits, whoever can wait is brought, and all is told in order, once', async () => {
    const at = await prepared()
    const db = raw(at)
    db.exec('BEGIN IMMEDIATE')
    const id = newId()
    const events = [{}, { hook_event_name: 'UserPromptSubmit', prompt: 'Oil the gate' }, { hook_event_name: 'UserPromptSubmit', prompt: 'And the hinge' }, { hook_event_name: 'SessionEnd' }]
    for (const fields of events) {
      const began = performance.now()
      expect(await at.hook('claude', startOf('claude', at, { session_id: id, ...fields }))).toEqual({ ...quiet, stdout: '' })
      expect(performance.now() - began).toBeLessThan(5_000)
    }
    expect(at.spooled()).toHaveLength(4)
    expect(at.log().every((line) => /is held by another process|no answer after/.test(line)), at.log().join('\n')).toBe(true)
    db.exec('ROLLBACK')
    db.close()
    expect((await list(at)).code).toBe(0)
    await at.until(() => at.spooled().length === 0)
    expect(at.rows('SELECT title, status FROM sessions WHERE external_id = ?', id)).toEqual([{ title: 'Oil the gate', status: 'expired' }])
    expect(at.rows('SELECT event, count FROM hook_events ORDER BY event')).toEqual([
      { event: 'SessionEnd', count: 1 },
      { event: 'SessionStart', count: 2 },
      { event: 'UserPromptSubmit', count: 2 },
    ])
  })

  test('locked for a moment: nobody but gobby itself is needed to tell it', async () => {
    const at = await prepared()
    const db = raw(at)
    db.exec('BEGIN IMMEDIATE')
    await at.hook('codex', startOf('codex', at))
    db.exec('ROLLBACK')
    db.close()
    await at.until(() => at.spooled().length === 0)
    expect(numbers(at)).toHaveLength(2)
  })

  test('newer than this gobby, damaged, another program’s, or a folder: left as it is', async () => {
    const wrong: Record<string, (at: HookHome) => void> = {
      newer: (at) => raw(at).exec('PRAGMA user_version = 9999'),
      damaged: (at) => writeFileSync(at.database, 'SQLite format 3\u0000 and then nothing that makes sense'.padEnd(8192, 'x')),
      'no database': (at) => writeFileSync(at.database, 'a shopping list'.repeat(500)),
      another: (at) => {
        rmSync(at.database)
        const db = raw(at)
        db.exec('CREATE TABLE recipes (id); PRAGMA application_id = 77')
        db.close()
      },
      folder: (at) => {
        rmSync(at.database)
        mkdirSync(at.database)
      },
    }
    for (const [name, spoil] of Object.entries(wrong)) {
      const at = await prepared()
      for (const end of ['-wal', '-shm']) rmSync(`${at.database}${end}`, { force: true })
      spoil(at)
      const before = name === 'folder' || name === 'newer' ? undefined : readFileSync(at.database)
      expect(await at.hook('gemini', startOf('gemini', at)), name).toEqual({ ...quiet, stdout: '' })
      expect(at.log().length, name).toBeGreaterThanOrEqual(1)
      expect(at.log()[0], name).toContain('gemini: ')
      expect(at.spooled(), name).toHaveLength(1)
      if (before) expect(readFileSync(at.database).equals(before), name).toBe(true)
    }
  })

  test('read-only: the event waits', async ({ skip }) => {
    const at = await prepared()
    for (const name of readdirSync(join(at.home, '.gobby'))) if (name.startsWith('sessions.db')) chmodSync(join(at.home, '.gobby', name), 0o400)
    expect(await asAnybody(at, startOf('claude', at), skip)).toEqual({ ...quiet, stdout: '' })
    expect(at.log()[0]).toMatch(/claude: .*(cannot be (read|written|opened)|read-only|readonly)/i)
    expect(at.spooled()).toHaveLength(1)
    expect(numbers(at)).toHaveLength(1)
  })

  test('a broken config.json: the event waits until it is mended', async () => {
    const at = await prepared()
    writeFileSync(join(at.home, '.gobby/config.json'), '{ "handoff": ')
    expect(await at.hook('claude', startOf('claude', at))).toEqual({ ...quiet, stdout: '' })
    expect(at.log()[0]).toContain('config.json is not valid')
    rmSync(join(at.home, '.gobby/config.json'))
    await at.hook('claude', startOf('claude', at))
    // The process that the first brought may find it mended too, and still be telling it.
    await at.until(() => at.spooled().length === 0)
    expect(numbers(at)).toHaveLength(3)
  })

  test('one of an older gobby is brought up to date by a process of its own', async () => {
    const at = hookHome()
    mkdirSync(join(at.home, '.gobby'))
    const { entries } = JSON.parse(readFileSync(join(HOOK, '../../dist/migrations/meta/_journal.json'), 'utf8')) as { entries: { tag: string }[] }
    const db = raw(at)
    for (const { tag } of entries.slice(0, 3)) db.exec(readFileSync(join(HOOK, `../../dist/migrations/${tag}.sql`), 'utf8'))
    const current = hookHome()
    await current.hook('claude', startOf('claude', current))
    const application_id = (current.rows('PRAGMA application_id')[0] as { application_id: number }).application_id
    db.exec(`PRAGMA user_version = 3; PRAGMA application_id = ${application_id}`)
    db.close()
    expect(await at.hook('claude', startOf('claude', at))).toEqual({ ...quiet, stdout: '' })
    await at.until(() => at.spooled().length === 0)
    expect(numbers(at)).toHaveLength(1)
    expect(contextIn((await at.hook('claude', startOf('claude', at))).stdout)).toBe('Gobby Session: #2')
  })

  test('a replay that is killed in the middle is taken up by the next, and nothing is doubled or lost', async () => {
    const at = await prepared()
    const db = raw(at)
    db.exec('BEGIN IMMEDIATE')
    await at.hook('claude', startOf('claude', at, { session_id: 'first' }))
    // Many more, as that one is written.
    const folder = join(at.home, '.gobby/spool')
    const [name] = at.spooled()
    const event = readFileSync(join(folder, name!), 'utf8')
    for (let n = 1; n < 400; n++) writeFileSync(join(folder, name!.replace(/-(\d+)\.json$/, `-$1${String(n).padStart(4, '0')}.json`)), event.replaceAll('"first"', `"s-${n}"`))
    db.exec('ROLLBACK')
    db.close()
    for (let round = 0; round < 6; round++) {
      const before = at.spooled().length
      const child = spawn(process.execPath, [BIN, 'session', 'list'], { env: at.env as NodeJS.ProcessEnv, stdio: 'ignore' })
      const exited = once(child, 'exit')
      const begun = () => before === 0 || at.spooled().length < before
      for (const end = Date.now() + 120_000; !begun() && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 3))
      child.kill('SIGKILL')
      await exited
    }
    await list(at)
    await at.until(() => at.spooled().length === 0)
    const rows = at.rows('SELECT seq_num, external_id FROM sessions ORDER BY seq_num')
    expect(rows).toHaveLength(401)
    expect(rows.map(({ seq_num }) => seq_num)).toEqual(rows.map((_, n) => n + 1))
    expect(rows[1]).toMatchObject({ external_id: 'first' })
  })
})
