/** One event on its way, and the work it brings. */
import { statSync } from 'node:fs'
import type { Session } from '@gobby/storage'
import type { Context } from '../context.js'
import type { HookEvent } from '../sources/hook-event.js'
import type { Source } from '../sources/source.js'
import { type HookJob, runHookJob } from './hook-job.js'

/** Where an event comes from. What is not known is null: a program that speaks over a network has no process here. */
export type HookOrigin = {
  /** The process of the CLI. */
  pid: number | null
  /** Tells the process from a later one with its pid. */
  process_start: string | null
  terminal: string | null
  /** When it happened: ISO, UTC. */
  at: string
  /** From the start of the hook's process, in milliseconds. */
  ms: number
  /** Told later, by another process: nobody waits for the answer, so nothing is given away. */
  replayed?: true
}

/** An event of a CLI with all that is known of it. */
export type Told = {
  source: Source
  event: HookEvent
  origin: HookOrigin
  /** Does work after the answer, for a caller that soon ends; without it all is done before the answer. */
  later?: (job: HookJob) => void
}

/** More of a transcript than this, in bytes, is read after the answer. */
const TAIL = 512 * 1024
/** What a handoff of a longer session costs is paid after the answer. */
const MESSAGES = 20_000

/** Until then, from the start of the hook's process, work is waited for: what git takes in a large repository. In milliseconds. */
const PATIENCE_MS = 1_200
const LEAST_MS = 100

/** Does it now when it is short, else after the answer. */
export async function workOn(ctx: Context, told: Told, session: Session, what: HookJob['what']): Promise<void> {
  const job = { session_id: session.id, what }
  if (!(await doneInTime(ctx, told, session, () => runHookJob(ctx, job)))) told.later?.(job)
}

/** Does it after the answer; at once, where nobody can do it later. */
export async function putOff(ctx: Context, { later }: Told, job: HookJob): Promise<void> {
  if (later) later(job)
  else await runHookJob(ctx, job)
}

/**
 * Does work that an answer can wait for. False where it is long, or takes long: it is then to be done after the answer,
 * once more, for which all such work is fit. Who has nobody to do it later waits.
 */
export async function doneInTime(ctx: Context, { later, origin }: Told, session: Session, work: () => Promise<unknown>): Promise<boolean> {
  if (!later) return work().then(() => true)
  if (await isLong(ctx, session)) return false
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), Math.max(LEAST_MS, PATIENCE_MS - origin.ms))))
  return Promise.race([work().then(() => true), late]).finally(() => clearTimeout(timer))
}

/** Whether taking in what the transcript has gained, or going through the session, takes long. */
async function isLong(ctx: Context, session: Session): Promise<boolean> {
  const { transcript_path, message_count } = (await ctx.store.sessions.get(session.id)) ?? session
  if (message_count > MESSAGES) return true
  if (transcript_path === null) return false
  const size = statSync(transcript_path, { throwIfNoEntry: false })?.size ?? 0
  return size - ((await ctx.store.ingest.state(session.id))?.byte_offset ?? 0) > TAIL
}
