import { readFileSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { describe, expect, test } from 'vitest'
import { openStore } from '../src/index.ts'
import * as schema from '../src/sqlite/schema.ts'
import { LATEST, migrate, migrationTags, refuseOlder } from '../src/sqlite/migrate.ts'
import { NOW, open, raw, runWithStore, tempFile } from './kit.ts'

const tags = migrationTags()
const older = tags.slice(1).map((_, i) => i + 1)

/** A file as the first `version` migrations leave it, with three projects and every kind of row that can be lost. */
function oldFile(version: number, recorded = true): string {
  const path = tempFile()
  const db = new Database(path)
  db.pragma('foreign_keys = ON')
  migrate(db, version)
  db.exec('BEGIN')
  const projects = ['alpha', 'beta', 'gamma']
  for (const id of projects) db.prepare('INSERT INTO projects (id, name, path, created_at, updated_at) VALUES (?, ?, ?, ?, ?)').run(id, id, `/code/${id}`, NOW, NOW)
  const insert = db.prepare(
    `INSERT INTO sessions (id, external_id, source, machine_id, project_id, seq_num, status, parent_session_id, created_at, updated_at, last_activity_at)
     VALUES (?, ?, 'claude', 'm', ?, ?, 'expired', ?, ?, ?, ?)`,
  )
  const message = db.prepare(
    `INSERT INTO session_messages (id, session_id, message_index, role, content_type, tool_use_id, is_prompt, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  for (let n = 0; n < 30; n++) {
    // Neither in the order of time nor of id, some at the same instant, half of them with a number all over the database.
    const id = `s${(n * 7) % 30}`
    const created = new Date(Date.parse(NOW) - ((n * 11) % 13) * 60_000).toISOString()
    const numbered = version > 1 ? n + 1 : n % 2 === 0 ? 100 - n : null
    insert.run(id, `e${n}`, projects[n % 3], numbered, n > 3 && n % 5 === 0 ? 's0' : null, created, created, created)
    if (version >= 3) db.prepare('UPDATE sessions SET row_key = ? WHERE id = ?').run(n + 1, id)
    for (let i = 0; i < 4; i++) {
      const row = version >= 3 ? (n + 1) * (1 << 24) + i + 1 : n * 4 + i + 1
      message.run(row, id, i, i % 2 ? 'assistant' : 'user', i === 3 ? 'tool_use' : 'text', i === 3 ? `call${n}` : null, i % 2 ? 0 : 1, `word${n} of message ${i}`)
    }
    db.prepare('INSERT INTO session_message_state (session_id, byte_offset, next_index, updated_at) VALUES (?, 100, 4, ?)').run(id, NOW)
  }
  if (version >= 2) {
    for (const id of projects) db.prepare(`INSERT INTO counters VALUES (?, 'session', 30)`).run(id)
    if (version >= 3) db.prepare(`UPDATE counters SET value = 30 WHERE kind = 'row_key'`).run()
  }
  db.prepare(`INSERT INTO tasks (id, project_id, seq_num, title, created_at, updated_at) VALUES ('gt-aaaaaa', 'alpha', 7, 'Task', ?, ?)`).run(NOW, NOW)
  for (const id of ['s0', 's7', 's14']) db.prepare(`INSERT INTO session_tasks VALUES (?, 'gt-aaaaaa', 'claimed', ?)`).run(id, NOW)
  db.exec('COMMIT')
  if (!recorded) db.pragma('user_version = 0')
  db.close()
  return path
}

const counted = (db: Database.Database) =>
  Object.fromEntries(
    ['projects', 'sessions', 'session_messages', 'session_message_state', 'tasks', 'session_tasks'].map((table) => [
      table,
      db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
    ]),
  )

const links = (db: Database.Database) => db.prepare('SELECT id, parent_session_id FROM sessions WHERE parent_session_id IS NOT NULL ORDER BY id').all()
const texts = (db: Database.Database) => db.prepare('SELECT session_id, message_index, content FROM session_messages ORDER BY session_id, message_index').all()

describe.each([...older.map((version) => [version, true] as const), [1, false] as const])('from version %i, recorded: %s', (version, recorded) => {
  test('nothing is lost, everything is numbered and found', async () => {
    const path = oldFile(version, recorded)
    const before = new Database(path)
    const expected = [counted(before), links(before), texts(before)]
    before.close()

    const store = await open(path)
    const db = raw(path)
    expect([counted(db), links(db), texts(db)]).toEqual(expected)
    expect(db.pragma('user_version', { simple: true })).toBe(LATEST)
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(db.pragma('foreign_key_check')).toEqual([])
    expect(db.prepare('SELECT count(*) FROM sessions WHERE seq_num IS NULL OR row_key IS NULL').pluck().get()).toBe(0)
    expect(await store.search.check()).toBe(true)
    expect((await store.search.find('word17 "of message"', {}, { sort: 'relevance', limit: 50 })).map((hit) => hit.message_index).sort()).toEqual([0, 1, 2, 3])
    if (version < 3) expect((await store.sessions.get('s0'))?.message_count).toBe(4)
    for (const project of ['alpha', 'beta', 'gamma']) {
      const { session } = await store.sessions.register(
        { external_id: `new-${project}`, source: 'codex', project_id: project, machine_id: 'm', transcript_path: null, parent_session_id: null, relation: null, agent_depth: 0, created_at: NOW, last_activity_at: NOW, status: 'active', cwd: null, git_branch: null, model: null, title: null },
        NOW,
      )
      expect(session.seq_num).toBe(version === 1 ? 11 : 31)
    }
  })
})

test('numbers count per project from 1, in the order of start and id', async () => {
  const path = oldFile(1)
  await open(path)
  const rows = raw(path).prepare('SELECT project_id, seq_num FROM sessions ORDER BY project_id, created_at, id').all() as { project_id: string; seq_num: number }[]
  for (const project of ['alpha', 'beta', 'gamma']) {
    expect(rows.filter((row) => row.project_id === project).map((row) => row.seq_num)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  }
})

test('a message keeps its session and place in its new id', async () => {
  const path = oldFile(2)
  await open(path)
  const wrong = raw(path).prepare('SELECT count(*) FROM session_messages m JOIN sessions s ON s.id = m.session_id WHERE m.id / 16777216 <> s.row_key OR m.id % 16777216 <> m.message_index + 1')
  expect(wrong.pluck().get()).toBe(0)
})

test('two processes open an old file at once', async () => {
  const path = oldFile(1)
  const results = await Promise.all(Array.from({ length: 4 }, () => runWithStore(`const s = await openStore(${JSON.stringify(path)}); console.log((await s.info()).version, await s.search.check()); await s.close()`)))
  expect(results).toEqual(Array.from({ length: 4 }, () => ({ code: 0, stdout: `${LATEST} true\n`, stderr: '' })))
  const db = raw(path)
  expect(db.prepare(`SELECT count(*) FROM session_messages`).pluck().get()).toBe(120)
  expect(db.prepare(`SELECT count(*) FROM message_search_docsize`).pluck().get()).toBe(120)
})

test('several processes make a new file at once', async () => {
  const path = tempFile()
  const results = await Promise.all(Array.from({ length: 6 }, () => runWithStore(`const s = await openStore(${JSON.stringify(path)}); console.log((await s.info()).version); await s.close()`)))
  expect(results).toEqual(Array.from({ length: 6 }, () => ({ code: 0, stdout: `${LATEST}\n`, stderr: '' })))
})

test('a file that another process makes between two looks at it is no old one', () => {
  const path = tempFile()
  let made = false
  const makeIt = (sql: unknown) => {
    if (made || !String(sql).includes("name = 'session_messages'")) return
    made = true
    const other = new Database(path)
    migrate(other)
    other.close()
  }
  const db = new Database(path, { verbose: makeIt })
  refuseOlder(db, path)
  expect(made).toBe(true)
  expect(db.pragma('user_version', { simple: true })).toBe(LATEST)
  db.close()
})

const make = (sql: string, pragma = '') => () => {
  const path = tempFile()
  const db = new Database(path)
  db.exec(sql)
  if (pragma) db.pragma(pragma)
  db.close()
  return path
}

test.each([
  ['a newer gobby’s', () => {
    const path = oldFile(tags.length)
    const db = new Database(path)
    db.pragma(`user_version = ${LATEST + 1}`)
    db.close()
    return path
  }, /newer gobby/],
  ['another program’s', make('CREATE TABLE t (a); INSERT INTO t VALUES (1)'), /another program/],
  ['another program’s, with a version', make('CREATE TABLE t (a)', 'user_version = 2'), /another program/],
  ['another program’s, with our version', make('CREATE TABLE t (a)', `user_version = ${LATEST}`), /another program/],
  ['another program’s, with a version of its future', make('CREATE TABLE t (a)', 'user_version = 99'), /another program/],
  ['the Python program’s', make('CREATE TABLE schema_version (v); CREATE TABLE sessions (id TEXT, external_id TEXT); CREATE TABLE session_messages (id INTEGER PRIMARY KEY, session_id TEXT, message_index INTEGER, raw_json TEXT)'), /another program/],
])('%s database is refused, and left byte for byte', async (_name, made, message) => {
  const path = made()
  const before = readFileSync(path)
  await expect(openStore(path)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(message) })
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a migration that fails leaves the version before it', () => {
  const path = oldFile(2)
  const db = new Database(path)
  db.exec('CREATE TABLE skipped_files (x)') // in the way of the third
  expect(() => migrate(db)).toThrow(/skipped_files/)
  expect(db.pragma('user_version', { simple: true })).toBe(2)
  expect(db.prepare(`SELECT count(*) FROM sqlite_master WHERE name = 'deleted_sessions'`).pluck().get()).toBe(0)
  db.close()
})

test('the version that needs no look at the journal is the newest', () => expect(LATEST).toBe(tags.length))

test('file and folder are private', async () => {
  const path = tempFile('deep/er/sessions.db')
  await open(path)
  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(path.replace('/sessions.db', '')).mode & 0o777).toBe(0o700)
})

describe('drizzle’s schema is what the migrations make', async () => {
  const path = tempFile()
  await (await openStore(path)).close()
  const db = new Database(path, { readonly: true })
  const tables = Object.values(schema) as SQLiteTable[]

  test('every table', () => {
    const ours = tables.map((table) => getTableConfig(table).name).sort()
    expect(db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'message_search%' AND name NOT LIKE 'sqlite_%' ORDER BY name`).pluck().all()).toEqual(ours)
  })

  test.each(tables.map((table) => [getTableConfig(table).name, table] as const))('%s', (name, table) => {
    const config = getTableConfig(table)
    const keys = new Set([...config.primaryKeys.flatMap((key) => key.columns.map((column) => column.name)), ...config.columns.filter((column) => column.primary).map((column) => column.name)])
    const columns = db.prepare(`SELECT name, lower(type) AS type, "notnull" AS required, pk > 0 AS key FROM pragma_table_info(?) ORDER BY name`).all(name)
    const wanted = config.columns.map((column) => ({ name: column.name, type: column.getSQLType(), required: column.notNull ? 1 : 0, key: keys.has(column.name) ? 1 : 0 }))
    expect(columns).toEqual(wanted.sort((a, b) => (a.name < b.name ? -1 : 1)))

    const indexes = db.prepare(`SELECT name, "unique" FROM pragma_index_list(?) WHERE origin = 'c' AND name NOT LIKE '%_unique' ORDER BY name`).all(name)
    expect(indexes).toEqual(config.indexes.map((index) => ({ name: index.config.name, unique: index.config.unique ? 1 : 0 })).sort((a, b) => (a.name < b.name ? -1 : 1)))

    const references = db.prepare('SELECT "from", "table", lower(on_delete) AS on_delete FROM pragma_foreign_key_list(?) ORDER BY "from"').all(name)
    const meant = config.foreignKeys.map((key) => {
      const { columns, foreignTable } = key.reference()
      return { from: columns[0]?.name, table: getTableConfig(foreignTable).name, on_delete: key.onDelete ?? 'no action' }
    })
    expect(references).toEqual(meant.sort((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1)))
  })
})
