import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type Config, type ErrorCode, GobbyError } from '@gobby/sessions'
import type { Asking } from './request-context.js'

/** What a thread is started with. */
export type ReaderData = { env: Config['env']; cwd: string; database_url: string }
/** A question for a thread: the route's name and what it is asked. */
export type Question = { id: number; name: string; input: Record<string, unknown>; asking: Asking }
/** What came of it. `code` only where the error is one to be shown. */
export type Reply = { id: number; text: string } | { id: number; code?: ErrorCode; message: string; hint?: string; candidates?: string[] }

/** More threads help little: all of them read the same file. */
const MOST = 4

/**
 * Threads for questions that take long: a search walks through the index for milliseconds, and one for a word that is
 * everywhere for a tenth of a second, in which nobody else would be answered. Started at the first question.
 */
export class Readers {
  readonly #data: ReaderData
  readonly #workers: { worker: Worker; waiting: number }[] = []
  readonly #waiting = new Map<number, { resolve(text: string): void; reject(error: Error): void; worker: Worker }>()
  #last = 0

  constructor(data: ReaderData) {
    this.#data = data
  }

  /** The answer, as JSON. */
  ask(name: string, input: Record<string, unknown>, asking: Asking): Promise<string> {
    const chosen = this.#idlest()
    const id = ++this.#last
    chosen.waiting++
    return new Promise<string>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, worker: chosen.worker })
      chosen.worker.postMessage({ id, name, input, asking } satisfies Question)
    }).finally(() => chosen.waiting--)
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map(({ worker }) => worker.terminate()))
  }

  /** One that has nothing to do, a new one, or the one with the least to do. */
  #idlest(): { worker: Worker; waiting: number } {
    const [idlest] = this.#workers.toSorted((a, b) => a.waiting - b.waiting)
    if (idlest && (idlest.waiting === 0 || this.#workers.length >= Math.min(MOST, availableParallelism()))) return idlest
    return this.#start()
  }

  #start(): { worker: Worker; waiting: number } {
    const worker = new Worker(new URL('./reader-worker.js', import.meta.url), { workerData: this.#data })
    const entry = { worker, waiting: 0 }
    this.#workers.push(entry)
    worker.on('message', (reply: Reply) => this.#hear(reply))
    worker.on('error', (error) => this.#lose(worker, error))
    worker.on('exit', () => this.#lose(worker, new GobbyError('unavailable', 'The server is about to end.')))
    return entry
  }

  #hear(reply: Reply): void {
    const asked = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('text' in reply) asked?.resolve(reply.text)
    else {
      const { code, message, hint, candidates } = reply
      asked?.reject(code === undefined ? new Error(message) : new GobbyError(code, message, hint, { candidates }))
    }
  }

  /** A thread that is gone answers nothing any more; the next question starts another. */
  #lose(gone: Worker, error: Error): void {
    const at = this.#workers.findIndex(({ worker }) => worker === gone)
    if (at >= 0) this.#workers.splice(at, 1)
    for (const [id, asked] of this.#waiting) {
      if (asked.worker !== gone) continue
      this.#waiting.delete(id)
      asked.reject(error)
    }
  }
}
