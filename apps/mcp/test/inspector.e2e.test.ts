import { execFileSync } from 'node:child_process'
import { runBin, tempHome } from '@gobby/testing'
import { beforeAll, expect, test } from 'vitest'
import { BIN, ROOT, sampleGobby } from './client.ts'

const INSPECTOR = '@modelcontextprotocol/inspector@^2.12.0'
const INSTALL_MS = 240_000

let missing: string | undefined

/** The user's own home, for npm's settings and cache only. */
const npmEnv = { HOME: process.env['GOBBY_TEST_USER_HOME'] }

beforeAll(() => {
  try {
    // Large: not a dependency of the checkout.
    execFileSync('npx', ['-y', INSPECTOR, '--cli', '--help'], { stdio: 'pipe', timeout: INSTALL_MS, env: { ...process.env, ...npmEnv } })
  } catch (error) {
    missing = (error as Error).message.split('\n')[0]
    console.warn(`The inspector is not tried: ${missing}`)
  }
}, INSTALL_MS)

const inspect = (env: Record<string, string | undefined>, args: string[]) =>
  runBin('npx', ['-y', INSPECTOR, '--cli', process.execPath, BIN, ...args], { env: { ...env, ...npmEnv, GOBBY_HOME: env['GOBBY_HOME'] }, cwd: ROOT, timeout: 120_000 })

test.for(['--registry=gobby-sessions', '--registry=all', '--discovery=progressive'])('its strict check has nothing against the tools: %s', async (flag, { skip }) => {
  if (missing) skip(missing)
  const { code, stdout, stderr } = await inspect(tempHome().env, [flag, '--method', 'tools/list', '--strict'])
  const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('npm '))
  expect({ code, said }, stdout).toEqual({ code: 0, said: [] })
  expect(stdout).toContain('call_tool')
})

test('it calls a tool', async ({ skip }) => {
  if (missing) skip(missing)
  const { env, store } = await sampleGobby()
  await store.close()
  const { code, stdout } = await inspect(env as Record<string, string>, ['--method', 'tools/call', '--tool-name', 'list_sessions', '--tool-arg', 'limit=2'])
  expect(code, stdout).toBe(0)
  expect(stdout).toContain('next_cursor')
})
