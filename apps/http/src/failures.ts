import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from './problem.js'

const FORGET_MS = 10_000
const LONGEST_MS = 2000
/** Answers held back at once; beyond, a wrong token is told so without waiting. */
const MOST_WAITING = 32

/** Slows wrong tokens down. Who has the right one is never held up. */
export class Failures {
  #recent = 0
  #last = 0
  #waiting = 0

  /** Waits before a failure is told, twice as long with each recent one. */
  async wait(): Promise<void> {
    const now = performance.now()
    if (now - this.#last > FORGET_MS) this.#recent = 0
    this.#last = now
    const ms = Math.min(LONGEST_MS, 25 * 2 ** this.#recent)
    this.#recent = Math.min(this.#recent + 1, 10)
    if (this.#waiting >= MOST_WAITING) throw new Refusal('too_many_requests', 'Too many wrong tokens.', {}, { 'retry-after': '10', connection: 'close' })
    this.#waiting++
    try {
      await sleep(ms)
    } finally {
      this.#waiting--
    }
  }
}
