/** A transcript on disk: opened once, read by chunks, never whole. */
import { createReadStream, openSync, readSync, closeSync } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { constants, createGunzip, createZstdDecompress, gunzipSync, zstdDecompressSync } from 'node:zlib'

/** A transcript on disk. `size` in bytes, `mtime_ms` since 1970. */
export type TranscriptFile = { path: string; size: number; mtime_ms: number; inode: number }

const MAX_UNPACKED = 32 << 20
const CHUNK = 256 << 10

/** Whether the file is compressed, so that no byte offset in it can be returned to. */
export function isCompressed(path: string): boolean {
  return path.endsWith('.zst') || path.endsWith('.gz')
}

/** The file's bytes from `offset` (of what is in it, not of its compressed form). A chunk holds until the next is asked for. */
export async function* chunksOf(path: string, offset = 0): AsyncGenerator<Buffer> {
  if (!isCompressed(path)) {
    yield* plainChunksOf(path, offset)
    return
  }
  const unpack = path.endsWith('.zst') ? createZstdDecompress() : createGunzip()
  // The callback only keeps a broken file from being an uncaught error; the loop below meets the same error itself.
  const stream: Readable = pipeline(createReadStream(path), unpack, () => undefined)
  let position = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (position + chunk.length > offset) yield position < offset ? chunk.subarray(offset - position) : chunk
    position += chunk.length
  }
}

/** Read at once, not through a stream: waiting for another thread takes longer than the read. */
function* plainChunksOf(path: string, offset: number): Generator<Buffer> {
  const fd = openSync(path, 'r')
  try {
    const chunk = Buffer.allocUnsafeSlow(CHUNK)
    let position = offset
    for (let length = readSync(fd, chunk, 0, CHUNK, position); length > 0; length = readSync(fd, chunk, 0, CHUNK, position)) {
      position += length
      yield chunk.subarray(0, length)
    }
  } finally {
    closeSync(fd)
  }
}

/** The lines at the top of a file, read only as far as they are asked for, at most 4 MiB. */
export function* headLines(path: string): Generator<string> {
  if (isCompressed(path)) {
    yield* unpackedHead(path).toString('utf8').split('\n')
    return
  }
  const fd = openSync(path, 'r')
  try {
    let rest = Buffer.alloc(0)
    for (let position = 0, step = 16 << 10; position < 4 << 20; step = 256 << 10) {
      const chunk = Buffer.allocUnsafe(step)
      const length = readSync(fd, chunk, 0, step, position)
      if (length === 0) break
      position += length
      rest = Buffer.concat([rest, chunk.subarray(0, length)])
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        yield rest.toString('utf8', 0, end)
        rest = rest.subarray(end + 1)
      }
    }
    if (rest.length > 0) yield rest.toString('utf8')
  } finally {
    closeSync(fd)
  }
}

/** What the first part of a compressed file gives, of 256 KiB or, if that would be very much, of less. */
function unpackedHead(path: string): Buffer {
  for (const length of [256 << 10, 32 << 10, 4 << 10]) {
    const part = Buffer.alloc(length)
    const fd = openSync(path, 'r')
    const packed = part.subarray(0, readSync(fd, part, 0, length, 0))
    closeSync(fd)
    try {
      // The flush takes a part for what it is, instead of an archive that breaks off.
      return path.endsWith('.zst')
        ? zstdDecompressSync(packed, { finishFlush: constants.ZSTD_e_flush, maxOutputLength: MAX_UNPACKED })
        : gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_UNPACKED })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw error
    }
  }
  return Buffer.alloc(0)
}
