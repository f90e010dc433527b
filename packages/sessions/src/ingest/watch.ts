/** Follows transcripts as they are written. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../context.js'
import { sources } from '../sources/index.js'
import { sync, type SyncOptions, type SyncReport } from './sync.js'

/** Lines come in bursts: one sync takes in what a burst brought. */
const SETTLE_MS = 200
/** What no event told (network file systems, new folders) is found by looking. */
const POLL_MS = 5000

export type WatchOptions = SyncOptions & {
  /** Ends the watching. */
  signal: AbortSignal
  /** Called after each sync, also when it brought nothing. */
  onSync?: (report: SyncReport) => void
}

/**
 * Syncs now, and again whenever the file system tells of a change below the watched folders, and every few seconds in
 * case it does not tell. Resolves when `signal` is aborted, after the sync under way has ended.
 */
export async function watch(ctx: Context, { signal, onSync, ...options }: WatchOptions): Promise<void> {
  const { watch: watchFiles } = await import('chokidar')
  const wanted = sources.filter(({ name }) => options.source === undefined || name === options.source)
  const folders = options.paths?.length ? options.paths : wanted.flatMap((source) => source.folders(ctx.config.env, ctx.config.user_home))
  const files = watchFiles(folders, { ignoreInitial: true, cwd: ctx.config.cwd, followSymlinks: false, ignorePermissionErrors: true })
  let wake = () => {}
  let changed = true
  const notice = () => {
    changed = true
    wake()
  }
  files.on('add', notice).on('change', notice).on('error', () => {})
  signal.addEventListener('abort', () => wake())
  try {
    while (!signal.aborted) {
      if (changed) await pause(SETTLE_MS, signal)
      changed = false
      const report = await sync(ctx, options)
      onSync?.(report)
      if (!changed && !signal.aborted) {
        const timer = setTimeout(() => wake(), POLL_MS)
        await new Promise<void>((resolve) => {
          wake = resolve
          if (changed || signal.aborted) resolve()
        })
        clearTimeout(timer)
      }
    }
  } finally {
    await files.close()
  }
}

/** Ends early when the signal comes; leaves no listener behind, however long the watching goes on. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}
