/**
 * The programs that CLIs start: they stay where they are and are called the same, whatever version of gobby, and of
 * Node, they lead to. Each install writes them anew.
 */
import { accessSync, constants, existsSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../config.js'
import type { Scope, Start } from '../sources/source-install.js'
import { writeWhole } from './settings-file.js'

/** What is installed from: this gobby, and the Node it runs on. */
export type Origin = {
  config: Config
  platform: NodeJS.Platform
  /** The Node to use as long as it is there. */
  node: string
  /** The files of the programs; the server's is undefined where it is not installed. */
  programs: { hook: string; mcp: string | undefined }
}

type Name = keyof Origin['programs']

/** A launcher as it is to be. */
export type Launcher = { name: Name; path: string; text: string }

export function launcherPath({ config, platform }: Pick<Origin, 'config' | 'platform'>, name: Name): string {
  return join(config.home, 'bin', platform === 'win32' ? `gobby-${name}.mjs` : `gobby-${name}`)
}

export function launchersOf(origin: Origin): Launcher[] {
  return Object.entries(origin.programs).flatMap(([name, program]) => {
    if (program === undefined) return []
    const text = origin.platform === 'win32' ? script(origin, program) : shellScript(origin, program, name as Name)
    return [{ name: name as Name, path: launcherPath(origin, name as Name), text }]
  })
}

/** The settings that hold at install time, so that a CLI started without them uses the same database. */
function settingsOf({ config }: Origin): { name: string; value: string }[] {
  const url = config.env.GOBBY_DATABASE_URL
  return [{ name: 'GOBBY_HOME', value: config.home }, ...(url ? [{ name: 'GOBBY_DATABASE_URL', value: absolute(url, config.cwd) }] : [])]
}

/** A relative file is meant from where the person is now. */
function absolute(url: string, cwd: string): string {
  if (url === ':memory:' || url === 'file::memory:' || /^[a-z][a-z0-9+]+:\/\//i.test(url)) return url
  return `file:${resolve(cwd, url.replace(/^file:/, ''))}`
}

const NOTE = 'Written by "gobby install", and written anew by each: changes here are lost.'

function shellScript(origin: Origin, program: string, name: Name): string {
  // A hook must not disturb its CLI, which wants its event read; a server that is not there should say so.
  const missing = name === 'hook' ? 'cat > /dev/null; exit 0' : `echo "gobby-${name}: gobby or Node is not there any more. Run: gobby install" >&2; exit 1`
  return [
    '#!/bin/sh',
    `# ${NOTE}`,
    ...settingsOf(origin).map(({ name: variable, value }) => `${variable}=${quoted(value)} && export ${variable}`),
    `node=${quoted(origin.node)}`,
    `program=${quoted(program)}`,
    // Package managers that have the version in the path move it at an upgrade, and put the new one on PATH. Once: that may be this.
    `if [ ! -f "$program" ] && [ -z "$GOBBY_MOVED" ] && command -v gobby-${name} > /dev/null && command -v node > /dev/null; then`,
    `  GOBBY_MOVED=1 && export GOBBY_MOVED && exec gobby-${name} "$@"`,
    'fi',
    // The first on PATH that is new enough for the program to tell its version; else the first, which says that it is not.
    `[ -x "$node" ] || node=$(set -f; IFS=:; for each in $PATH; do`,
    `  [ -x "$each/node" ] && [ -n "$("$each/node" "$program" --version < /dev/null 2> /dev/null)" ] && echo "$each/node" && break`,
    'done)',
    '[ -n "$node" ] || node=$(command -v node)',
    `[ -n "$node" ] && [ -f "$program" ] || { ${missing}; }`,
    'exec "$node" "$program" "$@"',
    '',
  ].join('\n')
}

function script(origin: Origin, program: string): string {
  const settings = Object.fromEntries(settingsOf(origin).map(({ name, value }) => [name, value]))
  return [
    `// ${NOTE}`,
    "import { existsSync } from 'node:fs'",
    "import { pathToFileURL } from 'node:url'",
    `Object.assign(process['env'], ${JSON.stringify(settings)})`,
    `const program = process.argv[1] = ${JSON.stringify(program)}`,
    'if (existsSync(program)) await import(pathToFileURL(program).href)',
    '',
  ].join('\n')
}

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/**
 * How a CLI starts the hook. In a shell: by `exec`, so that the hook's parent is the CLI itself, and without an error
 * when gobby is gone: the event is read and nothing said.
 */
export function hookStart(origin: Pick<Origin, 'config' | 'platform' | 'node'>, source: string, scope: Scope): Start {
  const path = launcherPath(origin, 'hook')
  if (origin.platform === 'win32') return { program: origin.node, args: [path, source] }
  if (scope === 'user') return { line: `[ -x ${quoted(path)} ] && exec ${quoted(path)} ${source}; cat > /dev/null` }
  // Others who work in the project have their own home, and a shell that may be none of the Bourne kind.
  return { line: `exec sh -c 'gobby="${SHARED_HOME}/bin/gobby-hook"; [ -x "$gobby" ] && exec "$gobby" ${source}; cat > /dev/null'` }
}

export function serverStart(origin: Pick<Origin, 'config' | 'platform' | 'node'>, scope: Scope): { program: string; args: string[] } {
  const path = launcherPath(origin, 'mcp')
  if (origin.platform === 'win32') return { program: origin.node, args: [path] }
  return scope === 'user' ? { program: path, args: [] } : { program: 'sh', args: ['-c', `exec "${SHARED_HOME}/bin/gobby-mcp"`] }
}

const SHARED_HOME = '${GOBBY_HOME:-$HOME/.gobby}'

/** Writes a launcher. False: it is there as it should be. */
export function writeLauncher({ path, text }: Launcher): boolean {
  if (readText(path) === text && isExecutable(path)) return false
  rmSync(path, { force: true, recursive: true })
  writeWhole(path, text, 0o755)
  return true
}

/** Removes the launchers; the folder with them when it is empty then. */
export function removeLaunchers(origin: Pick<Origin, 'config' | 'platform'>): string[] {
  const there = (['hook', 'mcp'] as const).map((name) => launcherPath(origin, name)).filter((path) => existsSync(path))
  for (const path of there) rmSync(path, { force: true })
  for (const folder of [join(origin.config.home, 'bin'), origin.config.home]) {
    try {
      rmdirSync(folder)
    } catch {
      // Not empty, or not there.
    }
  }
  return there
}

/** What a launcher leads to, as far as it is there. */
export function launcherState(path: string): { there: boolean; node: boolean; program: boolean } {
  const text = readText(path) ?? ''
  const named = (word: string): string | undefined => {
    const value = new RegExp(`^${word}='(.*)'$`, 'm').exec(text)?.[1]
    return value?.replaceAll(String.raw`'\''`, "'")
  }
  const argv = /^const program = process\.argv\[1\] = (".*")$/m.exec(text)?.[1]
  const program = argv === undefined ? named('program') : (JSON.parse(argv) as string)
  const node = named('node')
  return { there: text !== '' && isExecutable(path), node: argv !== undefined || (node !== undefined && isExecutable(node)), program: program !== undefined && existsSync(program) }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, process.platform === 'win32' ? constants.F_OK : constants.X_OK)
    return true
  } catch {
    return false
  }
}
