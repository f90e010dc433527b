/** Claude Code's own settings: where they are, and what gobby puts there. */
import { join } from 'node:path'
import type { Scope, SourceInstall, Whereabouts } from '../source-install.js'

const folder = ({ env, home }: Whereabouts): string => env.CLAUDE_CONFIG_DIR || join(home, '.claude')

export const install: SourceInstall = {
  program: 'claude',
  folder,
  hooks: {
    files: (scope, where) => [{ path: join(scope === 'user' ? folder(where) : join(where.project ?? '', '.claude'), 'settings.json'), format: 'json' }],
    // In seconds. An own timeout at the end raises the second and a half that all hooks there share.
    events: {
      SessionStart: { timeout: 10 },
      UserPromptSubmit: { timeout: 5 },
      Stop: { timeout: 5 },
      PreCompact: { timeout: 10 },
      SessionEnd: { timeout: 3 },
      SubagentStart: { timeout: 5 },
      SubagentStop: { timeout: 5 },
    },
    // With `args` no shell is asked.
    handler: (start, timeout) =>
      'line' in start ? { type: 'command', command: start.line, timeout } : { type: 'command', command: start.program, args: start.args, timeout },
    off: { at: ['disableAllHooks'], is: true },
  },
  mcp: {
    file: (scope, where) => ({ path: scope === 'user' ? servers(where) : join(where.project ?? '', '.mcp.json'), format: 'json' }),
    table: 'mcpServers',
    entry: ({ program, args }) => ({ type: 'stdio', command: program, args, env: {} }),
  },
  refuses: (_file, { comments, trailing_comma }) => (comments ? 'comments' : trailing_comma ? 'a comma after the last entry' : undefined),
  next: (scope: Scope, { mcp }) => (scope === 'project' && mcp ? ['Claude Code asks everybody who starts it here whether to use the server of .mcp.json: allow it.'] : []),
}

/** Beside the settings folder, unless that was moved: then in it. */
function servers({ env, home }: Whereabouts): string {
  return join(env.CLAUDE_CONFIG_DIR || home, '.claude.json')
}
