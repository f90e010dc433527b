import type { Surroundings } from './surroundings.js'

/** Asks a question on the terminal; anything but yes is no. */
export async function confirmed(question: string, { stdin, stderr }: Surroundings): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: stdin, output: stderr as NodeJS.WriteStream })
  // Ctrl-D ends the input without an answer.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return /^y(es)?$/i.test((await Promise.race([lines.question(`${question} [y/N] `), closed])).trim())
  } finally {
    lines.close()
  }
}
