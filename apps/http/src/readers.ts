import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type Config, type ErrorCode, GobbyError } from '@gobby/sessions'
import { aboutToEnd } from './problem.js'
import type { Asking } from './request-context.js'

/** What a thread is started with. */
export type ReaderData = { env: Config['env']; cwd: string; database_url: string }
/** A question for a thread: the route's name and what it is asked. */
export type Question = { name: string; input: Record<string, unknown>; asking: Asking }
/** What came of it. `code` only where the error is one to be shown. */
export type Reply = { text: string } | { code?: ErrorCode; message: string; hint?: string; candidates?: string[] }

type Asked = { question: Question; resolve(text: string): void; reject(error: Error): void }
type Reader = { worker: Worker; asked?: Asked | undefined; hasAnswered: boolean }

/** More threads help little: all of them read the same file. */
const MOST = Math.min(4, availableParallelism())

/**
 * Threads for questions that take long: a search walks through the index for milliseconds, and one for a word that is
 * everywhere for a tenth of a second, in which nobody else would be answered. The first is started at once, the
 * others when there is a question for them: a thread takes some 30 MB. By then an upgrade may have replaced their files;
 * then those that run are all there are.
 */
export class Readers {
  readonly #data: ReaderData
  readonly #readers: Reader[] = []
  /** One queue for all, so that no question stands behind a long one while another thread has nothing to do. */
  readonly #waiting: Asked[] = []
  #most = MOST
  #ended = false

  constructor(data: ReaderData) {
    this.#data = data
    this.#start()
  }

  /** The answer, as JSON. */
  ask(question: Question): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(aboutToEnd())
      this.#waiting.push({ question, resolve, reject })
      this.#next()
    })
  }

  async end(): Promise<void> {
    this.#ended = true
    for (const { reject } of this.#waiting.splice(0)) reject(aboutToEnd())
    await Promise.all(this.#readers.map(({ worker }) => worker.terminate()))
  }

  /** Gives the question that waits longest to a thread, if one has nothing to do or may be started. */
  #next(): void {
    if (this.#waiting.length === 0) return
    const reader = this.#readers.find(({ asked }) => !asked) ?? (this.#readers.length < this.#most ? this.#start() : undefined)
    if (!reader) return
    reader.asked = this.#waiting.shift()
    reader.worker.postMessage(reader.asked?.question)
  }

  #start(): Reader {
    const reader: Reader = { worker: new Worker(new URL('./reader-worker.js', import.meta.url), { workerData: this.#data }), hasAnswered: false }
    this.#readers.push(reader)
    reader.worker.on('message', (reply: Reply) => {
      const { asked } = reader
      reader.asked = undefined
      reader.hasAnswered = true
      this.#next()
      if ('text' in reply) return asked?.resolve(reply.text)
      const { code, message, hint, candidates } = reply
      asked?.reject(code === undefined ? new Error(message) : new GobbyError(code, message, hint, { candidates }))
    })
    reader.worker.on('error', (error) => this.#lose(reader, error))
    reader.worker.on('exit', () => this.#lose(reader, aboutToEnd()))
    return reader
  }

  /** A thread that is gone answers nothing any more; the next question that finds none starts another. */
  #lose(reader: Reader, error: Error): void {
    const at = this.#readers.indexOf(reader)
    if (at < 0) return
    this.#readers.splice(at, 1)
    const { asked, hasAnswered } = reader
    if (!hasAnswered && this.#readers.length > 0) {
      this.#most = this.#readers.length
      if (asked) this.#waiting.unshift(asked)
    } else asked?.reject(error)
    this.#next()
  }
}
