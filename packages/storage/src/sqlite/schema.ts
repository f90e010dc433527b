/** The tables, for drizzle-kit, which makes the migrations of them; and for those who query the file themselves. */
import { sql } from 'drizzle-orm'
import { type AnySQLiteColumn, check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { certainties, evidences, makers, relations, statuses, taskActions, taskStatuses } from '../words.js'

/** A check that a column holds one of these words. */
const within = (column: string, words: readonly string[]) => sql.raw(`${column} IN (${words.map((word) => `'${word}'`).join(', ')})`)

export const projects = sqliteTable('projects', {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  path: text(),
  created_at: text().notNull(),
  updated_at: text().notNull(),
  git_dir: text(),
}, (t) => [index('idx_projects_path').on(t.path), index('idx_projects_git_dir').on(t.git_dir)])

/** The last number given out, per project and kind of record (`session`, `task`), or for the whole database (scope ``). */
export const counters = sqliteTable(
  'counters',
  { scope: text().notNull(), kind: text().notNull(), value: integer().notNull() },
  (t) => [primaryKey({ columns: [t.scope, t.kind] })],
)

export const sessions = sqliteTable(
  'sessions',
  {
    id: text().primaryKey(),
    external_id: text().notNull(),
    source: text().notNull(),
    machine_id: text().notNull(),
    project_id: text().notNull().references(() => projects.id),
    seq_num: integer(),
    title: text(),
    status: text({ enum: statuses }).notNull().default('active'),
    cwd: text(),
    git_branch: text(),
    model: text(),
    transcript_path: text(),
    parent_session_id: text().references((): AnySQLiteColumn => sessions.id, { onDelete: 'set null' }),
    agent_depth: integer().notNull().default(0),
    summary_markdown: text(),
    compact_markdown: text(),
    created_at: text().notNull(),
    updated_at: text().notNull(),
    last_activity_at: text().notNull(),
    ended_at: text(),
    /** Stands in the high bits of the ids of its messages, so that a message's id alone tells the session. */
    row_key: integer(),
    relation: text({ enum: relations }),
    message_count: integer().notNull().default(0),
    turn_count: integer().notNull().default(0),
    tool_call_count: integer().notNull().default(0),
    input_tokens: integer().notNull().default(0),
    output_tokens: integer().notNull().default(0),
    cache_read_tokens: integer().notNull().default(0),
    cache_creation_tokens: integer().notNull().default(0),
    skipped_lines: integer().notNull().default(0),
    /** What its hooks told last (`prompt`, `turn_end`, …); null where there are none. */
    last_event: text(),
    /** Set when the session is not to be handed on by itself; a new prompt takes it back. */
    stop_reason: text(),
  },
  (t) => [
    uniqueIndex('idx_sessions_identity').on(t.source, t.external_id),
    uniqueIndex('idx_sessions_seq_num').on(t.project_id, t.seq_num),
    uniqueIndex('idx_sessions_row_key').on(t.row_key),
    index('idx_sessions_parent').on(t.parent_session_id),
    index('idx_sessions_external_id').on(t.external_id),
    index('idx_sessions_project_activity').on(t.project_id, t.last_activity_at, t.id),
    index('idx_sessions_activity').on(t.last_activity_at, t.id),
    check('sessions_status', within('status', statuses)),
  ],
)

export const sessionMessages = sqliteTable(
  'session_messages',
  {
    id: integer().primaryKey(),
    session_id: text().notNull().references(() => sessions.id, { onDelete: 'cascade' }),
    message_index: integer().notNull(),
    role: text().notNull(),
    content_type: text().notNull(),
    tool_name: text(),
    tool_use_id: text(),
    is_error: integer({ mode: 'boolean' }).notNull().default(false),
    is_prompt: integer({ mode: 'boolean' }).notNull().default(false),
    is_sidechain: integer({ mode: 'boolean' }).notNull().default(false),
    searchable: integer({ mode: 'boolean' }).notNull().default(true),
    /** 0, or the number of the rewrite of its transcript in which the message vanished. */
    superseded: integer().notNull().default(0),
    timestamp: text(),
    model: text(),
    actions: text(),
    // What may be long stands last, so that reading the rest of a row never walks its overflow pages.
    content: text().notNull(),
    tool_input: text(),
    tool_result: text(),
  },
  (t) => [
    uniqueIndex('idx_session_messages_place').on(t.session_id, t.superseded, t.message_index),
    index('idx_session_messages_tool_call').on(t.tool_use_id).where(sql`content_type = 'tool_use'`),
  ],
)

export const sessionMessageState = sqliteTable('session_message_state', {
  session_id: text().primaryKey().references(() => sessions.id, { onDelete: 'cascade' }),
  byte_offset: integer().notNull().default(0),
  next_index: integer().notNull().default(0),
  updated_at: text().notNull(),
  path: text(),
  size: integer().notNull().default(-1),
  mtime_ms: integer().notNull().default(0),
  inode: integer().notNull().default(0),
  head_hash: text().notNull().default(''),
  tail_hash: text().notNull().default(''),
  parser_version: integer().notNull().default(0),
  parser_state: text(),
  skipped_reasons: text().notNull().default('{}'),
  skipped_at: text().notNull().default('[]'),
  generation: integer().notNull().default(0),
})

/** Tokens by API message, so that a message written on several lines, or read twice, counts once. */
export const sessionUsage = sqliteTable(
  'session_usage',
  {
    session_id: text().notNull().references(() => sessions.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    model: text().notNull(),
    timestamp: text(),
    input_tokens: integer().notNull(),
    output_tokens: integer().notNull(),
    cache_read_tokens: integer().notNull(),
    cache_creation_tokens: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.session_id, t.key] })],
)

/** Lines that a fork copies (see `SessionFacts.marks`): how a session is known to come from another. */
export const sessionMarks = sqliteTable(
  'session_marks',
  {
    mark: text().notNull(),
    session_id: text().notNull().references(() => sessions.id, { onDelete: 'cascade' }),
  },
  (t) => [primaryKey({ columns: [t.mark, t.session_id] }), index('idx_session_marks_session').on(t.session_id)],
)

/** Every change of a session's status: who, why. */
export const sessionStatusAudit = sqliteTable(
  'session_status_audit',
  {
    id: integer().primaryKey(),
    session_id: text().notNull().references(() => sessions.id, { onDelete: 'cascade' }),
    from_status: text(),
    to_status: text().notNull(),
    reason: text().notNull(),
    actor: text().notNull(),
    created_at: text().notNull(),
  },
  (t) => [index('idx_session_status_audit_session').on(t.session_id)],
)

/** Files that were looked into and hold no session of their own; looked into again when they change. */
export const skippedFiles = sqliteTable('skipped_files', {
  path: text().primaryKey(),
  size: integer().notNull(),
  mtime_ms: integer().notNull(),
  inode: integer().notNull(),
  reason: text().notNull(),
})

/** Sessions that a person deleted, so that a transcript still on disk does not bring them back. */
export const deletedSessions = sqliteTable(
  'deleted_sessions',
  {
    source: text().notNull(),
    external_id: text().notNull(),
    path: text(),
    size: integer().notNull(),
    deleted_at: text().notNull(),
    /** The session's id while its messages are still being deleted. */
    unfinished_session_id: text(),
  },
  (t) => [primaryKey({ columns: [t.source, t.external_id] })],
)

/** What a session left for the next one. A record is never changed; a newer one is added. */
export const handoffs = sqliteTable(
  'handoffs',
  {
    id: text().primaryKey(),
    session_id: text().notNull().references(() => sessions.id, { onDelete: 'cascade' }),
    created_at: text().notNull(),
    made_by: text({ enum: makers }).notNull(),
    notes: text(),
    context: text().notNull(),
    markdown: text().notNull(),
    /** Of context and notes: the same facts make no second record. */
    sha256: text().notNull(),
    masked: integer().notNull().default(0),
  },
  (t) => [
    index('idx_handoffs_session').on(t.session_id, t.created_at),
    check('handoffs_made_by', within('made_by', makers)),
  ],
)

/** Which session received a handoff: the primary key lets it be claimed once. */
export const handoffDeliveries = sqliteTable(
  'handoff_deliveries',
  {
    handoff_id: text().primaryKey().references(() => handoffs.id, { onDelete: 'cascade' }),
    session_id: text().notNull().references(() => sessions.id, { onDelete: 'cascade' }),
    delivered_at: text().notNull(),
  },
  (t) => [index('idx_handoff_deliveries_session').on(t.session_id)],
)

/** Commits of a session, kept because a reflog forgets. */
export const sessionCommits = sqliteTable(
  'session_commits',
  {
    id: integer().primaryKey(),
    session_id: text().notNull().references(() => sessions.id, { onDelete: 'cascade' }),
    /** The full one when verified, as printed when not, null when only the message is known. */
    hash: text(),
    message: text().notNull(),
    timestamp: text(),
    author: text(),
    branch: text(),
    evidence: text({ enum: evidences }).notNull(),
    certainty: text({ enum: certainties }).notNull(),
  },
  (t) => [index('idx_session_commits_session').on(t.session_id), index('idx_session_commits_hash').on(t.hash)],
)

/** The process that runs a session, as its hooks told it: one row per session, of its latest run. */
export const sessionRuns = sqliteTable(
  'session_runs',
  {
    session_id: text().primaryKey().references(() => sessions.id, { onDelete: 'cascade' }),
    pid: integer(),
    /** Tells this process from a later one with the same pid; null where the system does not say. */
    process_start: text(),
    /** The terminal it runs in; null without one. */
    terminal: text(),
    started_at: text().notNull(),
    seen_at: text().notNull(),
    ended_at: text(),
    end_reason: text(),
    /** The handoff that its next prompt is to be given, where the CLI has no start event after a compaction. */
    owed_handoff_id: text().references(() => handoffs.id, { onDelete: 'set null' }),
  },
  (t) => [index('idx_session_runs_pid').on(t.pid)],
)

/** What arrived from hooks, by CLI and by its own name for the event. Times in milliseconds, from the hook's start. */
export const hookEvents = sqliteTable(
  'hook_events',
  {
    source: text().notNull(),
    event: text().notNull(),
    /** False for an event that this gobby has no meaning for. */
    known: integer({ mode: 'boolean' }).notNull(),
    count: integer().notNull(),
    last_at: text().notNull(),
    last_ms: integer().notNull(),
    worst_ms: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.source, t.event] })],
)

/** What changed, written with the change itself: a live stream reads on from any place. Kept for a while. */
export const outbox = sqliteTable(
  'outbox',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    type: text().notNull(),
    created_at: text().notNull(),
    project_id: text(),
    session_id: text(),
    /** What the type adds, as JSON. */
    data: text().notNull(),
  },
  (t) => [index('idx_outbox_created').on(t.created_at)],
)

/** Facts about the database itself. */
export const settings = sqliteTable('settings', { key: text().primaryKey(), value: text().notNull() })

export const tasks = sqliteTable(
  'tasks',
  {
    id: text().primaryKey(),
    project_id: text().notNull().references(() => projects.id),
    seq_num: integer(),
    title: text().notNull(),
    description: text(),
    type: text().notNull().default('task'),
    priority: integer().notNull().default(2),
    status: text({ enum: taskStatuses }).notNull().default('open'),
    assignee: text(),
    parent_task_id: text().references((): AnySQLiteColumn => tasks.id, { onDelete: 'set null' }),
    labels: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
    created_at: text().notNull(),
    updated_at: text().notNull(),
    closed_at: text(),
    closed_reason: text(),
    closed_commit_sha: text(),
  },
  (t) => [
    uniqueIndex('idx_tasks_seq_num').on(t.project_id, t.seq_num),
    index('idx_tasks_project_status').on(t.project_id, t.status),
    // In the order of lists, and with what they are narrowed by: a page is read from the index alone.
    index('idx_tasks_list').on(t.project_id, sql`(status = 'closed')`, t.priority, t.created_at, t.seq_num, t.id, t.status, t.assignee, t.type, t.labels),
    index('idx_tasks_parent').on(t.parent_task_id),
    check('tasks_status', within('status', taskStatuses)),
  ],
)

export const sessionTasks = sqliteTable(
  'session_tasks',
  {
    session_id: text().notNull().references(() => sessions.id, { onDelete: 'cascade' }),
    task_id: text().notNull().references(() => tasks.id, { onDelete: 'cascade' }),
    action: text({ enum: taskActions }).notNull(),
    created_at: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.session_id, t.task_id, t.action] }), index('idx_session_tasks_task').on(t.task_id)],
)

/** A task waits for another one. */
export const taskDependencies = sqliteTable(
  'task_dependencies',
  {
    task_id: text().notNull().references(() => tasks.id, { onDelete: 'cascade' }),
    depends_on_id: text().notNull().references(() => tasks.id, { onDelete: 'cascade' }),
    created_at: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.task_id, t.depends_on_id] }), index('idx_task_dependencies_depends_on').on(t.depends_on_id)],
)
