import { join } from 'node:path'
import { createContext, sync } from '@gobby/sessions'
import { openStore } from '@gobby/storage'
import { tempDir, tempHome } from '@gobby/testing'
import { createApp } from '../src/app.ts'
import { Failures } from '../src/failures.ts'
import { ChangeFeed } from '../src/live/change-feed.ts'
import type { Service, Surroundings } from '../src/service.ts'
import { readToken, tokenOf } from '../src/token.ts'
import { checkAnswer } from './document.ts'

export const SAMPLES = join(import.meta.dirname, '../../../tooling/samples')

/** Where the CLIs of the samples keep their transcripts. */
export const sampleEnv = { CLAUDE_CONFIG_DIR: join(SAMPLES, 'claude'), CODEX_HOME: join(SAMPLES, 'codex'), GEMINI_CLI_HOME: join(SAMPLES, 'gemini') }

type Given = { method?: string; json?: unknown; body?: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string>; via?: Surroundings['via'] }

// oxlint-disable-next-line typescript/no-explicit-any
export type Answer = { status: number; headers: Headers; body: any; text: string }

export type TestService = {
  service: Service
  token: string
  home: string
  /** What the server told the person at it. */
  logged: string[]
  /** Asks as a program with the token does. Whatever is answered is held against the document. */
  ask(path: string, given?: Given): Promise<Answer>
  /** The bare response. */
  request(path: string, given?: Given): Promise<Response>
}

/** The app in this process, on the samples. */
export async function sampleService(options: { empty?: boolean } = {}): Promise<TestService> {
  const { env: homeEnv, gobbyHome } = tempHome()
  const env = { ...homeEnv, ...sampleEnv }
  const store = await openStore(`file:${join(tempDir(), 'sessions.db')}`)
  const ctx = await createContext({ env, cwd: '/', store })
  if (!options.empty) await sync(ctx)
  const { token } = readToken(gobbyHome)
  const logged: string[] = []
  const service: Service = {
    ctx,
    hookStore: store,
    feed: new ChangeFeed(store),
    token: tokenOf(gobbyHome),
    failures: new Failures(),
    hosts: new Set(['localhost', '127.0.0.1:8765']),
    exposed: false,
    closing: false,
    version: '0.0.0',
    started_at: '2026-01-01T00:00:00.000Z',
    later: () => {},
    log: (line) => logged.push(line),
  }
  const app = createApp(service)
  const request: TestService['request'] = async (path, { method, json, body, headers = {}, via } = {}) => {
    const sent = json === undefined ? body : JSON.stringify(json)
    const type: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' }
    return app.request(path, { method: method ?? (sent === undefined ? 'GET' : 'POST'), body: sent, headers: { authorization: `Bearer ${token}`, ...type, ...headers } }, { via })
  }
  const ask: TestService['ask'] = async (path, given = {}) => {
    const response = await request(path, given)
    const text = await response.text()
    const answer = { status: response.status, headers: response.headers, text, body: text !== '' && /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined }
    if (given.method !== 'HEAD') checkAnswer(given.method ?? (given.json === undefined && given.body === undefined ? 'GET' : 'POST'), path, answer)
    return answer
  }
  return { service, token, home: gobbyHome, logged, ask, request }
}
