import { read } from 'node:fs'
import { promisify } from 'node:util'
import { GobbyError } from '@gobby/sessions'

const LIMIT = 10 * 1024 * 1024
const PIECE = 64 * 1024
/** How long after the last piece it is looked whether the input is whole, in milliseconds. */
const PAUSE_MS = 10
/** What is waited for a piece in any case, in milliseconds: on a busy machine the time may be over before the first was read. */
const LEAST_MS = 400

/** Nothing came. The read still waits inside of the system, and `process.exit` would wait for it. */
export class Silence extends GobbyError {
  constructor() {
    super('invalid', 'No event came in time, and the input was not closed.')
  }
}

/**
 * The JSON on standard input. Its end is enough: some programs leave the input open. Nearly every event comes in one piece,
 * which is read without the streams: they take longer to load.
 *
 * @param until when it must be there, in milliseconds from the start of the process
 * @throws GobbyError `invalid` above 10 MB, and when it does not end in time; `Silence`
 */
export async function readStdin(until: number): Promise<string> {
  const first = await inTime(until, readSome(), () => new Silence())
  if (first?.length === 0) return ''
  const chunks = first ? [first] : []
  if (!isWhole(chunks)) await inTime(until, readRest(chunks), () => new GobbyError('invalid', `The event did not end in time (${sizeOf(chunks)} bytes came).`))
  return textOf(chunks)
}

const textOf = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8')
const sizeOf = (chunks: Buffer[]): number => chunks.reduce((size, chunk) => size + chunk.length, 0)

function isWhole(chunks: Buffer[]): boolean {
  if (!chunks.at(-1)?.toString('latin1').trimEnd().endsWith('}')) return false
  try {
    JSON.parse(textOf(chunks))
    return true
  } catch {
    return false
  }
}

async function inTime<T>(until: number, work: Promise<T>, otherwise: () => GobbyError): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    // What is there already is taken first.
    timer = setTimeout(() => setImmediate(() => reject(otherwise())), Math.max(LEAST_MS, until - performance.now()))
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** The first piece; empty at the end, undefined where an input that does not block has none yet. */
async function readSome(): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafe(PIECE)
  try {
    return buffer.subarray(0, (await promisify(read)(0, buffer, 0, PIECE, null)).bytesRead)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') return undefined
    // A closed pipe on some systems; what is no source of events.
    if (['EOF', 'EISDIR', 'EBADF'].includes(code)) return Buffer.alloc(0)
    throw error
  }
}

function readRest(chunks: Buffer[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  return new Promise<void>((resolve, reject) => {
    let size = sizeOf(chunks)
    process.stdin
      .on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size > LIMIT) reject(new GobbyError('invalid', 'The event is larger than 10 MB.'))
        clearTimeout(timer)
        timer = setTimeout(() => isWhole(chunks) && resolve(), PAUSE_MS)
      })
      .on('end', () => resolve())
      .on('error', () => resolve())
  }).finally(() => {
    clearTimeout(timer)
    process.stdin.removeAllListeners('data').pause()
  })
}
