import type { Session } from '@gobby/storage'

/** How many answers are kept, and how long one may be, in characters. */
const MOST = 500
const LONGEST = 64 * 1024

/** An answer as it is sent, its tag, and the session whose transcript may have gained something since. */
export type Answer = { text: string; etag: string; session: Session | undefined }

/**
 * Answers that depend on nothing but the database, kept while it does not change: dashboards ask for the same again and
 * again. SQLite tells at next to no cost that nothing was written, by whichever process.
 */
export class KeptAnswers {
  #version = ''
  readonly #answers = new Map<string, Answer>()

  get(key: string, version: string): Answer | undefined {
    if (version === this.#version) return this.#answers.get(key)
    this.#version = version
    this.#answers.clear()
    return undefined
  }

  /** @param version the database's, from before the answer was made */
  keep(key: string, version: string, answer: Answer): void {
    if (version !== this.#version || answer.text.length > LONGEST) return
    const [oldest] = this.#answers.keys()
    if (this.#answers.size >= MOST && oldest !== undefined) this.#answers.delete(oldest)
    this.#answers.set(key, answer)
  }
}
