/** The CLIs that gobby reads. A new one is a folder beside this file, and one line here. */
import { claude } from './claude/index.js'
import { codex } from './codex/index.js'
import { gemini } from './gemini/index.js'
import type { Source } from './source.js'

/** All sources, in the order in which a file of unknown origin is shown to them. */
export const sources: Source[] = [claude, codex, gemini]

/** The names of all sources. */
export const sourceNames: string[] = sources.map((source) => source.name)

/** The source of that name. */
export function sourceNamed(name: string): Source | undefined {
  return sources.find((source) => source.name === name)
}

export type { Draft, LineParser, ReadStep, Resume, Source, TranscriptHead } from './source.js'
export type { TranscriptFile } from './transcript-file.js'
