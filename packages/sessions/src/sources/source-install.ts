/** What must be known of a CLI to put gobby's hooks and its MCP server into the CLI's own settings. Pure, but for `trust`. */
import type { Env } from '../config.js'

/** Settings of the person, or of a project and everybody who works in it. */
export type Scope = 'user' | 'project'

/** Where settings may lie: the person's home folder, and the top of the project. */
export type Whereabouts = { env: Env; home: string; project: string | undefined }

export type SettingsFile = { path: string; format: 'json' | 'toml' }

/** How a program is started: by a line for a POSIX shell, or, where there is none, by its name and arguments. */
export type Start = { line: string } | { program: string; args: string[] }

/** One CLI, as far as installing goes. */
export type SourceInstall = {
  /** The name that the CLI is started by. */
  program: string
  /** The folder that the CLI makes in the home when it is first used. */
  folder(where: Whereabouts): string
  hooks: {
    /** The files that may hold hooks of this scope; the first is the usual one. */
    files(scope: Scope, where: Whereabouts): SettingsFile[]
    /** Which of `files` takes hooks where there are none of gobby's yet, by what they hold; absent: the first. */
    prefers?(held: unknown[]): number
    /** Every event that gobby listens to: for which kinds of it, and how long the hook may take, in the CLI's own unit. */
    events: Record<string, { matcher?: string; timeout: number }>
    /** The entry that makes the CLI run the hook. */
    handler(start: Start, timeout: number): Record<string, unknown>
    /** A setting that turns all hooks off: where it stands, and the value that does. In any of the files of `hooks` and `mcp`. */
    off: { at: string[]; is: unknown }
  }
  mcp: {
    file(scope: Scope, where: Whereabouts): SettingsFile
    /** The table of servers. */
    table: string
    entry(start: { program: string; args: string[] }): Record<string, unknown>
  }
  /** Forms that gobby can edit and the CLI does not load; in words that follow "it does not load a file with". */
  refuses(file: SettingsFile, form: { comments: boolean; trailing_comma: boolean; bom: boolean }): string | undefined
  /** What the person has to do after hooks, or the server, were put in. */
  next(scope: Scope, what: { hooks: boolean; mcp: boolean }): string[]
  /**
   * Whether the person has allowed gobby's hooks, where the CLI asks for that.
   *
   * @param program the CLI's file
   * @param isOurs tells gobby's hooks by their command
   * @returns undefined when the CLI does not say
   */
  trust?(program: string, where: Whereabouts & { cwd: string }, isOurs: (command: string) => boolean): Promise<Trust | undefined>
}

/** `warnings` are the CLI's own, about its hooks. */
export type Trust = { trusted: boolean; enabled: boolean; warnings: string[] }
