/** The thread that writes what the CLIs wrote. Ends when it is told to. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { type Context, createContext, GobbyError, replaySpool, runHookJob, sweep, watch } from '@gobby/sessions'
import type { BackgroundData, BackgroundMessage, BackgroundOrder } from './background.js'

const MINUTE_MS = 60_000
const AGAIN_MS = 5000

const data = workerData as BackgroundData
const ending = new AbortController()
const { signal } = ending

function say(error: unknown): void {
  const line = error instanceof GobbyError ? error.message : ((error as Error).stack ?? String(error))
  parentPort?.postMessage({ line } satisfies BackgroundMessage)
}

/** Does something again and again; what goes wrong is told, and tried again. */
async function repeat(every_ms: number, action: () => Promise<void>): Promise<void> {
  let last: string | undefined
  while (!signal.aborted) {
    const failure = await action().then(
      () => undefined,
      (error: Error) => error,
    )
    // The same trouble again is no news.
    if (failure && failure.message !== last) say(failure)
    last = failure?.message
    await sleep(failure ? AGAIN_MS : every_ms, undefined, { signal }).catch(() => {})
  }
}

async function tidy(ctx: Context): Promise<void> {
  await sweep(ctx)
  await ctx.store.changes.trim(ctx.now().toISOString())
}

const ctx = await createContext(data)
// One after the other: two jobs may be about one session.
let jobs = Promise.resolve()
parentPort?.on('message', (order: BackgroundOrder) => {
  if (order === 'end') ending.abort()
  else jobs = jobs.then(() => runHookJob(ctx, order)).catch(say)
})
await Promise.all([repeat(MINUTE_MS, () => tidy(ctx)), repeat(AGAIN_MS, () => replaySpool(ctx)), data.watch ? repeat(0, () => watch(ctx, { signal })) : undefined])
await jobs
await ctx.close()
parentPort?.close()
