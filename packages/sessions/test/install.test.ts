import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { install as installFrom, uninstall as uninstallFrom } from '../src/install/index.ts'
import { install as claude } from '../src/sources/claude/install.ts'
import { machine, tree } from './installing.ts'

const NAMES = ['claude', 'codex', 'gemini']
const outcomes = ({ files }: { files: { path: string; outcome: string }[] }, home: string) => Object.fromEntries(files.map(({ path, outcome }) => [path.replace(`${home}/`, ''), outcome]))

test('puts hooks and server into the settings of each CLI, in the CLI\'s own form', async () => {
  const { install, json, read, home, gobbyHome } = machine()
  const report = await install({ sources: NAMES })
  const hook = join(gobbyHome, 'bin', 'gobby-hook')
  const command = (source: string) => `[ -x '${hook}' ] && exec '${hook}' ${source}; cat > /dev/null`
  const groups = (events: Record<string, number>, source: string, more = {}) =>
    Object.fromEntries(Object.entries(events).map(([event, timeout]) => [event, [{ hooks: [{ ...more, type: 'command', command: command(source), timeout }] }]]))
  const seconds = { SessionStart: 10, UserPromptSubmit: 5, Stop: 5, PreCompact: 10, SessionEnd: 3, SubagentStart: 5, SubagentStop: 5 }
  expect(json('.claude/settings.json')).toEqual({ hooks: groups(seconds, 'claude') })
  expect(json('.codex/hooks.json')).toEqual({ hooks: groups({ ...seconds, Interrupt: 3 }, 'codex') })
  const server = { command: join(gobbyHome, 'bin', 'gobby-mcp'), args: [] }
  expect(json('.gemini/settings.json')).toEqual({
    hooks: groups({ SessionStart: 10_000, BeforeAgent: 5000, AfterAgent: 5000, PreCompress: 10_000, SessionEnd: 3000 }, 'gemini', { name: 'gobby' }),
    mcpServers: { 'gobby-sessions': server },
  })
  expect(json('.claude.json')).toEqual({ mcpServers: { 'gobby-sessions': { type: 'stdio', ...server, env: {} } } })
  expect(read('.codex/config.toml')).toBe(`[mcp_servers.gobby-sessions]\ncommand = "${server.command}"\nargs = []\n`)
  expect(report).toMatchObject({ warnings: [], not_found: [], dry_run: false })
  expect(report.next.join()).toContain('/hooks')
  expect(outcomes(report, home)).toEqual({ '.claude/settings.json': 'created', '.claude.json': 'created', '.codex/hooks.json': 'created', '.codex/config.toml': 'created', '.gemini/settings.json': 'created' })
})

test('a second install changes nothing, and says so', async () => {
  const { install, home } = machine()
  await install({ sources: NAMES })
  const before = tree(home)
  const report = await install({ sources: NAMES })
  expect(new Set(report.files.map(({ outcome }) => outcome))).toEqual(new Set(['unchanged']))
  expect(report.launchers.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged'])
  expect(report.next).toEqual([])
  expect(tree(home)).toEqual(before)
})

test('an uninstall leaves nothing behind, and no folder that was made', async () => {
  const { install, uninstall, home } = machine()
  await install({ sources: NAMES })
  const report = await uninstall()
  expect(new Set(report.files.map(({ outcome }) => outcome))).toEqual(new Set(['removed']))
  expect(tree(home)).toEqual({})
  expect((await uninstall()).files).toEqual([])
})

test('without a name every CLI that is here is taken, and no other', async () => {
  const { install, write, home, at } = machine()
  expect(await install()).toMatchObject({ files: [], launchers: [], not_found: NAMES })
  expect(tree(home)).toEqual({})
  mkdirSync(at('.codex'))
  const bin = write('bin/gemini', '#!/bin/sh\n')
  chmodSync(bin, 0o755)
  const there = machine({ env: { PATH: join(home, 'bin') } })
  expect((await there.install()).not_found).toEqual(['claude', 'codex'])
  expect((await install()).not_found).toEqual(['claude', 'gemini'])
})

test('settings stay as they are, in a file of each kind; own entries come last', async () => {
  const { install, uninstall, write, read, home } = machine()
  const settings = write('.gemini/settings.json', '{\n    // mine\n    "hooks": {\n        "SessionStart": [ {"hooks": [{"type": "command", "command": "echo hi"}]} ] // one\n    }, /* b */ "z": 1,\n    "a": [1,\n 2] }')
  const toml = write('.codex/config.toml', '# mine\r\nmodel = "x" # y\r\n[tui]\r\nb = 1\r\na = """\r\n[mcp_servers.gobby-sessions]\r\n"""\r\n')
  const before = tree(home)
  const report = await install({ sources: ['gemini', 'codex'] })
  expect(read('.gemini/settings.json')).toContain('"SessionStart": [ {"hooks": [{"type": "command", "command": "echo hi"}]}, ')
  expect(read('.gemini/settings.json')).toMatch(/\/\/ one\n/)
  expect(read('.codex/config.toml').startsWith(before['.codex/config.toml'] ?? '-')).toBe(true)
  expect(read('.codex/config.toml').replaceAll('\r\n', '')).not.toContain('\n')
  for (const path of [settings, toml]) {
    const { backup } = report.files.find((file) => file.path === path) ?? {}
    expect(backup).toBe(`${path}.gobby-backup`)
    expect(readFileSync(`${path}.gobby-backup`, 'latin1')).toBe(before[path.replace(`${home}/`, '')])
  }
  await uninstall()
  expect(tree(home)).toEqual(before)
})

describe('an earlier gobby', () => {
  const older = (command: string) => ({ matcher: '', hooks: [{ type: 'command', command, timeout: 1 }] })
  test('is brought up to date at its place', async () => {
    const { install, write, json, uninstall } = machine()
    const mine = (n: number) => ({ hooks: [{ type: 'command', command: `echo ${n}` }] })
    const mixed = { hooks: [{ type: 'command', command: 'echo mixed' }, { type: 'command', command: "'/old/gobby-hook' claude" }] }
    write('.claude/settings.json', JSON.stringify({ hooks: { Stop: [mine(1), older('node /old/bin/gobby-hook.js claude'), older('/old/gobby-hook claude'), mine(2), older('gobby-hook claude')], PreToolUse: [older('gobby-hook claude')], SessionStart: [mixed], Setup: [mine(3)] }, b: 1 }))
    await install({ sources: ['claude'] })
    const { hooks } = json('.claude/settings.json')
    expect(hooks.Stop).toEqual([mine(1), { hooks: [expect.objectContaining({ timeout: 5 })] }, mine(2)])
    expect(hooks).not.toHaveProperty('PreToolUse')
    expect(hooks.SessionStart).toEqual([{ hooks: [mixed.hooks[0], expect.objectContaining({ timeout: 10 })] }])
    await uninstall()
    expect(json('.claude/settings.json')).toEqual({ hooks: { Stop: [mine(1), mine(2)], SessionStart: [{ hooks: [mixed.hooks[0]] }], Setup: [mine(3)] }, b: 1 })
  })

  test('is followed by an uninstall that brings back what was there before both', async () => {
    const { install, uninstall, write, home, origin, read } = machine()
    write('.claude/settings.json', '{"hooks":{}   }')
    const before = tree(home)
    await install({ sources: ['claude'] })
    const later = { ...origin, config: { ...origin.config, home: join(home, 'moved') } }
    mkdirSync(later.config.home)
    writeFileSync(join(later.config.home, 'install.json'), read('.gobby/install.json'))
    await installFrom(later, { sources: ['claude'] })
    expect(read('.claude/settings.json')).toContain(`${home}/moved/bin/gobby-hook`)
    expect(read('.claude/settings.json').match(/"Stop"/g)).toHaveLength(1)
    await uninstallFrom(later)
    await uninstall()
    rmSync(later.config.home, { recursive: true, force: true })
    expect(tree(home)).toEqual(before)
  })

  test('whose server a person gave more settings keeps them', async () => {
    const { install, write, json } = machine()
    write('.claude.json', JSON.stringify({ mcpServers: { 'gobby-sessions': { command: '/old/gobby-mcp', args: [], env: { A: 'b' } } } }))
    await install({ sources: ['claude'] })
    expect(json('.claude.json').mcpServers['gobby-sessions']).toEqual({ command: expect.stringContaining('bin/gobby-mcp'), args: [], env: { A: 'b' } })
  })
})

test('the comma after the last entry stays one, and goes with gobby\'s', async () => {
  const { install, uninstall, write, read, at } = machine()
  write('.gemini/settings.json', '{\n  "a": 1, // one\n}\n')
  await install({ sources: ['gemini'] })
  expect(read('.gemini/settings.json')).toMatch(/\},\n\}\n$/)
  writeFileSync(at('.gemini/settings.json'), `${read('.gemini/settings.json')}\n`)
  await uninstall()
  expect(read('.gemini/settings.json')).toBe('{\n  "a": 1, // one\n}\n\n')
})

test('a server of that name that a person made is left, and said', async () => {
  const { install, uninstall, write, home } = machine()
  write('.claude.json', '{"mcpServers":{"gobby-sessions":{"type":"http","url":"http://127.0.0.1:1/mcp"}}}')
  const before = tree(home)
  expect((await install({ sources: ['claude'] })).warnings.join()).toContain("not gobby's")
  await uninstall()
  expect(tree(home)).toEqual(before)
})

test('what somebody wrote meanwhile stays, and only gobby\'s entries go', async () => {
  const { install, uninstall, write, read, json, at } = machine()
  write('.gemini/settings.json', '{\n  "a": 1 // one\n}\n')
  await install({ sources: NAMES })
  writeFileSync(at('.gemini/settings.json'), read('.gemini/settings.json').replace('"a": 1', '"a": 2').replace('"hooks": {', '"hooks": {\n    // mine\n    "Notification": [],'))
  writeFileSync(at('.claude.json'), JSON.stringify({ ...json('.claude.json'), projects: {} }))
  writeFileSync(at('.codex/config.toml'), `${read('.codex/config.toml')}\n# theirs\n[hooks.state."x"]\ntrusted_hash = "y"\n`)
  await uninstall()
  expect(read('.gemini/settings.json')).toBe('{\n  "a": 2, // one\n  "hooks": {\n    // mine\n    "Notification": []\n  }\n}\n')
  expect(json('.claude.json')).toEqual({ projects: {} })
  expect(read('.codex/config.toml')).toBe('\n# theirs\n[hooks.state."x"]\ntrusted_hash = "y"\n')
  expect(existsSync(at('.codex/hooks.json'))).toBe(false)
  expect(existsSync(at('.gobby'))).toBe(false)
})

test('an uninstall finds its entries also when nothing is remembered', async () => {
  const { install, uninstall, write, home, gobbyHome, json } = machine()
  write('.claude/settings.json', '{"model": "m"}')
  await install({ sources: NAMES })
  rmSync(join(gobbyHome, 'install.json'))
  await uninstall()
  expect(json('.claude/settings.json')).toEqual({ model: 'm' })
  expect(Object.entries(tree(home)).filter(([name, text]) => !name.endsWith('-backup') && text.includes('gobby'))).toEqual([])
})

describe('a file that may not be touched', () => {
  const root = process.getuid?.() === 0
  const cases: Record<string, { spoil(path: string): void; reason: string; root_only?: true }> = {
    'broken JSON': { spoil: (path) => writeFileSync(path, '{ "hooks": [ '), reason: 'not valid JSON' },
    'a list': { spoil: (path) => writeFileSync(path, '[]'), reason: 'not a JSON object' },
    'a key twice': { spoil: (path) => writeFileSync(path, '{"hooks":{},"hooks":{"Stop":[]}}'), reason: 'cannot edit safely' },
    'no UTF-8': { spoil: (path) => writeFileSync(path, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), reason: 'UTF-8' },
    'a link': { spoil: (path) => (writeFileSync(`${path}.real`, '{}'), rmSync(path, { force: true }), symlinkSync(`${path}.real`, path)), reason: 'symbolic link' },
    'a link to nothing': { spoil: (path) => (rmSync(path, { force: true }), symlinkSync('/nowhere', path)), reason: 'symbolic link' },
    'a folder': { spoil: (path) => (rmSync(path, { force: true }), mkdirSync(path)), reason: 'no plain file' },
    'read-only': { spoil: (path) => chmodSync(path, 0o444), reason: 'read-only' },
    'of another user': { spoil: (path) => chownSync(path, 12_345, 12_345), reason: 'another user', root_only: true },
  }
  for (const [name, { spoil, reason, root_only }] of Object.entries(cases)) {
    test(`${name}: left, said, the others done`, async ({ skip }) => {
      if (root_only && !root) skip('only root can give a file away')
      const { install, uninstall, write, home, at } = machine()
      const path = write('.claude/settings.json', '{}')
      spoil(path)
      const before = tree(home)
      const report = await install({ sources: NAMES })
      expect(report.files.find((file) => file.path === path)).toMatchObject({ outcome: 'refused', reason: expect.stringContaining(reason), hint: expect.stringMatching(/\w/) })
      expect(report.files.filter(({ outcome }) => outcome === 'created')).toHaveLength(4)
      expect(tree(home)['.claude/settings.json']).toEqual(before['.claude/settings.json'])
      expect(existsSync(at('.claude/settings.json.gobby-backup'))).toBe(false)
      await uninstall()
      expect(tree(home)).toEqual(before)
    })
  }

  test('broken TOML, inline tables', async () => {
    for (const [text, reason] of [['a = \n', 'not valid TOML'], ['mcp_servers = { a = { command = "b" } }\n', 'cannot edit safely']] as const) {
      const { install, write, read } = machine()
      const path = write('.codex/config.toml', text)
      const report = await install({ sources: ['codex'] })
      expect(report.files.find((file) => file.path === path)).toMatchObject({ outcome: 'refused', reason: expect.stringContaining(reason) })
      expect(read('.codex/config.toml')).toBe(text)
    }
  })

  test('in an uninstall: kept, said, and the launchers with it', async () => {
    const { install, uninstall, at, gobbyHome } = machine()
    await install({ sources: ['claude'] })
    chmodSync(at('.claude/settings.json'), 0o400)
    const report = await uninstall()
    expect(report.files.map(({ outcome }) => outcome).sort()).toEqual(['refused', 'removed'])
    expect(existsSync(join(gobbyHome, 'bin/gobby-hook'))).toBe(true)
    chmodSync(at('.claude/settings.json'), 0o600)
    await uninstall()
    expect(existsSync(gobbyHome)).toBe(false)
  })
})

test('mode and other names of a file are kept as far as they can be', async () => {
  const { install, write } = machine()
  const path = write('.claude/settings.json', '{}')
  chmodSync(path, 0o640)
  linkSync(path, `${path}.other`)
  await install({ sources: ['claude'] })
  expect(statSync(path).mode & 0o777).toBe(0o640)
  expect(readFileSync(`${path}.other`, 'utf8')).toBe('{}')
})

test('forms that a CLI does not load are edited, and said', async () => {
  const { install, write, read } = machine()
  write('.claude/settings.json', '{\n  // mine\n  "a": 1\n}\n')
  const { warnings } = await install({ sources: ['claude'] })
  expect(warnings).toEqual([expect.stringContaining('comments')])
  expect(read('.claude/settings.json')).toContain('// mine\n  "a": 1,')
  expect(claude.refuses({ path: '', format: 'json' }, { comments: false, trailing_comma: true, bom: false })).toContain('comma')
})

test('hooks that are switched off are said', async () => {
  const { install, write } = machine()
  write('.claude/settings.json', '{"disableAllHooks": true}')
  expect((await install({ sources: ['claude'] })).warnings).toEqual([expect.stringContaining('disableAllHooks is true')])
})

test('folders moved by variables are found', async () => {
  const { install, home } = machine({ env: { CLAUDE_CONFIG_DIR: '/nowhere/c' } })
  const report = await install({ sources: ['claude'], dry_run: true })
  expect(report.files.map(({ path }) => path)).toEqual(['/nowhere/c/settings.json', '/nowhere/c/.claude.json'])
  const moved = machine({ env: { CODEX_HOME: join(home, 'cx'), GEMINI_CLI_HOME: join(home, 'gm') } })
  const { files } = await moved.install({ sources: ['codex', 'gemini'], dry_run: true })
  expect(files.map(({ path }) => path)).toEqual([join(home, 'cx/hooks.json'), join(home, 'cx/config.toml'), join(home, 'gm/.gemini/settings.json')])
})

test('a dry run shows the lines and writes nothing', async () => {
  const { install, uninstall, write, home } = machine()
  write('.codex/config.toml', 'a = 1\n')
  const before = tree(home)
  const { files, launchers } = await install({ sources: NAMES, dry_run: true })
  expect(files.find(({ path }) => path.endsWith('config.toml'))?.diff).toMatch(/^--- .*\n\+\+\+ .*\n@@ .*\n a = 1\n\+\n\+\[mcp_servers\.gobby-sessions\]\n/)
  expect(launchers.map(({ outcome }) => outcome)).toEqual(['written', 'written'])
  expect(tree(home)).toEqual(before)
  await install({ sources: NAMES })
  const installed = tree(home)
  expect((await uninstall({ dry_run: true })).files.map(({ outcome }) => outcome).sort()).toEqual(['changed', 'removed', 'removed', 'removed', 'removed'])
  expect(tree(home)).toEqual(installed)
})

describe('hooks in TOML', () => {
  const theirs = '[[hooks.SessionStart]]\n[[hooks.SessionStart.hooks]]\ntype = "command"\ncommand = "echo hi"\n'
  test('where the person has theirs, after these', async () => {
    const { install, uninstall, write, read, home, at } = machine()
    write('.codex/config.toml', theirs)
    const before = tree(home)
    await install({ sources: ['codex'] })
    expect(existsSync(at('.codex/hooks.json'))).toBe(false)
    const { hooks } = parse(read('.codex/config.toml')) as { hooks: Record<string, { hooks: { command: string; timeout?: number }[] }[]> }
    expect(hooks.SessionStart?.map((group) => group.hooks[0]?.command)).toEqual(['echo hi', expect.stringContaining('gobby-hook')])
    expect(hooks.SessionEnd?.[0]?.hooks[0]?.timeout).toBe(3)
    const once = read('.codex/config.toml')
    await install({ sources: ['codex'] })
    expect(read('.codex/config.toml')).toBe(once)
    writeFileSync(at('.codex/config.toml'), once.replace('timeout = 3', 'timeout = 2').replace('[mcp_servers', '# theirs\n[tui]\nx = 1\n\n[mcp_servers'))
    await install({ sources: ['codex'] })
    expect(read('.codex/config.toml')).toBe(once.replace('[mcp_servers', '# theirs\n[tui]\nx = 1\n\n[mcp_servers'))
    writeFileSync(at('.codex/config.toml'), once)
    await uninstall()
    expect(tree(home)).toEqual(before)
  })

  test('but not for the sake of what the CLI itself keeps there, nor away from where they are', async () => {
    const { install, write, at, read } = machine()
    write('.codex/config.toml', '[hooks.state."x"]\ntrusted_hash = "y"\n')
    await install({ sources: ['codex'] })
    expect(existsSync(at('.codex/hooks.json'))).toBe(true)
    writeFileSync(at('.codex/config.toml'), `${read('.codex/config.toml')}\n${theirs}`)
    expect((await install({ sources: ['codex'] })).files.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged'])
  })
})

describe('for a project', () => {
  test('the files are the project\'s, with nothing of this machine in them', async () => {
    const { install, uninstall, project, home, json } = machine()
    const before = tree(project)
    const report = await install({ sources: NAMES, scope: 'project' })
    expect(report.files.map(({ path }) => path.replace(`${project}/`, ''))).toEqual(['.claude/settings.json', '.mcp.json', '.codex/hooks.json', '.codex/config.toml', '.gemini/settings.json'])
    expect(JSON.stringify(tree(project))).not.toContain(home)
    expect(json('project/.mcp.json').mcpServers['gobby-sessions'].command).toBe('sh')
    expect((await install({ sources: ['claude'] })).warnings).toEqual([expect.stringContaining('twice')])
    expect((await uninstall({ scope: 'user' })).files.every(({ scope }) => scope === 'user')).toBe(true)
    await uninstall({ scope: 'project' })
    expect(tree(project)).toEqual(before)
    expect(tree(home)).toEqual({})
  })

  test('refused where there is none', async () => {
    const { origin, home } = machine()
    await expect(installFrom({ ...origin, config: { ...origin.config, cwd: home } }, { scope: 'project' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(installFrom(origin, { sources: ['nano'] })).rejects.toMatchObject({ code: 'invalid', hint: expect.stringContaining('claude') })
  })
})

test('on Windows no shell is needed', async () => {
  const { install, json, gobbyHome, write, origin } = machine({ platform: 'win32' })
  await install({ sources: NAMES })
  const hook = join(gobbyHome, 'bin', 'gobby-hook.mjs')
  expect(json('.claude/settings.json').hooks.Stop[0].hooks[0]).toEqual({ type: 'command', command: process.execPath, args: [hook, 'claude'], timeout: 5 })
  expect(json('.gemini/settings.json').hooks.AfterAgent[0].hooks[0].command).toBe(`& '${process.execPath}' '${hook}' 'gemini'`)
  expect(json('.codex/hooks.json').hooks.Stop[0].hooks[0].command).toMatch(/gobby-hook\.mjs"? codex$/)
  expect(json('.claude.json').mcpServers['gobby-sessions']).toMatchObject({ command: process.execPath, args: [join(gobbyHome, 'bin', 'gobby-mcp.mjs')] })
  const program = write('a program.cjs', 'console.log(process.env.GOBBY_HOME, process.argv.slice(1))')
  await installFrom({ ...origin, programs: { hook: program, mcp: undefined } }, { sources: ['claude'] })
  expect(execFileSync(process.execPath, [hook, 'claude'], { encoding: 'utf8', env: {} })).toBe(`${gobbyHome} [ '${program}', 'claude' ]\n`)
  rmSync(program)
  expect(execFileSync(process.execPath, [hook, 'claude'], { encoding: 'utf8', env: {} })).toBe('')
})

test('without the server\'s package the hooks are installed, and the rest is said', async () => {
  const { install, at } = machine({ mcp: undefined })
  const report = await install({ sources: ['claude'] })
  expect(report.warnings).toEqual([expect.stringContaining('@gobby/mcp')])
  expect(report.files.map(({ path }) => path)).toEqual([at('.claude/settings.json')])
})
