import { join } from 'node:path'
import { runBin, tempDir, tempHome } from '@gobby/testing'
import { expect, test } from 'vitest'
import { startProcess, until } from './running.ts'
import { EventReader } from './sse.ts'
import { LiveTranscript } from './transcript.ts'

const CLI = join(import.meta.dirname, '../../cli/bin')
const TRANSCRIPTS = 6
const PROMPTS = 40
const TASKS = 40

test('two servers, hooks, syncs and commands write one database at once: nothing is lost, and nobody is told it is busy', async () => {
  const configDir = tempDir()
  const { env: homeEnv } = tempHome()
  const env = { ...homeEnv, CLAUDE_CONFIG_DIR: configDir }
  const transcripts = Array.from({ length: TRANSCRIPTS }, (_, n) => new LiveTranscript(`0d5c1a52-7f0e-4a5e-9b0b-1c1b5f0f4a1${n}`, configDir))
  const [first, second] = [await startProcess([], { env }), await startProcess([], { env })]
  const post = (server: typeof first, path: string, body: unknown) => server.get(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  expect((await post(first, '/sessions/register', { external_id: 'the-first-one', source: 'claude', cwd: '/home/sam/code/orchard' })).status).toBe(200)
  const listener = new EventReader(await second.get('/events?last_event_id=0'))
  const troubles: string[] = []
  const command = async (name: string, args: string[], input?: string) => {
    const { code, stdout, stderr } = await runBin(join(CLI, name), args, { env, input })
    if (code !== 0 || /busy|held by another/i.test(stdout + stderr)) troubles.push(`${name} ${args.join(' ')}: ${code} ${stderr}`)
  }

  const writing = (async () => {
    for (let n = 0; n < PROMPTS; n++) {
      for (const transcript of transcripts) transcript.write(`Prompt ${n}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })()
  const tasks = [first, second].map(async (server, which) => {
    for (let n = 0; n < TASKS; n++) {
      const { status } = await post(server, '/tasks?project=orchard', { title: `Task ${which}-${n}` })
      if (status !== 200) troubles.push(`a task: ${status}`)
    }
  })
  const seen = new Set<string>()
  const reading = (async () => {
    for (let n = 0; n < 100; n++) {
      for (const path of ['/sessions', `/sessions/${transcripts[0]?.id}`, '/messages/search?q=prompt', '/sessions/stats']) {
        const { status } = await (n % 2 ? first : second).get(path)
        if (status === 200) seen.add(path)
        // The watchers take a moment to find the transcript; what was there once stays.
        else if (status !== 404 || seen.has(path)) troubles.push(`${path}: ${status}`)
      }
    }
  })()
  const hooks = (async () => {
    for (let n = 0; n < 12; n++) {
      const event = { hook_event_name: n % 2 ? 'Stop' : 'UserPromptSubmit', prompt: 'Go on', session_id: transcripts[n % TRANSCRIPTS]?.id, transcript_path: transcripts[n % TRANSCRIPTS]?.path, cwd: '/home/sam/code/orchard' }
      await command('gobby-hook.cjs', ['claude'], JSON.stringify(event))
      const { status } = await post(n % 2 ? first : second, '/hooks/claude', event)
      if (status !== 200) troubles.push(`a hook over HTTP: ${status}`)
    }
  })()
  const syncs = (async () => {
    for (let n = 0; n < 6; n++) await command('run.js', n % 2 ? ['session', 'list', '--all'] : ['session', 'sync'])
  })()
  await Promise.all([writing, ...tasks, reading, hooks, syncs])

  const count = async () => {
    const { sessions } = (await (await first.get('/sessions?limit=200')).json()) as { sessions: { external_id: string; message_count: number }[] }
    return sessions.filter(({ external_id }) => external_id !== 'the-first-one').map(({ message_count }) => message_count)
  }
  const all = Array.from({ length: TRANSCRIPTS }, () => PROMPTS * 2)
  await until(async () => String(await count()) === String(all), 600_000).catch(async () => expect(await count()).toEqual(all))
  expect(troubles).toEqual([])
  const { tasks: stored, count: stored_count } = (await (await second.get('/tasks?project=orchard&limit=200')).json()) as { tasks: { ref: string; title: string }[]; count: number }
  expect([stored_count, new Set(stored.map(({ ref }) => ref)).size, new Set(stored.map(({ title }) => title)).size]).toEqual([2 * TASKS, 2 * TASKS, 2 * TASKS])
  // The stream of one server tells what all processes wrote, each once and in order.
  await until(() => listener.events.filter(({ type }) => type === 'task.created').length === 2 * TASKS)
  const ids = listener.events.map(({ id }) => id)
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => i + 1))
  for (const server of [first, second]) expect(server.written()).not.toMatch(/busy|failed|held by/i)
})
