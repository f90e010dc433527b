/** Where gobby's settings come from; the only reader of the environment. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { GobbyError } from './errors.js'

/** Environment variables. */
export type Env = Record<string, string | undefined>

/** All settings of one call. */
export type Config = {
  /** The folder that holds all that gobby keeps: `GOBBY_HOME`, default `~/.gobby`. */
  home: string
  /** `GOBBY_DATABASE_URL`, default `sessions.db` in `home`. */
  database_url: string
  /** `GOBBY_PROJECT`: the project to work in instead of the folder's own, by name, id or path. */
  project: string | undefined
  /** The folder the user calls from. */
  cwd: string
  /** The user's home folder. */
  user_home: string
  env: Env
}

const configFile = z.object({ database_url: z.string(), project: z.string() }).partial()

/**
 * Reads the settings: what is given, then the environment, then `config.json` in gobby's home.
 *
 * @throws GobbyError `invalid` when `config.json` is there and cannot be understood
 */
export function readConfig(given: { env?: Env; cwd?: string; project?: string; database_url?: string } = {}): Config {
  const env = given.env ?? process.env
  // pnpm runs a script in the workspace's folder and tells the caller's in INIT_CWD.
  const cwd = resolve(given.cwd ?? (env.npm_lifecycle_event === 'gobby' ? env.INIT_CWD : undefined) ?? process.cwd())
  const user_home = env.HOME || env.USERPROFILE || homedir()
  const home = resolve(env.GOBBY_HOME || join(user_home, '.gobby'))
  const file = readConfigFile(join(home, 'config.json'))
  return {
    home,
    database_url: given.database_url ?? (env.GOBBY_DATABASE_URL || (file.database_url ?? `file:${join(home, 'sessions.db')}`)),
    project: given.project ?? (env.GOBBY_PROJECT || file.project),
    cwd,
    user_home,
    env,
  }
}

function readConfigFile(path: string): z.infer<typeof configFile> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return {}
  }
  try {
    return configFile.parse(JSON.parse(text))
  } catch (cause) {
    throw new GobbyError('invalid', `${path} is not valid: an object with database_url and project is expected.`, 'Correct the file or remove it.', { cause })
  }
}
