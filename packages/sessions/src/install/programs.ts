import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { Env } from '../config.js'
import type { Whereabouts } from '../sources/source-install.js'
import type { Installable } from './targets.js'

/** The file that a name stands for on PATH. */
export function onPath(name: string, env: Env): string | undefined {
  const endings = process.platform === 'win32' ? (env.PATHEXT ?? '.EXE;.CMD').split(';') : ['']
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Whether a CLI is there: it can be started, or has left its folder. */
export function isFound({ install }: Installable, where: Whereabouts): boolean {
  return onPath(install.program, where.env) !== undefined || existsSync(install.folder(where))
}

/** The version that the package says which a program's file belongs to; undefined where it belongs to none. */
export function packagedVersion(program: string, name: string): string | undefined {
  try {
    for (let folder = dirname(realpathSync(program)); folder !== dirname(folder); folder = dirname(folder)) {
      const path = join(folder, 'package.json')
      if (!existsSync(path)) continue
      const { bin, version } = JSON.parse(readFileSync(path, 'utf8')) as { bin?: Record<string, string> | string; version?: string }
      return typeof bin === 'object' && name in bin ? version : undefined
    }
  } catch {
    // Then it is asked itself.
  }
  return undefined
}
