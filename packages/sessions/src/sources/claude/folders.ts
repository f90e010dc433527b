import { join } from 'node:path'
import type { Source } from '../source.js'

/** Where Claude Code keeps its transcripts. */
export const folders: Source['folders'] = (env, home) =>
  (env.CLAUDE_CONFIG_DIR ? [env.CLAUDE_CONFIG_DIR] : [join(home, '.claude'), join(home, '.config', 'claude')]).map((dir) => join(dir, 'projects'))
