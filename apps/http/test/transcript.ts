import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tempDir } from '@gobby/testing'

/** A transcript that is written while the test runs, in the form of one of the CLIs. */
export class LiveTranscript {
  readonly id: string
  readonly path: string
  readonly configDir: string
  #lines = 0

  constructor(id = '0d5c1a52-7f0e-4a5e-9b0b-1c1b5f0f4a10', configDir = tempDir()) {
    this.id = id
    this.configDir = configDir
    this.path = join(configDir, 'projects/-home-sam-code-orchard', `${id}.jsonl`)
    mkdirSync(dirname(this.path), { recursive: true })
  }

  /** Adds a prompt and its answer. */
  write(text: string): void {
    const n = this.#lines++
    const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 9, n, second)).toISOString()
    const row = { parentUuid: null, isSidechain: false, sessionId: this.id, cwd: '/home/sam/code/orchard', version: '2.1.0' }
    const lines = [
      { ...row, type: 'user', uuid: `${this.id}-u${n}`, timestamp: at(0), message: { role: 'user', content: text } },
      { ...row, type: 'assistant', uuid: `${this.id}-a${n}`, timestamp: at(5), message: { role: 'assistant', content: [{ type: 'text', text: `Done: ${text}` }] } },
    ]
    appendFileSync(this.path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  }
}
