import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { machine, tree } from './installing.ts'

const KILLS = 25

const settings = (name: string): string => JSON.stringify({ name, more: Array.from({ length: 2000 }, (_, n) => `a line of settings ${n}`) }, null, 2)

test('killed at any moment, no file is ever broken, and an uninstall still restores every byte', async () => {
  const { install, uninstall, write, home, project, read, at } = machine()
  const files = { '.claude/settings.json': settings('one'), '.claude.json': settings('two'), '.gemini/settings.json': settings('three'), '.codex/config.toml': 'a = 1\n'.concat('# a line\n'.repeat(5000)) }
  for (const [name, text] of Object.entries(files)) write(name, text)
  const before = tree(home)
  await install({ sources: ['claude', 'codex', 'gemini'] })
  const installed = Object.fromEntries(Object.keys(files).map((name) => [name, read(name)]))
  await uninstall()
  expect(tree(home)).toEqual(before)

  let changed = 0
  // Some of the kills have to come after a write, however slow the machine.
  for (let kill = 0; kill < KILLS || (changed === 0 && kill < 20 * KILLS); kill++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/install-process.mjs'), home, project], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    await sleep(Math.random() * 200)
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (const [name, text] of Object.entries(files)) {
      const now = read(name)
      expect(now === text || now === installed[name], `${name} is whole`).toBe(true)
      changed += now === text ? 0 : 1
    }
  }
  expect(changed, 'some kills came after a write').toBeGreaterThan(0)
  // What a killed process left beside the files goes a minute later.
  for (const name of Object.keys(files)) {
    for (const entry of readdirSync(dirname(at(name)))) if (/\.gobby-[0-9a-f-]{36}$/.test(entry)) utimesSync(join(dirname(at(name)), entry), 1, 1)
  }
  await install({ sources: ['claude', 'codex', 'gemini'] })
  await uninstall()
  const after = Object.entries(tree(home)).filter(([name]) => !name.startsWith('.gobby'))
  expect(after.map(([name]) => name)).toEqual(Object.keys(before))
  expect(Object.fromEntries(after)).toEqual(before)
})
