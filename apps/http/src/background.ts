import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Config, HookJob } from '@gobby/sessions'

/** What the thread is started with. */
export type BackgroundData = { env: Config['env']; cwd: string; database_url: string; watch: boolean }
/** What the thread is told: to do a job, or to end. */
export type BackgroundOrder = HookJob | 'end'
/** What the thread tells: something for the person at the server. */
export type BackgroundMessage = { line: string }

const STOP_MS = 2000
const AGAIN_MS = 5000

/**
 * Follows the transcripts, sweeps and trims, in a thread with a connection of its own: reading a long transcript would
 * keep every request waiting. A thread that fails is started again.
 *
 */
export function startBackground(data: BackgroundData, log: (line: string) => void): { later(job: HookJob): void; end(): Promise<void> } {
  let ending = false
  let worker: Worker
  const start = () => {
    // Young objects are all a sync makes; left alone, V8 lets them pile up to hundreds of MB.
    worker = new Worker(new URL('./background-worker.js', import.meta.url), { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: 16 } })
    worker.on('message', ({ line }: BackgroundMessage) => log(line))
    worker.on('error', (error: Error) => log(`Following the transcripts failed: ${error.message}`))
    worker.on('exit', () => {
      if (!ending) setTimeout(() => ending || start(), AGAIN_MS).unref()
    })
  }
  start()
  return {
    later: (job) => worker.postMessage(job satisfies BackgroundOrder),
    async end() {
      ending = true
      const exited = new Promise((resolve) => worker.once('exit', resolve))
      worker.postMessage('end' satisfies BackgroundOrder)
      // A long transcript is left where it is; the next sync goes on there.
      await Promise.race([exited, sleep(STOP_MS, undefined, { ref: false }).then(() => worker.terminate())])
    },
  }
}
