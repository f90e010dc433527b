/** What the tests of the Store share: an open database, and records with everything they need. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { tempDir } from '@gobby/testing'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { type IngestBatch, type IngestState, type NewMessage, type NewSession, openStore, type Store } from '../src/index.ts'

export const NOW = '2026-11-22T10:00:00.000Z'

/** An instant so many minutes after `NOW`. */
export const at = (minutes: number): string => new Date(Date.parse(NOW) + minutes * 60_000).toISOString()

export const tempFile = (name = 'sessions.db'): string => join(tempDir(), name)

export async function open(path = tempFile()): Promise<Store & { path: string }> {
  const store = await openStore(path)
  onTestFinished(() => store.close())
  return Object.assign(store, { path })
}

/** The file beside the Store, for what no method asks. */
export function raw(path: string): Database.Database {
  const db = new Database(path)
  onTestFinished(() => void db.close())
  return db
}

let made = 0

export function newSession(project_id: string, fields: Partial<NewSession> = {}): NewSession {
  return {
    external_id: `e-${++made}`, source: 'claude', project_id, machine_id: 'm', transcript_path: null, parent_session_id: null, relation: null,
    agent_depth: 0, created_at: NOW, last_activity_at: NOW, status: 'active', cwd: null, git_branch: null, model: null, title: null, ...fields,
  }
}

export function message(content: string, fields: Partial<NewMessage> = {}): NewMessage {
  return {
    role: 'user', content_type: 'text', content, tool_name: null, tool_input: null, tool_result: null, tool_use_id: null, is_error: false,
    timestamp: NOW, model: null, is_prompt: true, is_sidechain: false, searchable: true, actions: null, ...fields,
  }
}

export function state(fields: Partial<IngestState> = {}): IngestState {
  return {
    path: '/t.jsonl', byte_offset: 1, size: 1, mtime_ms: 1, inode: 1, head_hash: 'h', tail_hash: 't', parser_version: 1, parser_state: null,
    skipped_reasons: {}, skipped_at: [], ...fields,
  }
}

export function batch(session_id: string, messages: NewMessage[], fields: Partial<IngestBatch> = {}): IngestBatch {
  return {
    session_id, expected: { byte_offset: 0, generation: 0 }, first_index: 0, messages, amendments: [], usage: [], facts: {}, state: state(), now: NOW,
    ...fields,
  }
}

export async function addProject(store: Store, name: string) {
  return store.projects.add({ name, path: `/code/${name}`, git_dir: null, now: NOW })
}

/** Registers a session and gives it messages. */
export async function addSession(store: Store, project_id: string, messages: NewMessage[] = [message('hello there')], fields: Partial<NewSession> = {}) {
  const { session } = await store.sessions.register(newSession(project_id, fields), NOW)
  await store.ingest.append(batch(session.id, messages))
  return (await store.sessions.get(session.id)) ?? session
}

/** Reads a session's transcript again, as if it held these messages, in steps of `size`. */
export async function reread(store: Store, session_id: string, messages: NewMessage[], size = 1000): Promise<void> {
  const generation = await store.ingest.beginReread(session_id, NOW)
  for (let first_index = 0; first_index < messages.length; first_index += size) {
    const some = messages.slice(first_index, first_index + size)
    await store.ingest.appendReread(batch(session_id, some, { expected: { byte_offset: 0, generation }, first_index }))
  }
  await store.ingest.finishReread({ session_id, generation, next_index: messages.length, state: state(), now: NOW })
}

/** Runs a module with this Node over the built package, with `store` as what it exports. */
export function runWithStore(code: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const entry = new URL('../dist/index.js', import.meta.url).href
  const child = spawn(process.execPath, ['--input-type=module', '-e', `const { openStore, GobbyError } = await import(${JSON.stringify(entry)});\n${code}`])
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}
