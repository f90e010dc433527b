import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { readConfig } from '@gobby/sessions'
import type { Origin } from '@gobby/sessions/install'
import type { Surroundings } from './surroundings.js'

/** This gobby, as what the CLIs are made to start. */
export function installOrigin({ root, env, cwd }: Surroundings): Origin {
  return {
    config: readConfig({ env, ...(cwd === undefined ? {} : { cwd }) }),
    platform: process.platform,
    node: process.execPath,
    // The plain file: by the name with .js Node would first load what it needs for modules.
    programs: { hook: join(root, 'bin', 'gobby-hook.cjs'), mcp: mcpProgram(root) },
  }
}

/** The server is a package of its own, and need not be there. */
function mcpProgram(root: string): string | undefined {
  try {
    const path = createRequire(join(root, 'package.json')).resolve('@gobby/mcp/package.json')
    const { bin } = JSON.parse(readFileSync(path, 'utf8')) as { bin?: Record<string, string> }
    const program = bin?.['gobby-mcp']
    return program === undefined ? undefined : join(dirname(path), program)
  } catch {
    return undefined
  }
}
