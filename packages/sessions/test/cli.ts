/** A CLI of a test's own: it writes transcripts and tells hooks of what happens in it, in the shapes of the real ones. */
import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Session } from '@gobby/storage'
import { type HookJob, handleHook, runHookJob, type Told } from '../src/index.ts'
import type { HookAnswer } from '../src/sources/hook-event.ts'
import { sourceNamed } from '../src/sources/index.ts'
import { EVENTS, eventOf, type SourceName, transcriptOf } from './fixtures/hooks/events.ts'
import type { Gobby } from './gobby.ts'

type Kind = keyof (typeof EVENTS)['claude']
type More = { later?: HookJob[]; replayed?: true; at?: string; session?: string }
type Where = { pid?: number | null; process_start?: string | null; terminal?: string | null }

/** How long every event took before it was told, in milliseconds. */
export const TOOK_MS = 7

let made = 0
/** An id of a session; its first eight digits are enough to tell it. */
export const newId = (): string => `${(0x5e000000 + ++made).toString(16)}-0000-4000-8000-000000000001`

export class Cli {
  /** The session that runs in it. */
  id = newId()
  where: Required<Where>

  readonly ctx: Gobby
  readonly source: SourceName
  readonly cwd: string

  constructor(ctx: Gobby, source: SourceName, cwd: string, where: Where = {}) {
    this.ctx = ctx
    this.source = source
    this.cwd = cwd
    this.where = { pid: 4_000_000 + made, process_start: `boot ns ${made}`, terminal: null, ...where }
  }

  get transcript(): string {
    return transcriptOf(this.source, this.ctx.home, this.id)
  }

  /** @param kind what happens, or the CLI's own name of an event */
  async tell(kind: Kind | (string & {}), fields: Record<string, unknown> = {}, { later, replayed, at = this.ctx.clock.now, session }: More = {}): Promise<HookAnswer> {
    const { ctx, where } = this
    const source = sourceNamed(this.source) as Told['source']
    const name = (EVENTS[this.source] as Record<string, string>)[kind] ?? kind
    const input = { ...eventOf(this.source, ctx.home, name), session_id: session ?? this.id, transcript_path: this.transcript, cwd: this.cwd, ...fields }
    const event = source.hooks!.read(input, { env: {}, home: ctx.home })
    const origin = { ...where, at, ms: TOOK_MS, ...(replayed ? { replayed } : {}) }
    return handleHook(ctx, { source, event, origin, ...(later ? { later: (job) => later.push(job) } : {}) })
  }

  /** Starts a session; what the model and the person are told. */
  start = (beginning = 'startup', more: More = {}): Promise<HookAnswer> => this.tell('start', { source: beginning }, more)

  /** As after `/clear`, `/new` or a fork: another session in the same process. */
  next(): this {
    this.id = newId()
    return this
  }

  /** Writes into the transcript what a person asked, and the todos that the model then set itself. */
  write(prompt: string, todos: string[] = []): void {
    const timestamp = this.ctx.clock.now
    const path = this.transcript
    mkdirSync(dirname(path), { recursive: true })
    const isNew = !existsSync(path)
    const put = (line: unknown): void => appendFileSync(path, `${JSON.stringify(line)}\n`)
    const n = `${this.id.slice(0, 8)}-${++made}`
    if (this.source === 'claude') {
      const line = (type: string, uuid: string, content: unknown): void =>
        put({ parentUuid: null, isSidechain: false, type, uuid, sessionId: this.id, cwd: this.cwd, timestamp, message: { role: type, content, ...(type === 'assistant' ? { id: `m-${uuid}`, model: 'opus' } : {}) } })
      line('user', `${n}-u`, prompt)
      if (todos.length > 0) {
        line('assistant', `${n}-t`, [{ type: 'tool_use', id: n, name: 'TodoWrite', input: { todos: todos.map((content) => ({ content, status: 'pending', activeForm: content })) } }])
        line('user', `${n}-r`, [{ type: 'tool_result', tool_use_id: n, content: 'Todos have been modified successfully.' }])
      }
    } else if (this.source === 'codex') {
      if (isNew) put({ timestamp, type: 'session_meta', payload: { session_id: this.id, id: this.id, timestamp, cwd: this.cwd, originator: 'codex-tui', cli_version: '0.169.0', source: 'cli' } })
      put({ timestamp, type: 'response_item', payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text: prompt }] } })
      put({ timestamp, type: 'response_item', payload: { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Done.' }] } })
    } else {
      if (isNew) put({ sessionId: this.id, projectHash: 'f'.repeat(64), startTime: timestamp, lastUpdated: timestamp, kind: 'main' })
      put({ id: `${n}-u`, timestamp, type: 'user', content: [{ text: prompt }] })
      put({ id: `${n}-a`, timestamp, type: 'gemini', content: 'Done.', model: 'gemini-3-pro' })
    }
  }

  async session(id = this.id): Promise<Session> {
    const session = await this.ctx.store.sessions.findByExternalId(this.source, id)
    if (!session) throw new Error(`no session ${id}`)
    return session
  }

  /** The handoffs of its session, the newest first, with who received them. */
  async handoffs() {
    const { id } = await this.session()
    return Promise.all((await this.ctx.store.handoffs.ofSession(id)).map(async ({ id: handoff_id }) => (await this.ctx.store.handoffs.get(handoff_id))!))
  }
}

/** What was put off, done. */
export async function doAll(ctx: Gobby, jobs: HookJob[]): Promise<void> {
  for (const job of jobs.splice(0)) await runHookJob(ctx, job)
}

/** Moves the clock. */
export function pass(ctx: Gobby, ms: number): void {
  ctx.clock.now = new Date(Date.parse(ctx.clock.now) + ms).toISOString()
}

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
