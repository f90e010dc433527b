import { read } from 'node:fs'
import { promisify } from 'node:util'
import { GobbyError } from '@gobby/sessions'

const LIMIT = 10 * 1024 * 1024

/** How long an input that does not block is asked again, in milliseconds. */
const PATIENCE_MS = 1_000

/**
 * The JSON on standard input, without the streams, which take longer to load than a hook runs. Its end is enough: some
 * programs leave the input open, and a process that still reads cannot end.
 *
 * @throws GobbyError `invalid` above 10 MB
 */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for (let size = 0; ; ) {
    const { bytesRead, buffer } = await readSome()
    if (bytesRead === 0) return textOf(chunks)
    size += bytesRead
    if (size > LIMIT) throw new GobbyError('invalid', 'The event is larger than 10 MB.')
    chunks.push(buffer.subarray(0, bytesRead))
    if (isWhole(chunks)) return textOf(chunks)
  }
}

const textOf = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8')

function isWhole(chunks: Buffer[]): boolean {
  if (!chunks.at(-1)?.toString('latin1').trimEnd().endsWith('}')) return false
  try {
    JSON.parse(textOf(chunks))
    return true
  } catch {
    return false
  }
}

const readFd = promisify(read)

async function readSome(): Promise<{ bytesRead: number; buffer: Buffer }> {
  const buffer = Buffer.allocUnsafe(64 * 1024)
  for (;;) {
    try {
      return { bytesRead: (await readFd(0, buffer, 0, buffer.length, null)).bytesRead, buffer }
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN' && performance.now() < PATIENCE_MS) await new Promise((resolve) => setTimeout(resolve, 5))
      // A closed pipe on some systems; what is no source of events.
      else if (['EOF', 'EAGAIN', 'EISDIR', 'EBADF'].includes(code)) return { bytesRead: 0, buffer }
      else throw error
    }
  }
}
