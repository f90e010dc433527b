/** OpenAI's Codex CLI. */
import { basename } from 'node:path'
import { isRecord } from '../normalise.js'
import { readRecords } from '../read-records.js'
import type { Source, TranscriptHead } from '../source.js'
import { callerOf } from './caller.js'
import { folders } from './folders.js'
import { folderIn, headerOf } from './header.js'
import { hooks } from './hooks.js'
import { install } from './install.js'
import { actions, outcome } from './tools.js'
import { createParser } from './transcript.js'

export const codex: Source = {
  name: 'codex',
  label: 'Codex',
  parser_version: 1,
  folders,
  keeps: (path) => /^rollout-.*\.jsonl(?:\.zst)?$/.test(basename(path)),
  peek,
  read: (file, resume) => readRecords(file, resume, createParser(resume?.parser_state)),
  callingSession: (env) => env.CODEX_SESSION_ID ?? env.CODEX_THREAD_ID,
  callerOf,
  hooks,
  install,
  actions,
  outcome,
}

/** How far down a bare rollout its environment block may stand. */
const PEEKED_LINES = 30

function peek({ path, lines }: { path: string; lines: Iterable<string> }): TranscriptHead | undefined {
  let head: TranscriptHead | undefined
  let count = 0
  for (const line of lines) {
    const record = parsed(line)
    if (!head) {
      const header = headerOf(record)
      // A torn line may stand before the header, another record may not.
      if (!header && record !== undefined) return undefined
      if (header) {
        const { id, time, cwd, git_branch, parent } = header
        head = { external_id: id, cwd, started_at: time, git_branch, parent, preference: path.endsWith('.zst') ? 0 : 1 }
        if (isRecord(record) && record.type === 'session_meta') return head
      }
    } else {
      head.cwd = folderIn(line.replaceAll('\\n', '\n')) ?? null
    }
    if (head?.cwd || ++count >= PEEKED_LINES) break
  }
  return head
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line.replace(/^[\uFEFF\0]+/, ''))
  } catch {
    return undefined
  }
}
