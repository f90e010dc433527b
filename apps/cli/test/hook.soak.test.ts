import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runBin } from '@gobby/testing'
import { expect, test } from 'vitest'
import { faults } from '../../../packages/sessions/test/gobby.ts'
import { contextIn, hookHome, type HookHome, newId, ownCopy, type Source, sourceNames, startOf } from './hook-program.ts'

const CYCLES = 500
const program = ownCopy()

/** What is half done: a session, an end or a handoff of which the other half is missing. */
function halves(at: HookHome): unknown[] {
  return [
    'SELECT id FROM sessions WHERE id NOT IN (SELECT session_id FROM session_status_audit WHERE from_status IS NULL)',
    'SELECT id FROM sessions WHERE status <> (SELECT to_status FROM session_status_audit WHERE session_id = sessions.id ORDER BY rowid DESC LIMIT 1)',
    'SELECT session_id FROM session_runs WHERE session_id NOT IN (SELECT id FROM sessions)',
    'SELECT handoff_id FROM handoff_deliveries d WHERE session_id NOT IN (SELECT id FROM sessions)',
    `SELECT d.handoff_id FROM handoff_deliveries d JOIN handoffs h ON h.id = d.handoff_id JOIN sessions s ON s.id = d.session_id WHERE s.parent_session_id IS NOT h.session_id`,
    'SELECT project_id FROM sessions GROUP BY project_id HAVING max(seq_num) <> count(*)',
  ].flatMap((sql) => at.rows(sql))
}

test('200 hooks at once from 20 sessions of 5 projects: none lost, no number twice or missing, no error', async () => {
  const at = hookHome(program)
  const sessions = Array.from({ length: 20 }, (_, n) => ({ source: sourceNames[n % 3] as Source, session_id: newId(), cwd: join(at.home, `project-${n % 5}`) }))
  for (const { cwd } of sessions) mkdirSync(cwd, { recursive: true })
  const prompts = { claude: 'UserPromptSubmit', codex: 'UserPromptSubmit', gemini: 'BeforeAgent' }
  const turns = { claude: 'Stop', codex: 'Stop', gemini: 'AfterAgent' }
  const hooks = sessions.flatMap(({ source, ...of }) => [
    at.hook(source, startOf(source, at, of)),
    ...Array.from({ length: 5 }, (_, n) => at.hook(source, startOf(source, at, { ...of, hook_event_name: prompts[source], prompt: `Prompt ${n}` }))),
    ...Array.from({ length: 4 }, () => at.hook(source, startOf(source, at, { ...of, hook_event_name: turns[source] }))),
  ])
  expect(hooks).toHaveLength(200)
  for (const { code, stderr, stdout } of await Promise.all(hooks)) {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    contextIn(stdout)
  }
  // On a machine that cannot run so many in time, an event waits and is told later; nothing else may go wrong.
  expect(at.log().filter((line) => !/ is held by another process\.$| no answer after 1900 ms; kept for later$/.test(line))).toEqual([])
  await at.told()
  expect(at.rows('SELECT sum(count) AS n FROM hook_events')).toEqual([{ n: 200 }])
  const rows = at.rows('SELECT p.name, s.seq_num FROM sessions s JOIN projects p ON p.id = s.project_id ORDER BY p.name, s.seq_num')
  expect(rows.map(({ name, seq_num }) => `${name as string} ${seq_num as number}`)).toEqual(Array.from({ length: 20 }, (_, n) => `project-${Math.floor(n / 4)} ${(n % 4) + 1}`))
  expect(faults(at.database)).toEqual([])
  expect(halves(at)).toEqual([])
})

test(`${CYCLES * 2} times start and clear from two terminals of one project at once: every child has its own terminal's parent`, async () => {
  const at = hookHome(program)
  mkdirSync(at.cwd)
  const clis = await Promise.all(
    ['a', 'b'].map((name) => runBin(join(import.meta.dirname, 'fake-cli.mjs'), [program, String(CYCLES), at.cwd, `%${name}`, name], { env: at.env, cwd: at.cwd, timeout: 3_000_000 })),
  )
  const chains = clis.map(({ stdout, stderr }) => {
    expect(stderr).toBe('')
    return JSON.parse(stdout) as [string, string][]
  })
  // The ends' own work goes on a while after the last answer.
  await at.until(() => at.spooled().length === 0)
  const rows = at.rows('SELECT s.external_id, p.external_id AS parent, s.relation, s.seq_num FROM sessions s LEFT JOIN sessions p ON p.id = s.parent_session_id')
  const parents = new Map(rows.map((row) => [row['external_id'], row]))
  for (const chain of chains) {
    for (const [n, [id, answer]] of chain.entries()) {
      expect(parents.get(id), id).toMatchObject(n === 0 ? { parent: null } : { parent: chain[n - 1]?.[0], relation: 'handoff' })
      if (n > 0) expect(contextIn(answer), id).toContain(`Step ${n - 1} of ${id[0]}`)
    }
  }
  expect(rows.map(({ seq_num }) => seq_num as number).sort((a, b) => a - b)).toEqual(rows.map((_, n) => n + 1))
  expect(at.log()).toEqual([])
  expect(faults(at.database)).toEqual([])
  expect(halves(at)).toEqual([])
})

test('hooks killed at any moment, 100 times: the database is sound, and nothing is half', async () => {
  const at = hookHome(program)
  mkdirSync(at.cwd)
  const began = performance.now()
  await at.hook('claude', startOf('claude', at))
  let whole = performance.now() - began
  let killed = 0
  let session_id = newId()
  for (let n = 0; n < 400 && killed < 100; n++) {
    const fields = [{}, { hook_event_name: 'UserPromptSubmit', prompt: `Prompt ${n}` }, { hook_event_name: 'Stop' }, { hook_event_name: 'SessionEnd', reason: 'clear' }, { source: 'clear' }][n % 5]
    if (n % 5 === 4) session_id = newId()
    const event = startOf('claude', at, { session_id, ...fields })
    if (n % 5 === 1) {
      const path = event['transcript_path'] as string
      mkdirSync(dirname(path), { recursive: true })
      const line = { parentUuid: null, isSidechain: false, type: 'user', uuid: `u${n}`, sessionId: session_id, cwd: at.cwd, timestamp: new Date().toISOString(), message: { role: 'user', content: `Prompt ${n}` } }
      writeFileSync(path, `${JSON.stringify(line)}\n`)
    }
    const child = spawn(process.execPath, [program, 'claude'], { env: at.env as NodeJS.ProcessEnv, stdio: ['pipe', 'ignore', 'ignore'] })
    child.stdin.on('error', () => {})
    child.stdin.end(JSON.stringify(event))
    const exited = once(child, 'exit')
    // At another moment each time, most of them in the second half, where it writes.
    await new Promise((resolve) => setTimeout(resolve, whole * (1 - (((n * 37) % 100) / 100) ** 2 * 0.8)))
    child.kill('SIGKILL')
    const [, signal] = (await exited) as [number | null, string | null]
    // Who was done before the blow falls earlier the next time, and who was not gets a little further.
    if (signal === 'SIGKILL') killed++
    whole *= signal === 'SIGKILL' ? 1.02 : 0.9
  }
  expect(killed).toBe(100)
  // Every event of a session may come anew.
  for (const fields of [{}, { hook_event_name: 'SessionEnd' }]) expect(await at.hook('claude', startOf('claude', at, { session_id, ...fields }))).toMatchObject({ code: 0, stderr: '' })
  await at.until(() => at.spooled().length === 0)
  expect(faults(at.database)).toEqual([])
  expect(halves(at)).toEqual([])
})
