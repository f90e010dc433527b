/** The Gemini CLI's own settings: where they are, and what gobby puts there. */
import { join } from 'node:path'
import type { Scope, SettingsFile, SourceInstall, Whereabouts } from '../source-install.js'

const folder = ({ env, home }: Whereabouts): string => join(env.GEMINI_CLI_HOME || home, '.gemini')

const settings = (scope: Scope, where: Whereabouts): SettingsFile => ({
  path: join(scope === 'user' ? folder(where) : join(where.project ?? '', '.gemini'), 'settings.json'),
  format: 'json',
})

export const install: SourceInstall = {
  program: 'gemini',
  folder,
  hooks: {
    files: (scope, where) => [settings(scope, where)],
    // In milliseconds.
    events: {
      SessionStart: { timeout: 10_000 },
      BeforeAgent: { timeout: 5000 },
      AfterAgent: { timeout: 5000 },
      PreCompress: { timeout: 10_000 },
      SessionEnd: { timeout: 3000 },
    },
    handler: (start, timeout) => ({ name: 'gobby', type: 'command', command: 'line' in start ? start.line : forPowerShell([start.program, ...start.args]), timeout }),
    off: { at: ['hooksConfig', 'enabled'], is: false },
  },
  mcp: {
    file: settings,
    table: 'mcpServers',
    entry: ({ program, args }) => ({ command: program, args }),
  },
  refuses: (_file, { trailing_comma, bom }) => (bom ? 'a byte order mark' : trailing_comma ? 'a comma after the last entry' : undefined),
  next: (scope) => (scope === 'project' ? ['Gemini CLI runs what a project brings only in folders you trust: allow it when it asks.'] : []),
}

/** Windows: the CLI hands the command to PowerShell, where a quoted word is a text unless `&` calls it. */
function forPowerShell(words: string[]): string {
  return ['&', ...words.map((word) => `'${word.replaceAll("'", "''")}'`)].join(' ')
}
