import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tempDir, tempHome } from '@gobby/testing'
import { readConfig } from '../src/index.ts'
import { install, type InstallOptions, type Origin, uninstall, type UninstallOptions } from '../src/install/index.ts'

/** A machine with a home, a project, and a gobby whose programs are `hook` and `mcp`. */
export function machine(more: { env?: Record<string, string>; platform?: NodeJS.Platform; mcp?: string | undefined } = {}) {
  const { home, gobbyHome, env: own } = tempHome()
  const project = join(tempDir(), 'pear')
  mkdirSync(join(project, '.git'), { recursive: true })
  const env = { ...own, PATH: '/usr/bin:/bin', ...more.env }
  const origin: Origin = {
    config: readConfig({ env, cwd: project }),
    platform: more.platform ?? 'linux',
    node: process.execPath,
    programs: { hook: '/opt/gobby/bin/gobby-hook.cjs', mcp: 'mcp' in more ? more.mcp : '/opt/gobby/bin/gobby-mcp.js' },
  }
  const at = (name: string): string => join(name.startsWith('project/') ? dirname(project) : home, name.replace(/^project\//, 'pear/'))
  return {
    home,
    project,
    gobbyHome,
    origin,
    /** `.claude/settings.json` in the home, or `project/.mcp.json`. */
    at,
    write(name: string, text: string | Buffer): string {
      mkdirSync(dirname(at(name)), { recursive: true })
      writeFileSync(at(name), text)
      return at(name)
    },
    read: (name: string): string => readFileSync(at(name), 'utf8'),
    json: (name: string) => JSON.parse(readFileSync(at(name), 'utf8')) as Record<string, any>, // oxlint-disable-line typescript/no-explicit-any
    install: (options: InstallOptions = {}) => install(origin, options),
    uninstall: (options: UninstallOptions = {}) => uninstall(origin, options),
  }
}

/** Every file and folder below, with its content. */
export function tree(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry): [string, string] => {
    const path = join(entry.parentPath, entry.name)
    return [path.slice(folder.length + 1), entry.isFile() ? readFileSync(path, 'latin1') : entry.isSymbolicLink() ? `-> ${readlinkSync(path)}` : '/']
  })
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
