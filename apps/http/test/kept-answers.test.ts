import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, sync } from '@gobby/sessions'
import { openStore } from '@gobby/storage'
import { expect, test } from 'vitest'
import { sampleService } from './service.ts'
import { LiveTranscript } from './transcript.ts'

test('what was answered a moment ago shows whatever was written since, by whomever', async () => {
  const { service, ask } = await sampleService({ empty: true })
  const transcript = new LiveTranscript()
  transcript.write('Plant the trees')
  const { path } = await service.ctx.store.info()
  // Another process, with a connection of its own.
  const store = await openStore(`file:${path}`)
  const other = await createContext({ env: { ...service.ctx.config.env, CLAUDE_CONFIG_DIR: transcript.configDir, CODEX_HOME: join(transcript.configDir, 'none'), GEMINI_CLI_HOME: join(transcript.configDir, 'none') }, cwd: '/', store })
  await sync(other)
  const [session] = (await ask('/sessions')).body.sessions
  const of = `/sessions/${session.id}`
  // Each write is a prompt and its answer.
  const counts = async () => [(await ask(of)).body.message_count, (await ask(of)).body.message_count]
  for (let n = 1; n <= 5; n++) {
    expect(await counts()).toEqual([2 * n, 2 * n])
    transcript.write(`Prune tree ${n}`)
  }
  expect(await counts()).toEqual([12, 12])
  expect((await ask('/sessions')).body.sessions[0].message_count).toBe(12)

  const now = new Date().toISOString()
  for (let n = 0; n < 5; n++) {
    await store.sessions.setTitle(session.id, `Title ${n}`, now)
    expect([(await ask(of)).body.title, (await ask('/sessions')).body.sessions[0].title]).toEqual([`Title ${n}`, `Title ${n}`])
    await ask(of, { method: 'PATCH', json: { title: `Own ${n}` } })
    expect([(await ask(of)).body.title, (await ask('/sessions')).body.sessions[0].title]).toEqual([`Own ${n}`, `Own ${n}`])
  }
  // A transcript that is gone loses nothing.
  const { transcript_path } = (await ask(of)).body
  rmSync(transcript_path)
  expect(await counts()).toEqual([12, 12])
  await store.close()
})
