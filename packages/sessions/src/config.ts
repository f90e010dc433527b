/** Where gobby's settings come from; the only reader of the environment. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { GobbyError } from './errors.js'
import { readPlain } from './read-plain.js'

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
  /**
   * What a session that follows a `/clear` is given of the one before: by `GOBBY_ON_CLEAR`, and by `config.json`. A
   * project's own file stands between them.
   */
  on_clear: { env: OnClear | undefined; file: OnClear | undefined }
  /** The user's home folder. */
  user_home: string
  env: Env
}

/** `inject` its handoff, `offer` it in one line, or nothing (`off`). */
export type OnClear = (typeof onClear)[number]
const onClear = ['inject', 'offer', 'off'] as const

type ConfigFile = { database_url?: string; project?: string; handoff?: { on_clear?: OnClear } }

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
    on_clear: { env: onClear.find((mode) => mode === env.GOBBY_ON_CLEAR), file: file.handoff?.on_clear },
    user_home,
    env,
  }
}

function readConfigFile(path: string): ConfigFile {
  let text: string
  try {
    text = readPlain(path)
  } catch {
    return {}
  }
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (cause) {
    throw broken(path, cause)
  }
  if (!isConfig(file)) throw broken(path)
  return file
}

// By hand: a hook reads this too, and a schema library would take as long to load as the hook takes.
function isConfig(value: unknown): value is ConfigFile {
  if (!isObject(value)) return false
  const isText = (text: unknown) => text === undefined || typeof text === 'string'
  return isText(value.database_url) && isText(value.project) && (value.handoff === undefined || isHandoffConfig(value.handoff))
}

/** Whether a `handoff` of a settings file can be understood. */
export function isHandoffConfig(value: unknown): value is { on_clear?: OnClear } {
  return isObject(value) && (value.on_clear === undefined || onClear.some((mode) => mode === value.on_clear))
}

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function broken(path: string, cause?: unknown): GobbyError {
  const message = `${path} is not valid: an object with database_url, project and handoff.on_clear (${onClear.join(', ')}) is expected.`
  return new GobbyError('invalid', message, 'Correct the file or remove it.', { cause })
}
