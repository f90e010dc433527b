import { runBin, tempHome } from '@gobby/testing'
import { beforeAll, expect, test } from 'vitest'
import { BIN, ROOT, sampleGobby } from './client.ts'

const INSPECTOR = '@modelcontextprotocol/inspector@2.12.0'

let missing: string | undefined
/** npm's settings and cache are the user's own; the home is not: the inspector hands the server little more than `HOME`. */
let npmEnv: Record<string, string> = {}

beforeAll(async () => {
  const setting = async (name: string) => (await runBin('npm', ['config', 'get', name], { env: { HOME: process.env['GOBBY_TEST_USER_HOME'] } })).stdout.trim()
  npmEnv = { npm_config_userconfig: await setting('userconfig'), npm_config_cache: await setting('cache') }
  // Large: not a dependency of the checkout.
  const { code, stderr } = await runBin('npx', ['-y', INSPECTOR, '--cli', '--help'], { env: npmEnv })
  if (code === 0) return
  missing = stderr.trim().split('\n').at(-1) || 'npx took too long'
  console.warn(`The inspector is not tried: ${missing}`)
})

const inspect = (env: Record<string, string | undefined>, args: string[]) =>
  runBin('npx', ['-y', INSPECTOR, '--cli', process.execPath, BIN, ...args], { env: { ...env, ...npmEnv }, cwd: ROOT })

test.for(['--registry=gobby-sessions', '--registry=all', '--discovery=progressive'])('its strict check has nothing against the tools: %s', async (flag, { skip }) => {
  if (missing) skip(missing)
  const { code, stdout, stderr } = await inspect(tempHome().env, [flag, '--method', 'tools/list', '--strict'])
  const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('npm '))
  expect({ code, said }, stdout).toEqual({ code: 0, said: [] })
  expect(stdout).toContain('call_tool')
})

test('it calls a tool, on the sessions of the home that it is given', async ({ skip }) => {
  if (missing) skip(missing)
  const { env, store } = await sampleGobby()
  const [newest] = await store.sessions.list({}, 1)
  await store.close()
  const { code, stdout } = await inspect(env as Record<string, string>, ['--method', 'tools/call', '--tool-name', 'list_sessions', '--tool-arg', 'limit=2'])
  expect(code, stdout).toBe(0)
  expect(stdout).toContain('next_cursor')
  expect(stdout).toContain(newest?.id)
})
