import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { cleanEnv } from './environment.ts'
import { removeTempDirs, tempHome } from './temp.ts'

// Runs before each test file: nothing of the machine's own user is in reach of a test.
const clean = cleanEnv()
for (const name of Object.keys(process.env)) {
  const isRunner = name.startsWith('VITEST')
  if (!isRunner && !(name in clean)) delete process.env[name]
}
const { home, env } = tempHome()
Object.assign(process.env, clean, env)
process.env['XDG_CONFIG_HOME'] = join(home, '.config')
process.env['GIT_CONFIG_NOSYSTEM'] = '1'
mkdirSync(join(home, '.config'))

afterAll(removeTempDirs)
