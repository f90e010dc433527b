import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nowhere, runBin, tempRepo } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { BIN } from './app.ts'
import { asAnybody } from './as-anybody.ts'
import { contextIn, HOOK, hookHome, type HookHome, numbers, quiet, sourceNames, startOf } from './hook-program.ts'

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
    const GOBBY_HOME = nowhere(skip)
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
