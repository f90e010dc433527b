/** Stands for a CLI that lives long: starts a session, clears again and again, and tells the hook of it. Arguments: the hook, cycles, folder, terminal, name. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const [hook, cycles, cwd, terminal, name] = process.argv.slice(2)
const env = { ...process.env, TMUX_PANE: terminal }
const ids = Array.from({ length: Number(cycles) + 1 }, (_, n) => `${name}${String(n).padStart(7, '0')}-0000-4000-8000-000000000001`)

function tell(session_id, fields) {
  const transcript_path = join(process.env.HOME, '.claude/projects/-pear', `${session_id}.jsonl`)
  const { status, stderr, stdout } = spawnSync(process.execPath, [hook, 'claude'], { env, cwd, input: JSON.stringify({ session_id, transcript_path, cwd, ...fields }) })
  if (status !== 0 || stderr.length > 0) throw new Error(`the hook ended with ${status}: ${stderr}`)
  return { text: stdout.toString(), transcript_path }
}

const started = ids.map((id, n) => {
  const { text, transcript_path } = tell(id, { hook_event_name: 'SessionStart', source: n === 0 ? 'startup' : 'clear' })
  mkdirSync(dirname(transcript_path), { recursive: true })
  const line = { parentUuid: null, isSidechain: false, type: 'user', uuid: `u-${id}`, sessionId: id, cwd, timestamp: new Date().toISOString(), message: { role: 'user', content: `Step ${n} of ${name}` } }
  writeFileSync(transcript_path, `${JSON.stringify(line)}\n`)
  if (n < Number(cycles)) tell(id, { hook_event_name: 'SessionEnd', reason: 'clear' })
  return [id, text]
})
process.stdout.write(JSON.stringify(started))
