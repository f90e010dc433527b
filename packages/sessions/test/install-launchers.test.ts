import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { install as installFrom } from '../src/install/index.ts'
import { machine } from './installing.ts'

describe('launchers', () => {
  const LONG = 'x'.repeat(200_000)
  /** With an event that a pipe does not hold, whoever does not read it is found out; a program that may end before it reads gets none. */
  const run = (path: string, env: Record<string, string> = {}, input?: string) =>
    execFileSync(path, ['claude'], { env: { PATH: '/nowhere', ...env }, input, encoding: 'utf8', stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'ignore'] })
  const show = 'console.log(JSON.stringify({ argv: process.argv.slice(2), home: process.env.GOBBY_HOME, url: process.env.GOBBY_DATABASE_URL, ppid: process.ppid, path: process.execPath }))'

  test('run the program of the last install, with its home and database', async () => {
    const { origin, gobbyHome, write, project } = machine({ env: { GOBBY_DATABASE_URL: 'file:own.db' } })
    for (const name of ['one.cjs', "it's two.cjs"]) {
      const program = write(name, `${show}; require('node:fs').writeSync(1, ${JSON.stringify(name)})`)
      await installFrom({ ...origin, programs: { hook: program, mcp: undefined } }, { sources: ['claude'] })
      const said = run(join(gobbyHome, 'bin/gobby-hook'))
      expect(said).toContain(name)
      expect(JSON.parse(said.split('\n').find((line) => line.includes('{'))?.replace(/^[^{]*/, '').replace(/}.*$/, '}') ?? '')).toMatchObject({ argv: ['claude'], home: gobbyHome, url: `file:${join(project, 'own.db')}`, path: process.execPath })
    }
  })

  test('take the Node on PATH when theirs is gone, and are silent when all is', async () => {
    const { origin, gobbyHome, write, home } = machine()
    const program = write('p.cjs', 'console.log("here")')
    await installFrom({ ...origin, node: '/gone/node', programs: { hook: program, mcp: program } }, { sources: ['claude'] })
    const hook = join(gobbyHome, 'bin/gobby-hook')
    mkdirSync(join(home, 'bin'))
    symlinkSync('/bin/cat', join(home, 'bin/cat'))
    const PATH = join(home, 'bin')
    expect(run(hook, { PATH }, LONG)).toBe('')
    symlinkSync(process.execPath, join(home, 'bin/node'))
    expect(run(hook, { PATH })).toBe('here\n')
    // One that does not tell the program's version is too old; where there is none but it, it may say so.
    const old = join(home, 'old *')
    mkdirSync(old)
    writeFileSync(join(old, 'node'), '#!/bin/sh\n[ "$2" = --version ] || echo too old\n', { mode: 0o755 })
    expect(run(hook, { PATH: `${old}:/nowhere::${PATH}` })).toBe('here\n')
    expect(run(hook, { PATH: old })).toBe('too old\n')
    rmSync(program)
    expect(run(hook, { PATH }, LONG)).toBe('')
    expect(() => run(join(gobbyHome, 'bin/gobby-mcp'), { PATH })).toThrow()
  })

  test('take the gobby on PATH when theirs is gone, as its child that the CLI started', async () => {
    const { origin, gobbyHome, write, home } = machine()
    const gone = join(home, 'gone.cjs')
    await installFrom({ ...origin, programs: { hook: gone, mcp: gone } }, { sources: ['claude'] })
    const PATH = [join(home, 'bin'), dirname(process.execPath), '/bin'].join(':')
    for (const name of ['hook', 'mcp']) {
      const program = write(`bin/gobby-${name}`, `#!/usr/bin/env node\n${show}`)
      chmodSync(program, 0o755)
      expect(JSON.parse(run(join(gobbyHome, `bin/gobby-${name}`), { PATH: `${PATH}:/usr/bin` }))).toMatchObject({ argv: ['claude'], home: gobbyHome, ppid: process.pid })
    }
    // That is they themselves.
    expect(run(join(gobbyHome, 'bin/gobby-hook'), { PATH: `${join(gobbyHome, 'bin')}:${dirname(process.execPath)}:/bin` }, LONG)).toBe('')
  })

  test('the command reads the event and says nothing when gobby is gone', async () => {
    const { install, uninstall, json, write, project } = machine()
    write('.claude/settings.json', '{}')
    await install({ sources: ['claude'] })
    await install({ sources: ['claude'], scope: 'project' })
    const commands = [json('.claude/settings.json'), json('project/.claude/settings.json')].map(({ hooks }) => hooks.Stop[0].hooks[0].command as string)
    await uninstall()
    for (const command of commands) expect(execFileSync('sh', ['-c', command], { cwd: project, input: LONG, encoding: 'utf8' })).toBe('')
  })
})
