/** How a transcript that was only appended to is told from one that was rewritten. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { IngestState } from '@gobby/storage'
import type { TranscriptFile } from '../sources/transcript-file.js'

const SAMPLE_BYTES = 4096

export type Fingerprint = Pick<IngestState, 'head_hash' | 'tail_hash'>

/** Hashes of the first 4 KiB, and of the last 4 KiB, of what lies before `offset`. */
export function fingerprint(path: string, offset: number): Fingerprint {
  const fd = openSync(path, 'r')
  try {
    const hash = (from: number, to: number) => {
      const bytes = Buffer.alloc(to - from)
      const length = readSync(fd, bytes, 0, bytes.length, from)
      return createHash('sha256').update(bytes.subarray(0, length)).digest('hex')
    }
    return { head_hash: hash(0, Math.min(SAMPLE_BYTES, offset)), tail_hash: hash(Math.max(0, offset - SAMPLE_BYTES), offset) }
  } finally {
    closeSync(fd)
  }
}

/** What the file system says of a file; undefined when there is no plain file that may be read. */
export function statTranscript(path: string): TranscriptFile | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() ? { path, size: stat.size, mtime_ms: Math.trunc(stat.mtimeMs), inode: stat.ino } : undefined
}
