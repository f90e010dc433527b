import { join } from 'node:path'
import type { Source } from '../source.js'

/** Where the Gemini CLI keeps its chats. */
export const folders: Source['folders'] = (env, home) => [join(env['GEMINI_CLI_HOME'] || home, '.gemini', 'tmp')]
