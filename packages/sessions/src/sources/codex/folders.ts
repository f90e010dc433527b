import { join } from 'node:path'
import type { Source } from '../source.js'

/** Where Codex keeps its rollouts. */
export const folders: Source['folders'] = (env, home) => {
  const top = env.CODEX_HOME || join(home, '.codex')
  return [join(top, 'sessions'), join(top, 'archived_sessions')]
}
