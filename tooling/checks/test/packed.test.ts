import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runBin, tempDir, tempHome, type RunResult } from '@gobby/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { examples } from '../src/markdown.ts'
import { packages, ROOT } from '../src/workspace.ts'

// What a user gets: every package packed, all of them installed together in an empty folder, then run.

const MOST_MS = 900_000
const published = packages().filter((each) => !each.private)
const packed = tempDir('gobby-packed-')
const installed = tempDir('gobby-installed-')
/** The user's own home, for npm's settings and cache only. */
const npmEnv = { HOME: process.env['GOBBY_TEST_USER_HOME'] }

/** Runs a program that has to succeed; what it printed is in the failure. */
async function succeed(command: string, args: string[], options: Parameters<typeof runBin>[2]): Promise<RunResult> {
  const result = await runBin(command, args, { timeout: MOST_MS, ...options })
  expect(result.code, `${command} ${args.join(' ')}\n${result.stdout}\n${result.stderr}`).toBe(0)
  return result
}

const archive = (name: string): string => {
  const [file] = globSync(`${name.replace('@', '').replace('/', '-')}-[0-9]*.tgz`, { cwd: packed })
  return join(packed, file ?? `${name} was not packed`)
}

beforeAll(async () => {
  for (const { folder } of published) {
    await succeed('pnpm', ['pack', '--pack-destination', packed], { cwd: join(ROOT, folder), env: npmEnv })
  }
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const archives = published.map(({ name }) => archive(name))
  await succeed('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...archives], { cwd: installed, env: npmEnv })
}, 2 * MOST_MS)

describe.each(published)('$name', ({ name, folder, bin, exports }) => {
  test('publint has nothing against the archive', async () => {
    await succeed('publint', ['run', archive(name), '--strict'], { cwd: installed })
  })

  test.runIf('.' in exports)('attw has nothing against its types', async () => {
    await succeed('attw', ['--profile', 'esm-only', archive(name)], { cwd: installed })
  })

  test('holds what it needs and nothing else', () => {
    const root = join(installed, 'node_modules', name)
    const files = globSync('**/*', { cwd: root, exclude: (path) => path === 'node_modules' })
    expect(files).toContain('README.md')
    expect(files.filter((path) => /(^|\/)(test|src|\.turbo)(\/|$)|\.test\.|tsconfig/.test(path))).toEqual([])
    expect(readFileSync(join(root, 'package.json'), 'utf8')).not.toMatch(/"(workspace|catalog):/)
  })

  const commands = Object.keys(bin)
  test.runIf(commands.length > 0).each(commands)('%s --version runs', async (command) => {
    const { version } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as { version: string }
    const result = await succeed(join(installed, 'node_modules/.bin', command), ['--version'], { cwd: installed, env: tempHome().env })
    expect(result.stdout).toContain(version)
    expect(result.stderr).toBe('')
  })

  const entries = Object.keys(exports).filter((entry) => entry !== './package.json')
  test.runIf(entries.length > 0).each(entries)('%s can be imported', async (entry) => {
    const result = await succeed(process.execPath, ['-e', `import('${name}${entry.slice(1)}').then((all) => console.log(Object.keys(all).length))`], { cwd: installed, env: tempHome().env })
    expect(Number(result.stdout)).toBeGreaterThan(0)
  })

  const readme = join(ROOT, folder, 'README.md')
  const found = existsSync(readme) ? examples(readFileSync(readme, 'utf8')) : []
  test.runIf(folder.startsWith('packages/'))('the README has a runnable example', () => {
    expect(found.length).toBeGreaterThan(0)
  })
  test.each(found.map((code, index) => ({ index, code })))('README example $index runs', async ({ index, code }) => {
    const folderOfExample = join(installed, 'examples')
    mkdirSync(folderOfExample, { recursive: true })
    const file = join(folderOfExample, `${name.replace(/\W+/g, '-')}-${index}.ts`)
    writeFileSync(file, code)
    await succeed(file, [], { cwd: tempDir(), env: tempHome().env })
  })
})

test('the installed service answers, also agents', async () => {
  const { home, env } = tempHome()
  const socket = join(home, 'run', 'gobby.sock')
  const script = join(installed, 'ask.mjs')
  writeFileSync(
    script,
    `import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
const server = spawn(process.execPath, ['node_modules/.bin/gobby-http', '--port', '0', '--socket', process.argv[2], '--no-watch'], { stdio: ['ignore', 'pipe', 'inherit'] })
// The socket's file is there before anybody listens on it.
let said = ''
while (!said.includes('on the socket')) said += (await once(server.stdout, 'data'))[0]
const ask = (method, path, body) => new Promise((resolve, reject) => {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const asked = request({ socketPath: process.argv[2], method, path, headers }, async (answer) => {
    let text = ''
    for await (const chunk of answer) text += chunk
    resolve(answer.statusCode + ' ' + text)
  }).on('error', reject)
  asked.end(body && JSON.stringify(body))
})
console.log(await ask('GET', '/sessions'))
console.log(await ask('POST', '/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }))
server.kill()
`,
  )
  const { stdout } = await succeed(script, [socket], { cwd: installed, env })
  const [sessions = '', tools = ''] = stdout.split('\n')
  expect(sessions).toBe('200 {"sessions":[],"count":0,"next_cursor":null}')
  expect(tools).toMatch(/^200 .*"get_handoff_context"/)
})
