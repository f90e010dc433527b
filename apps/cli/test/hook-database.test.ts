import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { runBin } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { BIN } from './app.ts'
import { asAnybody } from './as-anybody.ts'
import { contextIn, HOOK, hookHome, type HookHome, newId, numbers, quiet, startOf } from './hook-program.ts'

describe('a database that cannot be written', () => {
  /** A database with one session in it. */
  async function prepared(): Promise<HookHome> {
    const at = hookHome()
    await at.hook('claude', startOf('claude', at))
    return at
  }
  const list = (at: HookHome) => runBin(BIN, ['session', 'list', '--all', '--json'], { env: at.env, cwd: at.home })
  const raw = (at: HookHome): DatabaseSync => new DatabaseSync(at.database)

  test('locked: the event waits, whoever can wait is brought, and all is told in order, once', async () => {
    const at = await prepared()
    const db = raw(at)
    db.exec('BEGIN IMMEDIATE')
    const id = newId()
    const events = [{}, { hook_event_name: 'UserPromptSubmit', prompt: 'Oil the gate' }, { hook_event_name: 'UserPromptSubmit', prompt: 'And the hinge' }, { hook_event_name: 'SessionEnd' }]
    for (const fields of events) {
      const began = performance.now()
      expect(await at.hook('claude', startOf('claude', at, { session_id: id, ...fields }))).toEqual({ ...quiet, stdout: '' })
      expect(performance.now() - began).toBeLessThan(5_000)
    }
    expect(at.spooled()).toHaveLength(4)
    expect(at.log().every((line) => /is held by another process|no answer after/.test(line)), at.log().join('\n')).toBe(true)
    db.exec('ROLLBACK')
    db.close()
    expect((await list(at)).code).toBe(0)
    await at.until(() => at.spooled().length === 0)
    expect(at.rows('SELECT title, status FROM sessions WHERE external_id = ?', id)).toEqual([{ title: 'Oil the gate', status: 'expired' }])
    expect(at.rows('SELECT event, count FROM hook_events ORDER BY event')).toEqual([
      { event: 'SessionEnd', count: 1 },
      { event: 'SessionStart', count: 2 },
      { event: 'UserPromptSubmit', count: 2 },
    ])
  })

  test('locked for a moment: nobody but gobby itself is needed to tell it', async () => {
    const at = await prepared()
    const db = raw(at)
    db.exec('BEGIN IMMEDIATE')
    await at.hook('codex', startOf('codex', at))
    db.exec('ROLLBACK')
    db.close()
    await at.until(() => at.spooled().length === 0)
    expect(numbers(at)).toHaveLength(2)
  })

  test('newer than this gobby, damaged, another program’s, or a folder: left as it is', async () => {
    const wrong: Record<string, (at: HookHome) => void> = {
      newer: (at) => raw(at).exec('PRAGMA user_version = 9999'),
      damaged: (at) => writeFileSync(at.database, 'SQLite format 3\u0000 and then nothing that makes sense'.padEnd(8192, 'x')),
      'no database': (at) => writeFileSync(at.database, 'a shopping list'.repeat(500)),
      another: (at) => {
        rmSync(at.database)
        const db = raw(at)
        db.exec('CREATE TABLE recipes (id); PRAGMA application_id = 77')
        db.close()
      },
      folder: (at) => {
        rmSync(at.database)
        mkdirSync(at.database)
      },
    }
    for (const [name, spoil] of Object.entries(wrong)) {
      const at = await prepared()
      for (const end of ['-wal', '-shm']) rmSync(`${at.database}${end}`, { force: true })
      spoil(at)
      const before = name === 'folder' || name === 'newer' ? undefined : readFileSync(at.database)
      expect(await at.hook('gemini', startOf('gemini', at)), name).toEqual({ ...quiet, stdout: '' })
      expect(at.log().length, name).toBeGreaterThanOrEqual(1)
      expect(at.log()[0], name).toContain('gemini: ')
      expect(at.spooled(), name).toHaveLength(1)
      if (before) expect(readFileSync(at.database).equals(before), name).toBe(true)
    }
  })

  test('read-only: the event waits', async ({ skip }) => {
    const at = await prepared()
    for (const name of readdirSync(join(at.home, '.gobby'))) if (name.startsWith('sessions.db')) chmodSync(join(at.home, '.gobby', name), 0o400)
    expect(await asAnybody(at, startOf('claude', at), skip)).toEqual({ ...quiet, stdout: '' })
    expect(at.log()[0]).toMatch(/claude: .*(cannot be (read|written|opened)|read-only|readonly)/i)
    expect(at.spooled()).toHaveLength(1)
    expect(numbers(at)).toHaveLength(1)
  })

  test('a broken config.json: the event waits until it is mended', async () => {
    const at = await prepared()
    writeFileSync(join(at.home, '.gobby/config.json'), '{ "handoff": ')
    expect(await at.hook('claude', startOf('claude', at))).toEqual({ ...quiet, stdout: '' })
    expect(at.log()[0]).toContain('config.json is not valid')
    rmSync(join(at.home, '.gobby/config.json'))
    await at.hook('claude', startOf('claude', at))
    // The process that the first brought may find it mended too, and still be telling it.
    await at.until(() => at.spooled().length === 0)
    expect(numbers(at)).toHaveLength(3)
  })

  test('one of an older gobby is brought up to date by a process of its own', async () => {
    const at = hookHome()
    mkdirSync(join(at.home, '.gobby'))
    const { entries } = JSON.parse(readFileSync(join(HOOK, '../../dist/migrations/meta/_journal.json'), 'utf8')) as { entries: { tag: string }[] }
    const db = raw(at)
    for (const { tag } of entries.slice(0, 3)) db.exec(readFileSync(join(HOOK, `../../dist/migrations/${tag}.sql`), 'utf8'))
    const current = hookHome()
    await current.hook('claude', startOf('claude', current))
    const application_id = (current.rows('PRAGMA application_id')[0] as { application_id: number }).application_id
    db.exec(`PRAGMA user_version = 3; PRAGMA application_id = ${application_id}`)
    db.close()
    expect(await at.hook('claude', startOf('claude', at))).toEqual({ ...quiet, stdout: '' })
    await at.until(() => at.spooled().length === 0)
    expect(numbers(at)).toHaveLength(1)
    expect(contextIn((await at.hook('claude', startOf('claude', at))).stdout)).toBe('Gobby Session: #2')
  })

  test('a replay that is killed in the middle is taken up by the next, and nothing is doubled or lost', async () => {
    const at = await prepared()
    const db = raw(at)
    db.exec('BEGIN IMMEDIATE')
    await at.hook('claude', startOf('claude', at, { session_id: 'first' }))
    // Many more, as that one is written.
    const folder = join(at.home, '.gobby/spool')
    const [name] = at.spooled()
    const event = readFileSync(join(folder, name!), 'utf8')
    for (let n = 1; n < 400; n++) writeFileSync(join(folder, name!.replace(/-(\d+)\.json$/, `-$1${String(n).padStart(4, '0')}.json`)), event.replaceAll('"first"', `"s-${n}"`))
    db.exec('ROLLBACK')
    db.close()
    for (let round = 0; round < 6; round++) {
      const before = at.spooled().length
      const child = spawn(process.execPath, [BIN, 'session', 'list'], { env: at.env as NodeJS.ProcessEnv, stdio: 'ignore' })
      const exited = once(child, 'exit')
      const begun = () => before === 0 || at.spooled().length < before
      for (const end = Date.now() + 120_000; !begun() && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 3))
      child.kill('SIGKILL')
      await exited
    }
    await list(at)
    await at.until(() => at.spooled().length === 0)
    const rows = at.rows('SELECT seq_num, external_id FROM sessions ORDER BY seq_num')
    expect(rows).toHaveLength(401)
    expect(rows.map(({ seq_num }) => seq_num)).toEqual(rows.map((_, n) => n + 1))
    expect(rows[1]).toMatchObject({ external_id: 'first' })
  })
})
