import { statSync } from 'node:fs'

/** How many answers are kept, and how long one may be, in characters. */
const MOST = 500
const LONGEST = 64 * 1024

/** An answer as it is sent, with the headers of its own, and the transcript that it tells of, as that was. */
export type Answer = { text: string; headers: Readonly<Record<string, string>>; transcript?: Transcript | undefined }

/** A transcript at one moment. */
export type Transcript = { path: string; state: string | undefined }

/** How a transcript is now. Without a path there is none. */
export function transcriptAt(path: string | null | undefined): Transcript | undefined {
  return path ? { path, state: stateOf(path) } : undefined
}

/** Changes with every line; undefined where there is no file to look at. */
function stateOf(path: string): string | undefined {
  try {
    const file = statSync(path, { throwIfNoEntry: false })
    return file && `${file.ino} ${file.size} ${file.mtimeMs}`
  } catch {
    return undefined
  }
}

/**
 * Answers that depend on nothing but the database and one transcript, kept while neither changes: dashboards ask for the
 * same again and again. SQLite tells at next to no cost that nothing was written, by whichever process.
 */
export class KeptAnswers {
  #version = ''
  readonly #answers = new Map<string, Answer>()

  get(key: string, version: string): Answer | undefined {
    if (version !== this.#version) {
      this.#version = version
      this.#answers.clear()
    }
    const answer = this.#answers.get(key)
    const transcript = answer?.transcript
    return transcript && stateOf(transcript.path) !== transcript.state ? undefined : answer
  }

  /** @param version the database's, from before the answer was made */
  keep(key: string, version: string, answer: Answer): void {
    if (version !== this.#version || answer.text.length > LONGEST) return
    const [oldest] = this.#answers.keys()
    if (this.#answers.size >= MOST && oldest !== undefined) this.#answers.delete(oldest)
    this.#answers.set(key, answer)
  }
}
