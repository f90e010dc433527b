import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runBin, tempDir, tempHome } from '@gobby/testing'
import { expect, test } from 'vitest'
import { examples, fencedBlocks } from '../src/markdown.ts'
import { ROOT } from '../src/workspace.ts'

const README = join(ROOT, 'README.md')
const BIN = join(ROOT, 'apps/cli/bin/run.js')
/** pnpm's own commands that a README may show. */
const PNPM_COMMANDS = ['install']

/** The command lines of a shell block, without comments and prompts. */
function commands(block: string): string[] {
  return block
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/^\$ /, '').replace(/\s+#\s.*$|^#.*$/, '').trim())
    .filter((line) => line !== '')
}

test('examples and blocks are found', () => {
  const markdown = '# A\n\n```sh\n$ a b  # why\n# no\n```\n\n```ts\n// example\nx()\n```\n\n```ts\ny()\n```\n'
  expect(examples(markdown)).toEqual(['// example\nx()\n'])
  expect(fencedBlocks(markdown, ['sh']).flatMap(commands)).toEqual(['a b'])
})

test.skipIf(!existsSync(README))('every command in the first shell block of the README exists', async () => {
  const [block = ''] = fencedBlocks(readFileSync(README, 'utf8'), ['sh', 'bash', 'shell'])
  expect(await runBin('bash', ['-n'], { input: block })).toMatchObject({ code: 0, stderr: '' })
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const lines = commands(block)
  expect(lines).not.toEqual([])
  for (const line of lines) {
    const match = /^(?:npx -y )?pnpm(?:@10)?(?: -s| -r)* (?:run )?(\S+)(.*)$/.exec(line)
    if (match === null) continue
    const [, script = '', rest = ''] = match
    if (PNPM_COMMANDS.includes(script)) continue
    expect(Object.keys(scripts), line).toContain(script)
    if (script !== 'gobby') continue
    // Only the command words: what follows is an argument or a flag, and --help answers before it looks at them.
    const words = rest.trim().split(/\s+/).filter((word) => /^[a-z]+$/.test(word)).slice(0, 2)
    expect(await runBin(BIN, [...words, '--help']), line).toMatchObject({ code: 0 })
  }
})

test('hooks go in, are found well, and come out again', async () => {
  const [, , block = ''] = fencedBlocks(readFileSync(README, 'utf8'), ['sh'])
  const { home, env } = tempHome()
  mkdirSync(join(home, '.claude'))
  const settings = join(home, '.claude', 'settings.json')
  writeFileSync(settings, '{}\n')
  const lines = commands(block)
  expect(lines.map((line) => line.split(' ').at(-1))).toEqual(['install', 'doctor', 'uninstall'])
  const seen: boolean[] = []
  // The CLIs of this machine are not asked.
  const path = tempDir()
  for (const line of lines) {
    const result = await runBin('bash', ['-c', `PATH='${path}'\n` + line.replace('pnpm -s gobby', `'${process.execPath}' '${BIN}'`)], { env, cwd: tempDir() })
    expect([line, result.code, result.stderr]).toEqual([line, 0, ''])
    seen.push(readFileSync(settings, 'utf8').includes('gobby-hook'))
  }
  expect(seen).toEqual([true, true, false])
  expect(readFileSync(settings, 'utf8')).toBe('{}\n')
})

test('the commands that the README shows do what it says, on the samples', async () => {
  const [, block = ''] = fencedBlocks(readFileSync(README, 'utf8'), ['sh'])
  const samples = join(ROOT, 'tooling/samples')
  const cwd = tempDir()
  const { env: home } = tempHome()
  const env = { ...home, CLAUDE_CONFIG_DIR: join(samples, 'claude'), CODEX_HOME: join(samples, 'codex'), GEMINI_CLI_HOME: join(samples, 'gemini'), GOBBY_PROJECT: 'orchard' }
  const lines = commands(block)
  expect(lines.length).toBeGreaterThan(8)
  for (const line of lines) {
    const result = await runBin('bash', ['-c', line.replace('pnpm -s gobby', `'${process.execPath}' '${BIN}'`)], { env, cwd })
    // Without a terminal to ask on, a delete refuses and names the flag.
    const asks = line.includes(' delete ')
    expect([line, result.code, asks ? /--yes/.test(result.stderr) : result.stderr.includes('error')]).toEqual([line, asks ? 2 : 0, asks])
  }
})

test('the alias that the README gives is a gobby for every folder', async () => {
  const [alias] = /alias gobby=".+"/.exec(readFileSync(README, 'utf8')) ?? []
  expect(alias).toBeDefined()
  const { env } = tempHome()
  const cwd = tempDir()
  const script = `shopt -s expand_aliases\ncd '${ROOT}'\n${alias}\ncd '${cwd}'\ngobby init --name pears\n`
  expect(await runBin('bash', ['-c', script], { env })).toMatchObject({ code: 0, stdout: expect.stringContaining('Project pears') })
  expect(existsSync(join(cwd, '.gobby/project.json'))).toBe(true)
})
