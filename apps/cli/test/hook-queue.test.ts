import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { processStart } from '@gobby/sessions'
import { runBin } from '@gobby/testing'
import { expect, test } from 'vitest'
import { BIN } from './app.ts'
import { hookHome, newId } from './hook-program.ts'

test('an end stays behind its start, while another process is telling what waits', async () => {
  const at = hookHome()
  const id = newId()
  const event = (fields: object) => ({ session_id: id, cwd: at.cwd, transcript_path: join(at.home, '.claude/projects/x', `${id}.jsonl`), ...fields })
  await at.hook('claude', { ...event({ hook_event_name: 'SessionStart', source: 'startup' }), session_id: newId() })
  const lock = join(at.home, '.gobby/spool/lock')
  mkdirSync(join(lock, '..'))
  writeFileSync(lock, `${process.pid} ${processStart(process.pid)}`)
  const db = new DatabaseSync(at.database)
  db.exec('BEGIN IMMEDIATE')
  await at.hook('claude', event({ hook_event_name: 'SessionStart', source: 'startup' }))
  db.exec('ROLLBACK')
  db.close()
  expect(at.spooled()).toHaveLength(1)
  expect(await at.hook('claude', event({ hook_event_name: 'SessionEnd', reason: 'other' }))).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(at.spooled()).toHaveLength(2)
  rmSync(lock)
  await runBin(BIN, ['session', 'list'], { env: at.env, cwd: at.home })
  await at.until(() => at.spooled().length === 0)
  expect(at.rows('SELECT status, last_event FROM sessions WHERE external_id = ?', id)).toEqual([{ status: 'expired', last_event: 'end' }])
})
