import { join } from 'node:path'
import { runBin } from '@gobby/testing'
import { expect, test } from 'vitest'
import { ROOT } from './client.ts'

test('the fast tests run at least 80 % of the lines behind the session tools', async () => {
  const { code, stdout, stderr } = await runBin(join(ROOT, 'scripts/coverage.mjs'), [], { cwd: ROOT, timeout: 600_000, env: { GOBBY_TEST_REPORTS: undefined } })
  const [all] = stdout.match(/^All files.*$/m) ?? []
  console.log(`coverage of the session tools (statements, branches, functions, lines): ${all}`)
  expect(code, stdout + stderr).toBe(0)
  expect(Number(all?.split('|')[4])).toBeGreaterThan(80)
})
