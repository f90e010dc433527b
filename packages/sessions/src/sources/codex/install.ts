/** Codex's own settings: where they are, what gobby puts there, and whether the person has allowed it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { isRecord, textOf } from '../normalise.js'
import type { Scope, SettingsFile, SourceInstall, Trust, Whereabouts } from '../source-install.js'

const folder = ({ env, home }: Whereabouts): string => env.CODEX_HOME || join(home, '.codex')

const folderOf = (scope: Scope, where: Whereabouts): string => (scope === 'user' ? folder(where) : join(where.project ?? '', '.codex'))

const config = (scope: Scope, where: Whereabouts): SettingsFile => ({ path: join(folderOf(scope, where), 'config.toml'), format: 'toml' })

export const install: SourceInstall = {
  program: 'codex',
  folder,
  hooks: {
    files: (scope, where) => [{ path: join(folderOf(scope, where), 'hooks.json'), format: 'json' }, config(scope, where)],
    // It warns at every start when both files hold hooks.
    prefers: ([json, toml]) => (hasHooks(toml) && !hasHooks(json) ? 1 : 0),
    // In seconds; at an interruption and at the end it allows no more than three.
    events: {
      SessionStart: { timeout: 10 },
      UserPromptSubmit: { timeout: 5 },
      Stop: { timeout: 5 },
      Interrupt: { timeout: 3 },
      PreCompact: { timeout: 10 },
      SessionEnd: { timeout: 3 },
      SubagentStart: { timeout: 5 },
      SubagentStop: { timeout: 5 },
    },
    handler: (start, timeout) => ({ type: 'command', command: 'line' in start ? start.line : forCmd([start.program, ...start.args]), timeout }),
    off: { at: ['features', 'hooks'], is: false },
  },
  mcp: {
    file: config,
    table: 'mcp_servers',
    entry: ({ program, args }) => ({ command: program, args }),
  },
  refuses: ({ format }, { comments, trailing_comma, bom }) =>
    format === 'toml' ? undefined : comments ? 'comments' : trailing_comma ? 'a comma after the last entry' : bom ? 'a byte order mark' : undefined,
  next: (scope, { hooks }) => [
    ...(hooks ? ['Codex runs hooks only after you have allowed them: start codex, type /hooks, and trust those of gobby.'] : []),
    ...(scope === 'project' ? ['Codex reads the settings of a project only when you trust the folder: allow it when it asks.'] : []),
  ],
  trust,
}

/** Whether there are hooks beside `state`, in which the CLI keeps what the person allowed. */
function hasHooks(held: unknown): boolean {
  const hooks = isRecord(held) ? held.hooks : undefined
  return isRecord(hooks) && Object.entries(hooks).some(([event, groups]) => event !== 'state' && Array.isArray(groups) && groups.length > 0)
}

/** Windows: the CLI hands the command to cmd.exe as one argument, in which quotes do not survive: only where they must be. */
function forCmd([program = '', ...args]: string[]): string {
  const bare = (word: string) => /^[\w\\/:.~+-]+$/.test(word)
  return [bare(program) ? program : 'node', ...args.map((word) => (bare(word) ? word : `"${word}"`))].join(' ')
}

/** How long the CLI's own answer is waited for. */
const PATIENCE_MS = 10_000

/** Asks the CLI itself, in the protocol of its app server: lines of JSON-RPC. */
function trust(program: string, { env, cwd }: Whereabouts & { cwd: string }, isOurs: (command: string) => boolean): Promise<Trust | undefined> {
  const server = spawn(program, ['app-server'], { env, cwd, stdio: ['pipe', 'pipe', 'ignore'] })
  const say = (message: object): unknown => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const answer = new Promise<Trust | undefined>((resolve) => {
    let line = ''
    const hear = (text: string): void => {
      const message = parsed(text)
      if (message?.id === 1) {
        say({ method: 'initialized' })
        say({ id: 2, method: 'hooks/list', params: { cwds: [cwd] } })
      }
      if (message?.id === 2) resolve(trustOf(message.result, isOurs))
    }
    server.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${line}${chunk}`.split('\n')
      line = lines.pop() ?? ''
      lines.forEach(hear)
    })
    server.stdin.on('error', () => undefined)
    for (const event of ['error', 'exit'] as const) server.once(event, () => resolve(undefined))
    setTimeout(() => resolve(undefined), PATIENCE_MS).unref()
  })
  say({ id: 1, method: 'initialize', params: { clientInfo: { name: 'gobby', version: '1' } } })
  return answer.finally(() => server.kill())
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function trustOf(result: unknown, isOurs: (command: string) => boolean): Trust | undefined {
  const data = isRecord(result) && Array.isArray(result.data) ? result.data.filter(isRecord) : []
  const hooks = data.flatMap(({ hooks: listed }) => (Array.isArray(listed) ? listed.filter(isRecord) : [])).filter(({ command }) => isOurs(textOf(command) ?? ''))
  if (hooks.length === 0) return undefined
  return {
    trusted: hooks.every(({ trustStatus }) => trustStatus === 'trusted' || trustStatus === 'managed'),
    enabled: hooks.every(({ enabled }) => enabled !== false),
    warnings: data.flatMap(({ warnings }) => (Array.isArray(warnings) ? warnings.map(String) : [])),
  }
}
