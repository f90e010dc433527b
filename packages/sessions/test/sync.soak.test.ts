import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, closeSync, cpSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tempDir } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { claudeLine, claudePlace, contents, faults, filesBelow, fillHome, openRaw } from './gobby.ts'

const program = fileURLToPath(new URL('fixtures/sync-process.mjs', import.meta.url))
const database = (home: string) => join(home, '.gobby', 'sessions.db')

type Result = { sources?: Record<string, Record<string, number>>; error?: { name: string; code: string; message: string; hint: string }; peak_kb: number }

function start(home: string, url?: string): { child: ChildProcess; done: Promise<Result | undefined>; opened: Promise<void> } {
  const child = spawn(process.execPath, [program, home, ...(url ? [url] : [])], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk) => (stdout += chunk))
  child.stderr?.on('data', (chunk) => (stderr += chunk))
  const opened = new Promise<void>((resolve) => child.stderr?.once('data', () => resolve()).once('close', () => resolve()))
  const done = new Promise<Result | undefined>((resolve, reject) => {
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined)
      else if (code === 0) resolve(JSON.parse(stdout) as Result)
      else reject(new Error(`The process ended by itself (${code} ${signal}): ${stderr.slice(0, 2000)}`))
    })
  })
  return { child, done, opened }
}

const run = (home: string, url?: string) => start(home, url).done

/** The samples many times over, each time as other sessions; `copies` of them, and one long transcript. */
function corpus(copies: number, longLines: number): Map<string, Buffer> {
  const home = tempDir()
  fillHome(home)
  const files = new Map<string, Buffer>()
  for (const path of filesBelow(home)) {
    for (let n = 0; n < copies; n++) {
      const mark = n.toString(16).padStart(4, '0')
      const renamed = (text: string) => text.replace(/[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}|\.jsonl)/g, (id) => id.slice(0, 4) + mark).replace(/agent-[0-9a-f]{4}/g, (id) => `${id}${mark}`)
      const name = relative(home, path)
      files.set(name.endsWith('.jsonl') ? renamed(name) : name, Buffer.from(name.endsWith('.jsonl') ? renamed(readFileSync(path, 'utf8')) : readFileSync(path)))
    }
  }
  const text = 'the long and winding road leads to src/parser.ts and fooBarBaz '.repeat(12)
  const long = Array.from({ length: longLines }, (_, n) => `${claudeLine(`${text} ${n}`, { type: n % 3 ? 'assistant' : 'user', uuid: `long-${n}` })}\n`).join('')
  files.set(relative('/h', claudePlaceIn('/h')), Buffer.from(long))
  return files
}

const claudePlaceIn = (home: string) => join(home, '.claude', 'projects', '-home-sam-code-pear', '11111111-2222-4333-8444-555555555555.jsonl')

function put(home: string, files: Map<string, Buffer>, share = 1): void {
  for (const [name, bytes] of files) {
    const path = join(home, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.new`, bytes.subarray(0, Math.max(3000, Math.ceil(bytes.length * share))))
    renameSync(`${path}.new`, path)
  }
}

const withoutNumbers = (file: string) => {
  const { sessions, messages, usage } = contents(file)
  return { sessions: sessions.map((session) => ({ ...(session as object), seq_num: 0 })), messages, usage }
}

function expectNumbered(file: string): void {
  const db = openRaw(file)
  const rows = db.prepare('SELECT project_id, count(*) AS n, count(DISTINCT seq_num) AS different, max(seq_num) AS highest FROM sessions GROUP BY project_id').all()
  db.close()
  for (const row of rows as { n: number; different: number; highest: number }[]) expect([row.different, row.highest]).toEqual([row.n, row.n])
}

describe('killed', () => {
  test('at any moment, while transcripts grow and are rewritten: the same as one clean run', async () => {
    const files = corpus(60, 16_000)
    const home = tempDir()
    put(home, files, 0.1)
    let killed = 0
    let finished = 0
    let seed = 12345
    const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31
    // A quick machine is done before the blow falls: then it falls earlier.
    let within = 1500
    for (let round = 0; round < 200 && killed < 30; round++) {
      // Now grown a little, now rewritten to less: both kinds of reading are cut off.
      if (round % 3 === 0) put(home, files, 0.1 + 0.9 * random())
      const { child, done, opened } = start(home)
      await opened
      const timer = setTimeout(() => child.kill('SIGKILL'), random() ** 2 * within)
      const isDone = await done
      if (isDone) finished++
      else killed++
      within = isDone ? Math.max(40, within * 0.7) : Math.min(1500, within * 1.1)
      clearTimeout(timer)
    }
    expect(killed).toBe(30)
    put(home, files)
    expect(await run(home)).toMatchObject({ unreadable: [] })
    const clean = tempDir()
    put(clean, files)
    await run(clean)
    expect(faults(database(home))).toEqual([])
    expectNumbered(database(home))
    expect(withoutNumbers(database(home))).toEqual(withoutNumbers(database(clean)))
    console.log(`killed ${killed} times, finished ${finished}`)
  })

  test('while sessions are deleted: each is whole or gone', async () => {
    const home = tempDir()
    put(home, corpus(20, 12_000))
    await run(home)
    const db = openRaw(database(home))
    // As a delete leaves it that was killed after its note was written.
    db.exec(`INSERT INTO deleted_sessions SELECT source, external_id, transcript_path, 1 << 40, '2026-11-22T10:00:00.000Z', id FROM sessions WHERE relation IS NULL`)
    db.close()
    for (let round = 0; round < 6; round++) {
      const { child, done, opened } = start(home)
      await opened
      setTimeout(() => child.kill('SIGKILL'), round * 60)
      await done
    }
    await run(home)
    const left = openRaw(database(home))
    expect(left.prepare(`SELECT count(*) AS n FROM sessions WHERE relation IS NULL AND transcript_path IS NOT NULL`).get()).toEqual({ n: 0 })
    expect(left.prepare('SELECT count(*) AS n FROM deleted_sessions WHERE unfinished_session_id IS NOT NULL').get()).toEqual({ n: 0 })
    left.close()
    expect(faults(database(home))).toEqual([])
  })
})

test.each([2, 4])('%i processes sync the same folders at once', async (n) => {
  const files = corpus(25, 6000)
  const home = tempDir()
  const clean = tempDir()
  put(clean, files)
  await run(clean)
  for (const share of [0.2, 0.6, 0.4, 1]) {
    put(home, files, share)
    const results = await Promise.all(Array.from({ length: n }, () => run(home)))
    for (const result of results) expect(result).toMatchObject({ sources: {}, unreadable: [] })
  }
  await run(home)
  expect(faults(database(home))).toEqual([])
  expectNumbered(database(home))
  expect(withoutNumbers(database(home))).toEqual(withoutNumbers(database(clean)))
})

describe('a database that cannot be written', () => {
  test('held by another process: an error after five seconds that says who, nothing lost', async () => {
    const home = tempDir()
    put(home, corpus(2, 100), 0.5)
    await run(home)
    put(home, corpus(2, 100))
    const db = openRaw(database(home))
    db.exec('BEGIN IMMEDIATE')
    const began = performance.now()
    const result = await run(home)
    const waited = performance.now() - began
    expect(result?.error).toMatchObject({ name: 'GobbyError', code: 'busy', hint: expect.stringContaining(database(home)) })
    expect(waited).toBeGreaterThan(4500)
    expect(waited).toBeLessThan(9000)
    db.exec('ROLLBACK')
    db.close()
    expect(await run(home)).toMatchObject({ unreadable: [] })
    expect(faults(database(home))).toEqual([])
  })

  test('held for two seconds: nobody notices', async () => {
    const home = tempDir()
    put(home, corpus(2, 100))
    await run(tempDir(), database(home))
    const db = openRaw(database(home))
    db.exec('BEGIN IMMEDIATE')
    setTimeout(() => {
      db.exec('ROLLBACK')
      db.close()
    }, 2000)
    expect(await run(home)).toMatchObject({ unreadable: [] })
  })

  const root = process.getuid?.() === 0
  test.skipIf(root)('read-only: a sentence, and left as it is', async () => {
    const home = tempDir()
    put(home, corpus(1, 10), 0.5)
    await run(home)
    put(home, corpus(1, 10))
    chmodSync(database(home), 0o400)
    chmodSync(dirname(database(home)), 0o500)
    const before = readFileSync(database(home))
    expect((await run(home))?.error).toMatchObject({ name: 'GobbyError', code: 'unavailable', message: expect.stringMatching(/read-only|cannot be (opened|written)/) })
    expect(readFileSync(database(home)).equals(before)).toBe(true)
  })

  test('read-only by its own header (immutable): a sentence', async () => {
    const home = tempDir()
    put(home, corpus(1, 10), 0.5)
    await run(home)
    put(home, corpus(1, 10))
    const mount = join(home, 'ro')
    mkdirSync(mount)
    const from = join(home, 'from')
    mkdirSync(from)
    cpSync(database(home), join(from, 'sessions.db'))
    try {
      execFileSync('mount', ['--bind', from, mount], { stdio: 'pipe' })
      execFileSync('mount', ['-o', 'remount,ro,bind', mount], { stdio: 'pipe' })
    } catch (error) {
      return console.warn('not tried: a read-only mount is not allowed here', String(error).slice(0, 80))
    }
    try {
      expect((await run(home, join(mount, 'sessions.db')))?.error).toMatchObject({ name: 'GobbyError', code: 'unavailable', message: expect.stringMatching(/read-only|cannot be (opened|written)/) })
    } finally {
      execFileSync('umount', [mount])
    }
  })

  test('on a full disk: a sentence, and whole again with space', async () => {
    const home = tempDir()
    const mount = join(home, 'small')
    mkdirSync(mount)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', mount], { stdio: 'pipe' })
    } catch (error) {
      return console.warn('not tried: a small tmpfs cannot be mounted here', String(error).slice(0, 80))
    }
    try {
      const files = corpus(10, 8000)
      put(home, files)
      const url = join(mount, 'sessions.db')
      for (let time = 0; time < 2; time++) expect((await run(home, url))?.error).toMatchObject({ name: 'GobbyError', code: 'unavailable', message: expect.stringContaining('full') })
      execFileSync('mount', ['-o', 'remount,size=200m', mount])
      expect(await run(home, url)).toMatchObject({ unreadable: [] })
      await run(home)
      expect(faults(url)).toEqual([])
      expect(withoutNumbers(url)).toEqual(withoutNumbers(database(home)))
    } finally {
      execFileSync('umount', ['-l', mount])
    }
  })
})

test('a transcript of 300 MB takes under 300 MB of memory, also when it is read again', async () => {
  const home = tempDir()
  const path = claudePlace(home)
  const fd = openSync(path, 'w')
  const text = Array.from({ length: 120 }, (_, n) => `word${n} path/to/file${n}.ts`).join(' ')
  for (let size = 0, n = 0; size < 300 << 20; n++) size += writeSync(fd, `${claudeLine(`${text} ${n}`, { type: n % 2 ? 'assistant' : 'user', uuid: `u-${n}` })}\n`)
  closeSync(fd)
  expect((await run(home))!.peak_kb).toBeLessThan(300 * 1024)
  const { size } = statSync(path)
  appendFileSync(path, `${claudeLine('the end')}\n`)
  const appended = await run(home)
  expect(appended).toMatchObject({ sources: { claude: { updated: 1, messages: 1 } } })
  expect(appended!.peak_kb).toBeLessThan(200 * 1024)
  // Another first line: all of it is read again, and all rows but one stay.
  const bytes = readFileSync(path)
  bytes.write('wurd0', bytes.indexOf('word0'))
  writeFileSync(path, bytes.subarray(0, size))
  expect((await run(home))!.peak_kb).toBeLessThan(300 * 1024)
})
