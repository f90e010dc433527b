import { spawn } from 'node:child_process'
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { runBin, tempDir } from '@gobby/testing'
import { expect, test } from 'vitest'
import { BIN, ROOT, sampleApp } from './app.ts'

// What only a real process shows.

const SAMPLE = join(ROOT, '../../tooling/samples/claude/projects/-home-sam-code-orchard/5d0c7a52-3f1e-4c8b-9a64-1b2e7f90c311.jsonl')

/** Some 80 MB of transcripts: seconds of work. */
function manyTranscripts(): string {
  const folder = tempDir()
  const text = readFileSync(SAMPLE, 'utf8')
  for (let file = 0; file < 24; file++) {
    const id = `5d0c7a52-3f1e-4c8b-9a64-${String(file).padStart(12, '0')}`
    const own = text.replaceAll('5d0c7a52-3f1e-4c8b-9a64-1b2e7f90c311', id)
    const rounds = Array.from({ length: 140 }, (_, round) => own.replaceAll(/"((?:parentU|u)uid)":"[^"]{8}/g, `"$1":"${String(round).padStart(8, '0')}`))
    writeFileSync(join(folder, `${id}.jsonl`), rounds.join(''))
  }
  return folder
}

test('--help and --version, and an unknown command', async () => {
  const { env } = sampleApp()
  const help = await runBin(BIN, ['--help'], { env })
  expect(help).toMatchObject({ code: 0, stderr: '' })
  expect(help.stdout).toContain('session')
  for (const flag of ['--help', '-h']) expect((await runBin(BIN, ['session', 'list', flag], { env })).stdout).toContain('--status')
  expect((await runBin(BIN, ['--version'], { env })).stdout).toContain('@gobby/cli/')
  expect((await runBin(BIN, ['bogus'], { env })).code).toBe(2)
})

test('a reader that leaves early is no failure', async () => {
  const { env } = sampleApp()
  await runBin(BIN, ['session', 'sync'], { env })
  for (const args of ['session list', 'session messages orchard#3 --json', 'session stats']) {
    const script = `node ${JSON.stringify(BIN)} ${args} | true; echo "\${PIPESTATUS[0]}"`
    const { stdout, stderr } = await runBin('bash', ['-c', script], { env })
    expect({ stdout, stderr }, args).toEqual({ stdout: '0\n', stderr: '' })
  }
})

test('Ctrl-C in a sync: 130, quiet, the database sound; the next one carries on', async () => {
  const { env } = sampleApp()
  const folder = manyTranscripts()
  const child = spawn(process.execPath, [BIN, 'session', 'sync', folder], { env: env as NodeJS.ProcessEnv, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  // In the middle: the database is there, and most of the transcripts are not in it yet.
  for (const end = Date.now() + 240_000; !existsSync(join(env['GOBBY_HOME'] as string, 'sessions.db')) && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 20))
  await new Promise((resolve) => setTimeout(resolve, 300))
  child.kill('SIGINT')
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.once('close', (...end) => resolve(end)))
  expect({ code, signal, output }).toEqual({ code: 130, signal: null, output: '' })
  const next = await runBin(BIN, ['session', 'sync', folder, '--json'], { env })
  expect(next.code).toBe(0)
  expect(JSON.parse(next.stdout).sources.claude.files).toBe(24)
  const { sessions } = JSON.parse((await runBin(BIN, ['session', 'list', '--all', '--json'], { env })).stdout) as { sessions: { message_count: number }[] }
  expect(sessions).toHaveLength(20)
  expect(new Set(sessions.map(({ message_count }) => message_count)).size).toBe(1)
})

test('--watch prints a line per change until Ctrl-C', async () => {
  const { env } = sampleApp()
  const folder = join(tempDir(), 'transcripts')
  mkdirSync(folder)
  const path = join(folder, 'a.jsonl')
  copyFileSync(SAMPLE, path)
  const child = spawn(process.execPath, [BIN, 'session', 'sync', folder, '--watch', '--json'], { env: env as NodeJS.ProcessEnv, stdio: ['ignore', 'pipe', 'inherit'] })
  const reports: { sources: Record<string, { messages: number }> }[] = []
  const lines = async (count: number) => {
    for (const end = Date.now() + 240_000; reports.length < count && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(reports.length).toBeGreaterThanOrEqual(count)
  }
  child.stdout.on('data', (chunk) => reports.push(...String(chunk).trim().split('\n').map((line) => JSON.parse(line))))
  await lines(1)
  const answer = readFileSync(SAMPLE, 'utf8').split('\n').findLast((line) => line.includes('"type":"assistant"')) as string
  appendFileSync(path, `${answer.replace(/"uuid":"[^"]+"/, '"uuid":"11111111-2222-4333-8444-555555555555"')}\n`)
  await lines(2)
  expect(reports[1]?.sources.claude?.messages).toBe(1)
  child.kill('SIGINT')
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(130)
})

test('a database that another process holds: waits, then exit 5; nothing is lost', async () => {
  const { env } = sampleApp()
  await runBin(BIN, ['session', 'sync', '--source', 'codex'], { env })
  const holder = new DatabaseSync(join(env.GOBBY_HOME as string, 'sessions.db'))
  holder.exec('BEGIN IMMEDIATE')
  const held = await runBin(BIN, ['session', 'sync', '--json'], { env })
  expect(held.code).toBe(5)
  expect(JSON.parse(held.stdout)).toMatchObject({ error: { code: 'busy', hint: expect.any(String) } })
  expect((await runBin(BIN, ['session', 'list'], { env })).code).toBe(0)
  holder.exec('ROLLBACK')
  holder.close()
  expect((await runBin(BIN, ['session', 'sync'], { env })).code).toBe(0)
})
