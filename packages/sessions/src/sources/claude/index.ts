/** Claude Code: where it keeps its transcripts, and whose they are. */
import { basename, dirname } from 'node:path'
import { instantOf, isRecord, textOf } from '../normalise.js'
import { readRecords, recordsOf } from '../read-records.js'
import type { Source, TranscriptHead } from '../source.js'
import { folders } from './folders.js'
import { hooks } from './hooks.js'
import { install } from './install.js'
import { actions, outcome, startsAnew } from './tools.js'
import { createParser } from './transcript.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const AGENT_FILE = /^agent-.+\.jsonl$/

export const claude: Source = {
  name: 'claude',
  label: 'Claude Code',
  parser_version: 1,
  folders,
  keeps: (path) => path.endsWith('.jsonl') && !path.endsWith('/journal.jsonl'),
  peek({ path, lines }) {
    const head: Found = {}
    for (const line of lines) {
      for (const row of recordsOf(Buffer.from(line), () => undefined)) look(row, head)
      if (head.foreign) return undefined
      if (head.sessionId && head.mark && head.started_at && head.cwd && head.answered) break
    }
    return head.sessionId || head.metadata ? headOf(path, head) : undefined
  },
  read: (file, resume) => readRecords(file, resume, createParser(resume?.parser_state, AGENT_FILE.test(basename(file.path)))),
  callingSession: (env) => env.CLAUDE_CODE_SESSION_ID,
  callerOf: ({ env }) => (env.CLAUDE_PROJECT_DIR ? { cwd: env.CLAUDE_PROJECT_DIR } : undefined),
  hooks,
  install,
  actions,
  outcome,
  startsAnew,
}

type Found = {
  foreign?: boolean
  /** A line that no other CLI writes, though no one's words: such a file holds no session, but it is one of ours. */
  metadata?: boolean
  sessionId?: string
  /** Where the CLI itself says that this is a fork. */
  forked_from?: string
  /** An answer was seen: only these name the start process's session. */
  answered?: boolean
  /** The start process's session: where it is another one, the parent of a fork. */
  follows?: string
  cwd?: string
  git_branch?: string
  started_at?: string
  mark?: string
}

/** Takes what one row tells of the session; notices rows that only look like this CLI's. */
function look(row: unknown, head: Found): void {
  if (!isRecord(row)) return
  // Of any line: a fork copies the rows of its origin, times and all, but not the queue's lines before them.
  head.started_at ??= instantOf(row.timestamp) ?? undefined
  const own = (row.type === 'user' || row.type === 'assistant') && isRecord(row.message) && 'parentUuid' in row
  if (!own) {
    if (isRecord(row.message) && 'parts' in row.message) head.foreign = true
    if (isMetadata(row)) head.metadata = true
    return
  }
  const message = row.message as Record<string, unknown>
  const sessionId = textOf(row.sessionId)
  if (!sessionId || 'parts' in message || 'provenance' in row || sessionId.startsWith('session-')) {
    head.foreign = true
    return
  }
  head.sessionId ??= sessionId
  head.mark ??= textOf(row.uuid)
  head.cwd ??= textOf(row.cwd)
  head.git_branch ??= textOf(row.gitBranch) || undefined
  if (row.type === 'assistant') head.answered = true
  if (textOf(row.session_id)) head.follows ??= textOf(row.session_id)
  if (isRecord(row.forkedFrom)) head.forked_from ??= textOf(row.forkedFrom.sessionId)
}

/** Keys that, with the type, are this CLI's alone. */
const METADATA: Record<string, string> = {
  summary: 'leafUuid',
  'file-history-snapshot': 'snapshot',
  'queue-operation': 'operation',
  'custom-title': 'customTitle',
  'ai-title': 'aiTitle',
  'last-prompt': 'lastPrompt',
  'permission-mode': 'permissionMode',
}

function isMetadata(row: Record<string, unknown>): boolean {
  const key = typeof row.type === 'string' && Object.hasOwn(METADATA, row.type) ? METADATA[row.type] : undefined
  return key !== undefined && key in row
}

function headOf(path: string, found: Found): TranscriptHead {
  const name = basename(path).replace(/\.jsonl$/, '')
  const subagent = AGENT_FILE.test(basename(path))
  // The file name wins: some files hold rows of a second session.
  const external_id = subagent ? `${name}@${parentOf(path, found)}` : UUID.test(name) ? name : (found.sessionId ?? name)
  return {
    external_id,
    cwd: found.cwd ?? null,
    started_at: found.started_at ?? null,
    git_branch: found.git_branch ?? null,
    parent: subagent
      ? { external_id: parentOf(path, found), relation: 'subagent' }
      : found.forked_from
        ? { external_id: found.forked_from, relation: 'fork' }
        : null,
    preference: 0,
    ...(subagent ? {} : { mark: found.mark }),
    ...(!subagent && found.follows && found.follows !== external_id ? { follows: found.follows } : {}),
  }
}

/** A sub-agent's parent: the session folder that its file lies in, or, in the older flat layout, what its rows say. */
function parentOf(path: string, found: Found): string {
  for (let dir = dirname(path); dir !== dirname(dir); dir = dirname(dir)) {
    if (basename(dir) === 'subagents' && UUID.test(basename(dirname(dir)))) return basename(dirname(dir))
  }
  return found.sessionId ?? 'unknown'
}
