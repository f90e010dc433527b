import { execFile, execFileSync, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { tempDir } from '@gobby/testing'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../src/index.ts'
import { doctor, install, type Origin, uninstall } from '../src/install/index.ts'
import { sourceNamed } from '../src/sources/index.ts'
import { type Cli, openRig, type Rig } from './fixtures/rig/rig.ts'

/** Notes who was called, by whom, with what. */
const HOOK = `
const chunks = []
process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
  const event = JSON.parse(Buffer.concat(chunks))
  require('node:fs').appendFileSync(process.env.GOBBY_HOME + '/told.jsonl', JSON.stringify({ ppid: process.ppid, source: process.argv[2], event: event.hook_event_name }) + '\\n')
})`

/** A server with one tool. */
const SERVER = `
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  const results = {
    initialize: { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'fake', version: '1.0.0' } },
    'tools/list': { tools: [{ name: 'ask', description: 'Asks.', inputSchema: { type: 'object' } }] },
    ping: {},
  }
  const answer = results[method] ? { result: results[method] } : { error: { code: -32601, message: 'not known' } }
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...answer }) + '\\n')
})`

const CLIS: Record<Cli, { settings: string[]; events: string[]; list: string[]; version: string }> = {
  claude: { settings: ['.claude/settings.json'], events: ['SessionStart', 'UserPromptSubmit', 'Stop', 'SessionEnd'], list: ['mcp', 'list'], version: '2.1.330' },
  codex: { settings: ['.codex/hooks.json', '.codex/config.toml'], events: ['SessionStart', 'UserPromptSubmit', 'Stop', 'SessionEnd'], list: ['mcp', 'list', '--json'], version: '0.169.0' },
  gemini: { settings: ['.gemini/settings.json'], events: ['SessionStart', 'BeforeAgent', 'AfterAgent', 'SessionEnd'], list: ['mcp', 'list'], version: '0.61.0' },
}

const run = promisify(execFile)
let rig: Rig
let missing: string | undefined
let programs: Record<Cli, string>

beforeAll(async () => {
  const opened = await openRig()
  if (typeof opened === 'string') missing = opened
  else {
    rig = opened
    const folder = join(import.meta.dirname, '../../../../shared/rig')
    const { install: paths } = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'install.mjs')).href)) as { install(): Promise<Record<Cli, string>> }
    programs = await paths()
  }
  if (missing) console.warn(`The real CLIs are not tried: ${missing}.`)
})

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: 0o755 })
}

function stage(cli: Cli) {
  const base = tempDir('gobby-rig-')
  const cwd = rig.makeRepo()
  onTestFinished(() => [base, cwd].forEach((path) => rmSync(path, { recursive: true, force: true, maxRetries: 3 })))
  const home = rig.prepareHome({ cli, cwd, home: join(base, 'home'), hooks: {} })
  // The rig makes one, with no hooks in it.
  rmSync(join(home, '.codex/hooks.json'), { force: true })
  const bin = join(base, 'bin')
  for (const [name, text] of [['hook.cjs', HOOK], ['mcp.cjs', SERVER]] as const) writeFileSync(join(base, name), text)
  const shim = `#!/bin/sh\nexec ${cli === 'gemini' ? `'${process.execPath}' ` : ''}'${programs[cli]}' "$@"\n`
  put(join(bin, cli), shim)
  const env = { HOME: home, PATH: `${bin}:${process.env.PATH}`, GEMINI_CLI_NO_RELAUNCH: 'true', GEMINI_CLI_TRUST_WORKSPACE: 'true' }
  const origin: Origin = { config: readConfig({ env, cwd }), platform: 'linux', node: process.execPath, programs: { hook: join(base, 'hook.cjs'), mcp: join(base, 'mcp.cjs') } }
  const settings = () => Object.fromEntries(CLIS[cli].settings.map((name) => [name, existsSync(join(home, name)) ? readFileSync(join(home, name), 'utf8') : null]))
  const told = () => (existsSync(join(home, '.gobby/told.jsonl')) ? readFileSync(join(home, '.gobby/told.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { ppid: number; source: string; event: string }) : [])
  const prompt = async () => {
    let pid: number | undefined
    const done = await rig.runCli({ cli, cwd, home, model: await rig.startModel([[{ text: 'Hi.' }]]), prompt: 'hello', timeoutMs: 300_000, env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' }, onSpawn: (spawned) => (pid = spawned) })
    return { ...done, pid }
  }
  return { cwd, home, bin, env, origin, settings, told, prompt }
}

/** What a CLI says when it does not like its settings, or a hook went wrong. */
const COMPLAINT = /invalid|malformed|failed|not load|error in|skipping|prefer a single/i
const complaints = (text: string): string[] => text.split('\n').filter((line) => COMPLAINT.test(line) && !/could not|STARTUP/.test(line))

describe.each(Object.keys(CLIS) as Cli[])('%s', (cli) => {
  test('takes what is installed, starts the hook as its own child, shows the server, and is as before after the uninstall', async ({ skip }) => {
    if (missing) skip(missing)
    const { home, bin, env, cwd, origin, settings, told, prompt } = stage(cli)
    const { events, list, version } = CLIS[cli]
    if (cli === 'codex') put(join(home, '.codex/config.toml'), `# mine\n[projects."${cwd}"]\ntrust_level = "trusted"\n`)
    const before = settings()
    const report = await install(origin, { sources: [cli] })
    expect(report.files.map(({ outcome }) => outcome)).not.toContain('refused')
    expect(report.warnings).toEqual([])

    const session = await prompt()
    expect(session).toMatchObject({ code: 0, timedOut: false })
    expect(complaints(session.stdout + session.stderr)).toEqual([])
    const heard = told()
    expect([...new Set(heard.map(({ event }) => event))]).toEqual(expect.arrayContaining(events))
    expect(new Set(heard.map(({ ppid, source }) => `${ppid} ${source}`))).toEqual(new Set([`${session.pid} ${cli}`]))

    const { stdout, stderr } = await run(join(bin, cli), list, { cwd, env, timeout: 240_000 })
    expect(stdout + stderr).toContain('gobby-sessions')
    if (cli !== 'codex') expect(stdout + stderr).toMatch(/gobby-sessions.*(✓|✔|Connected)/)
    else expect((JSON.parse(stdout) as { name: string; enabled: boolean }[]).map(({ name, enabled }) => ({ name, enabled }))).toEqual([{ name: 'gobby-sessions', enabled: true }])

    const { clis, problems } = await doctor(origin)
    expect(clis.find(({ source }) => source === cli)).toMatchObject({ found: true, program: join(bin, cli), version, hooks: [{ state: 'current' }], mcp: [{ state: 'current' }], trusted: cli === 'codex' ? false : null })
    expect(problems.filter(({ what }) => what.startsWith(sourceNamed(cli)?.label ?? '?')).map(({ do: todo }) => todo)).toEqual(cli === 'codex' ? [expect.stringContaining('/hooks')] : [])

    // Some tell of an end also when they only list their servers.
    const by_now = told()
    // gobby is gone, its entries are still there.
    rmSync(join(home, '.gobby/bin'), { recursive: true })
    const without = await prompt()
    expect(without).toMatchObject({ code: 0, timedOut: false })
    expect(complaints(without.stdout + without.stderr)).toEqual([])

    const gone = await uninstall(origin)
    expect(gone.files.map(({ outcome }) => outcome)).not.toContain('refused')
    expect(settings()).toEqual(before)
    if (cli === 'claude') expect((JSON.parse(readFileSync(join(home, '.claude.json'), 'utf8')) as object)).not.toHaveProperty('mcpServers')
    const after = await prompt()
    expect(after).toMatchObject({ code: 0 })
    expect(told()).toEqual(by_now)
  })
})

test.for(Object.keys(CLIS) as Cli[])('%s takes what is installed for a project, with nothing of this machine in it', async (cli, { skip }) => {
  if (missing) skip(missing)
  const { home, bin, env, cwd, origin, told, prompt } = stage(cli)
  // Servers are listed in folders that the person trusts.
  if (cli === 'codex') put(join(home, '.codex/config.toml'), `[projects."${cwd}"]\ntrust_level = "trusted"\n`)
  const report = await install(origin, { sources: [cli], scope: 'project' })
  expect(report.files.filter(({ path, outcome }) => !path.startsWith(cwd) || outcome !== 'created')).toEqual([])
  const session = await prompt()
  expect(session).toMatchObject({ code: 0, timedOut: false })
  expect(complaints(session.stdout + session.stderr)).toEqual([])
  expect([...new Set(told().map(({ event }) => event))]).toEqual(expect.arrayContaining(CLIS[cli].events))
  expect(new Set(told().map(({ ppid, source }) => `${ppid} ${source}`))).toEqual(new Set([`${session.pid} ${cli}`]))
  const { stdout, stderr } = await run(join(bin, cli), CLIS[cli].list, { cwd, env, timeout: 240_000 })
  expect(stdout + stderr).toMatch(cli === 'claude' ? /gobby-sessions.*(Pending|✔|✓|Connected)/ : cli === 'gemini' ? /gobby-sessions.*(✓|✔|Connected)/ : /"name": "gobby-sessions"/)
  await uninstall(origin)
  expect(execFileSync('git', ['status', '--short', '--ignored'], { cwd, encoding: 'utf8' })).toBe('')
})

test('Codex takes hooks in TOML beside those of the person, and tells when the person has allowed them', async ({ skip }) => {
  if (missing) skip(missing)
  const { home, bin, cwd, env, origin, prompt, told } = stage('codex')
  const config = join(home, '.codex/config.toml')
  put(config, '[[hooks.SessionStart]]\n[[hooks.SessionStart.hooks]]\ntype = "command"\ncommand = "true"\n')
  await install(origin, { sources: ['codex'] })
  expect(existsSync(join(home, '.codex/hooks.json'))).toBe(false)
  const trust = (): unknown => sourceNamed('codex')?.install?.trust?.(join(bin, 'codex'), { env, home, project: cwd, cwd }, (command) => command.includes('gobby-hook'))
  expect(await trust()).toEqual({ trusted: false, enabled: true, warnings: [] })
  expect(await prompt()).toMatchObject({ code: 0 })
  expect(new Set(told().map(({ event }) => event))).toEqual(new Set(CLIS.codex.events))

  const hooks = await listedHooks(join(bin, 'codex'), env, cwd)
  const approve = (which: typeof hooks) => appendFileSync(config, which.map(({ key, currentHash }) => `\n[hooks.state."${key}"]\ntrusted_hash = "${currentHash}"\n`).join(''))
  approve(hooks.slice(0, 3))
  expect(await trust()).toMatchObject({ trusted: false })
  approve(hooks.slice(3))
  expect(await trust()).toEqual({ trusted: true, enabled: true, warnings: [] })
  // A second install, and what it leaves, must not take the trust away.
  await install(origin, { sources: ['codex'] })
  expect(await trust()).toMatchObject({ trusted: true })
  await uninstall(origin)
  expect(readFileSync(config, 'utf8')).not.toMatch(/gobby-(hook|mcp)/)
  expect(readFileSync(config, 'utf8')).toContain('trusted_hash')
})

/** What the person sees in /hooks. */
function listedHooks(program: string, env: Record<string, string>, cwd: string): Promise<{ key: string; currentHash: string }[]> {
  const server = spawn(program, ['app-server'], { env, cwd, stdio: ['pipe', 'pipe', 'ignore'] })
  const say = (message: object) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  say({ id: 1, method: 'initialize', params: { clientInfo: { name: 'test', version: '1' } } })
  return new Promise((resolve) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      const { id, result } = JSON.parse(line) as { id?: number; result: { data: { hooks: { key: string; currentHash: string }[] }[] } }
      if (id === 1) say({ id: 2, method: 'hooks/list', params: { cwds: [cwd] } })
      if (id !== 2) return
      server.kill()
      resolve(result.data.flatMap((each) => each.hooks))
    })
  })
}
