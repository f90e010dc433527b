import type { SyncProgress } from '@gobby/sessions'
import type { Surroundings } from '../surroundings.js'
import { duration } from './quantities.js'
import { fit } from './text.js'

const EVERY_MS = 100
const MB = 1_000_000

/** One line on a terminal that says how far a sync is; nothing where nobody looks. */
export class Progress {
  readonly #stderr: Surroundings['stderr']
  readonly #visible: boolean
  #began = 0
  #drawn = 0

  constructor({ stderr, env }: Pick<Surroundings, 'stderr' | 'env'>) {
    this.#stderr = stderr
    this.#visible = stderr.isTTY === true && env.TERM !== 'dumb'
  }

  update(progress: SyncProgress): void {
    const now = performance.now()
    this.#began ||= now
    if (!this.#visible || progress.files === 0 || now - this.#drawn < EVERY_MS) return
    this.#drawn = now
    this.#stderr.write(`\r\u001b[K${fit(lineOf(progress, (now - this.#began) / 1000), (this.#stderr.columns || 80) - 1)}`)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#drawn > 0) this.#stderr.write('\r\u001b[K')
    this.#drawn = 0
  }
}

function lineOf({ files_done, files, bytes_done, bytes }: SyncProgress, seconds: number): string {
  const done = bytes === 0 ? 1 : bytes_done / bytes
  const speed = seconds > 0 ? bytes_done / seconds : 0
  const bar = '█'.repeat(Math.floor(done * 20)).padEnd(20, '░')
  const left = speed > 0 ? `  ${duration((bytes - bytes_done) / speed)} left` : ''
  return `${bar} ${Math.floor(done * 100)}%  ${files_done}/${files} files  ${mb(bytes_done)}/${mb(bytes)} MB  ${mb(speed)} MB/s${left}`
}

function mb(bytes: number): string {
  return (bytes / MB).toFixed(1)
}
