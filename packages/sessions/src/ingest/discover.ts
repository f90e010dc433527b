/** Finds the files that may be transcripts: where each CLI keeps them, or where a person points. */
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../config.js'
import { statTranscript } from './fingerprint.js'
import type { Source } from '../sources/source.js'
import type { TranscriptFile } from '../sources/transcript-file.js'

/** `source` is known when the file lies in a CLI's own folder; otherwise the content must tell. */
export type Candidate = { file: TranscriptFile; source: Source | undefined; named: boolean }

export type Unreadable = { path: string; reason: string }

const TRANSCRIPT = /\.(jsonl|json|jsonl\.zst|jsonl\.gz|json\.gz)$/

/** Everything in the folders of the CLIs. A folder that is not there is no error. */
export function inFolders(sources: Source[], config: Config): { candidates: Candidate[]; unreadable: Unreadable[] } {
  const candidates: Candidate[] = []
  const unreadable: Unreadable[] = []
  for (const source of sources) {
    for (const folder of source.folders(config.env, config.user_home)) {
      walk(folder, (path) => source.keeps(path), unreadable, (file) => candidates.push({ file, source, named: false }))
    }
  }
  return { candidates, unreadable: unreadable.filter(({ reason }) => reason !== 'not there') }
}

/** The files and folders that a person named; below a folder, whatever could be a transcript by its name. */
export function atPaths(paths: string[], cwd: string): { candidates: Candidate[]; unreadable: Unreadable[] } {
  const candidates: Candidate[] = []
  const unreadable: Unreadable[] = []
  for (const path of paths.map((name) => resolve(cwd, name))) {
    const before = unreadable.length
    const stat = attempt(path, unreadable, () => statSync(path))
    if (unreadable.length > before || !stat) continue
    if (stat.isDirectory()) walk(path, (name) => TRANSCRIPT.test(name), unreadable, (file) => candidates.push({ file, source: undefined, named: true }))
    else {
      const file = statTranscript(path)
      if (file) candidates.push({ file, source: undefined, named: true })
      else unreadable.push({ path, reason: 'no plain file' })
    }
  }
  return { candidates, unreadable }
}

function walk(folder: string, keeps: (path: string) => boolean, unreadable: Unreadable[], found: (file: TranscriptFile) => void): void {
  const entries = attempt(folder, unreadable, () => readdirSync(folder, { withFileTypes: true }))
  for (const entry of entries ?? []) {
    const path = join(folder, entry.name)
    // A link to a folder is not followed: links may go in circles, and no CLI keeps transcripts behind one.
    if (entry.isDirectory()) walk(path, keeps, unreadable, found)
    else if (keeps(path)) {
      const file = attempt(path, unreadable, () => statTranscript(path))
      if (file) found(file)
    }
  }
}

function attempt<T>(path: string, unreadable: Unreadable[], look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    unreadable.push({ path, reason: code === 'ENOENT' ? 'not there' : code === 'EACCES' || code === 'EPERM' ? 'no permission' : (code ?? String(error)) })
    return undefined
  }
}
