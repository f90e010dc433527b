/** A transcript on disk: opened once, read by chunks, never whole. */
import { createReadStream, openSync, readSync, closeSync } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

export type TranscriptFile = { path: string; size: number; mtime_ms: number; inode: number }

const CHUNK = 1 << 20

/** Whether the file is compressed, so that no byte offset in it can be returned to. */
export function isCompressed(path: string): boolean {
  return path.endsWith('.zst') || path.endsWith('.gz')
}

/** The file's bytes from `offset` (of what is in it, not of its compressed form). */
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

/** Read at once, not through a stream: what was written lately is in memory, and waiting for a thread takes longer. */
function* plainChunksOf(path: string, offset: number): Generator<Buffer> {
  const fd = openSync(path, 'r')
  try {
    for (let position = offset; ; ) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK)
      const length = readSync(fd, chunk, 0, CHUNK, position)
      if (length === 0) return
      position += length
      yield chunk.subarray(0, length)
    }
  } finally {
    closeSync(fd)
  }
}

/** The lines at the top of a plain file, read only as far as they are asked for, at most 4 MiB. */
export function* headLines(path: string): Generator<string> {
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
