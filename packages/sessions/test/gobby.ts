/** A gobby of a test's own: a home without anything in it, a clock, and the sample transcripts. */
import { createRequire } from 'node:module'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tempDir } from '@gobby/testing'
import { expect, onTestFinished } from 'vitest'
import { type Context, createContext, type ContextOptions, sync, type SyncReport } from '../src/index.ts'

export const NOW = '2026-11-22T10:00:00.000Z'

const folder = fileURLToPath(new URL('../../../tooling/samples/', import.meta.url))

/** The sample transcripts: one small one of each source, and where it lies in a home. */
export const samples = {
  claude: join('.claude', 'projects', '-home-sam-code-cider-press', 'e3b45c1a-90d8-47f6-b2aa-5f7d18e6c044.jsonl'),
  codex: join('.codex', 'sessions', '2026', '07', '10', 'rollout-2026-07-10T10-05-00-019f4b7c-d544-7c10-9d52-8e0fb37a1c64.jsonl'),
  gemini: join('.gemini', 'tmp', 'orchard', 'chats', 'session-2026-11-18T19-10-c07e4d15.jsonl'),
} as const

export type SampleName = keyof typeof samples
export const sampleNames = Object.keys(samples) as SampleName[]

/** Puts all samples into a home. */
export function fillHome(home: string): void {
  cpSync(join(folder, 'claude'), join(home, '.claude'), { recursive: true })
  cpSync(join(folder, 'codex'), join(home, '.codex'), { recursive: true })
  cpSync(join(folder, 'gemini'), home, { recursive: true })
}

export function sampleBytes(name: SampleName): Buffer {
  const home = { claude: '.claude', codex: '.codex', gemini: '' }[name]
  return readFileSync(join(folder, name, samples[name].slice(home === '' ? 0 : home.length + 1)))
}

type Raw = {
  prepare(sql: string): { all(...params: unknown[]): unknown[]; get(...params: unknown[]): Record<string, unknown> | undefined; run(...params: unknown[]): unknown }
  exec(sql: string): void
  close(): void
}

/**
 * The database beside the Store, for what no method asks. By the Store's own driver: a second SQLite in one process
 * would drop the first one's locks.
 */
export function openRaw(file: string): Raw {
  const Database = createRequire(import.meta.resolve('@gobby/storage'))('better-sqlite3') as new (path: string) => Raw
  return new Database(file)
}

export type Gobby = Context & {
  home: string
  /** The database file. */
  file: string
  /** Path of a sample below the home, its folder made. */
  place(name: SampleName): string
  sync(paths?: string[], options?: { restore_deleted?: boolean }): Promise<SyncReport>
  clock: { now: string }
}

/** @param options `shared`: opened for many tests, outside of them, and open to the end */
export async function gobby(options: ContextOptions & { home?: string; shared?: true } = {}): Promise<Gobby> {
  const home = options.home ?? join(tempDir(), 'home')
  mkdirSync(home, { recursive: true })
  const file = join(home, '.gobby', 'sessions.db')
  const clock = { now: NOW }
  const ctx = await createContext({ cwd: home, now: () => new Date(clock.now), ...options, env: { HOME: home, ...options.env } })
  if (!options.shared) onTestFinished(() => ctx.close())
  return Object.assign(ctx, {
    home,
    file,
    clock,
    place(name: SampleName) {
      const path = join(home, samples[name])
      mkdirSync(dirname(path), { recursive: true })
      return path
    },
    sync: (paths?: string[], more = {}) => sync(ctx, { paths, ...more }),
  })
}

/** All that is stored, but for what differs between two databases that were told the same. */
export function contents(file: string): { sessions: unknown[]; messages: unknown[]; usage: unknown[]; superseded: number } {
  const db = openRaw(file)
  try {
    const sessions = db.prepare(
      `SELECT s.source, s.external_id, p.name AS project, s.seq_num, s.title, s.status, s.cwd, s.git_branch, s.model, pa.external_id AS parent, s.relation,
         s.agent_depth, s.created_at, s.last_activity_at, s.message_count, s.turn_count, s.tool_call_count, s.input_tokens, s.output_tokens,
         s.cache_read_tokens, s.cache_creation_tokens, s.skipped_lines
       FROM sessions s JOIN projects p ON p.id = s.project_id LEFT JOIN sessions pa ON pa.id = s.parent_session_id ORDER BY s.source, s.external_id`,
    )
    const messages = db.prepare(
      `SELECT s.external_id, m.message_index, m.role, m.content_type, m.content, m.tool_name, m.tool_input, m.tool_result, m.tool_use_id, m.is_error, m.is_prompt,
         m.is_sidechain, m.searchable, m.timestamp, m.model, m.actions
       FROM session_messages m JOIN sessions s ON s.id = m.session_id WHERE m.superseded = 0 ORDER BY s.source, s.external_id, m.message_index`,
    )
    const usage = db.prepare(
      `SELECT s.external_id, u.key, u.model, u.timestamp, u.input_tokens, u.output_tokens, u.cache_read_tokens, u.cache_creation_tokens
       FROM session_usage u JOIN sessions s ON s.id = u.session_id ORDER BY s.source, s.external_id, u.key`,
    )
    const superseded = db.prepare('SELECT count(*) AS n FROM session_messages WHERE superseded > 0').get()?.n as number
    return { sessions: sessions.all(), messages: messages.all(), usage: usage.all(), superseded }
  } finally {
    db.close()
  }
}

/** What is wrong with a database, in its own words: nothing, as it should be. */
export function faults(file: string): unknown[] {
  const db = openRaw(file)
  try {
    const wrong: unknown[] = []
    const integrity = db.prepare('PRAGMA integrity_check').get()?.integrity_check
    if (integrity !== 'ok') wrong.push(integrity)
    wrong.push(...db.prepare('PRAGMA foreign_key_check').all())
    db.exec(`INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)`)
    const checks: Record<string, string> = {
      'a message twice at one place': 'SELECT session_id FROM session_messages WHERE superseded = 0 GROUP BY session_id, message_index HAVING count(*) > 1',
      'a gap in the messages': 'SELECT session_id FROM session_messages WHERE superseded = 0 GROUP BY session_id HAVING max(message_index) <> count(*) - 1',
      'a wrong message_count': 'SELECT id FROM sessions s WHERE message_count <> (SELECT count(*) FROM session_messages WHERE session_id = s.id AND superseded = 0)',
      'a wrong turn_count': 'SELECT id FROM sessions s WHERE turn_count <> (SELECT count(*) FROM session_messages WHERE session_id = s.id AND superseded = 0 AND is_prompt)',
      'wrong tokens': 'SELECT id FROM sessions s WHERE output_tokens <> (SELECT coalesce(sum(output_tokens), 0) FROM session_usage WHERE session_id = s.id)',
      'a number twice': 'SELECT seq_num FROM sessions GROUP BY project_id, seq_num HAVING count(*) > 1',
      'a counter that is behind': `SELECT project_id FROM sessions s GROUP BY project_id HAVING max(seq_num) > (SELECT value FROM counters WHERE scope = s.project_id AND kind = 'session')`,
      'an index row without a message': 'SELECT id FROM message_search_docsize WHERE id NOT IN (SELECT id FROM session_messages WHERE searchable)',
      'a message without its index row': `SELECT id FROM session_messages WHERE searchable AND content GLOB '*[a-z]*' AND id NOT IN (SELECT id FROM message_search_docsize)`,
    }
    for (const [name, sql] of Object.entries(checks)) for (const row of db.prepare(sql).all()) wrong.push({ [name]: row })
    return wrong
  } finally {
    db.close()
  }
}

/** A line as Claude Code writes it. */
export function claudeLine(content: unknown, fields: Record<string, unknown> = {}): string {
  const { type = 'user', uuid = String(content), ...rest } = fields
  const message = { role: type, content, ...(type === 'assistant' ? { id: `msg-${uuid}`, model: 'claude-opus-4', usage: { input_tokens: 1, output_tokens: 2 } } : {}) }
  return JSON.stringify({ parentUuid: null, isSidechain: false, type, uuid, sessionId: SESSION, cwd: '/home/sam/code/pear', timestamp: NOW, message, ...rest })
}

export const SESSION = '11111111-2222-4333-8444-555555555555'

/** Where a home keeps a Claude Code transcript. */
export function claudePlace(home: string, session = SESSION): string {
  const path = join(home, '.claude', 'projects', '-home-sam-code-pear', `${session}.jsonl`)
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true })
  return path
}

export function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** How many messages a search finds. */
export const found = async (ctx: Gobby, query: string) => (await ctx.store.search.find(query, {}, { sort: 'newest', limit: 100 })).length
export const only = async (ctx: Gobby) => (await ctx.store.sessions.list({ include_empty: true, include_subagents: true }, 10))[0]!
/** Prompts, one on each line. */
export const lines = (...texts: string[]) => texts.map((text) => `${claudeLine(text)}\n`).join('')

/** The stored contents after the file held each of `states`, with a sync after each. */
export async function after(states: (string | Buffer)[], at: (home: string) => string = claudePlace) {
  const ctx = await gobby()
  const path = at(ctx.home)
  for (const [n, bytes] of states.entries()) {
    writeFileSync(path, bytes)
    utimesSync(path, n, n)
    await ctx.sync()
  }
  expect(faults(ctx.file)).toEqual([])
  return { ctx, path, ...contents(ctx.file) }
}
