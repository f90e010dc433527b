/**
 * Every question that may be asked of the database. `openStore` gives one of these; which engine is behind it shows
 * nowhere. A transaction is one method: none crosses this border, and none contains an `await`.
 *
 * Errors: a method throws `GobbyError` `busy` when another process holds the database for more than 5 seconds, and
 * `unavailable` when the file cannot be read or written (full disk, read-only, damaged). "Not there" is `undefined`.
 */
import type { Action, Change, Commit, Handoff, Message, Project, Relation, Role, Run, Session, Status, Tokens } from './model.js'
import type { TaskStore } from './task-store.js'

/** The place of a reader in a transcript file, and what the file looked like then. */
export type IngestState = {
  path: string
  /** Bytes read and stored. In a compressed file: bytes after decompression. */
  byte_offset: number
  size: number
  mtime_ms: number
  inode: number
  /** sha256 of the first 4 KiB, and of the last 4 KiB before `offset`: a file that was replaced shows here. */
  head_hash: string
  tail_hash: string
  parser_version: number
  /** What the parser must remember between two reads; the parser's own business. */
  parser_state: unknown
  /** Lines passed over, by reason; and where the first hundred of them stand. */
  skipped_reasons: Record<string, number>
  skipped_at: SkippedLine[]
}

/** A line that could not be read. `offset` and `length` in bytes. */
export type SkippedLine = { offset: number; length: number; reason: string }

/** What a transcript says about its session. `undefined` leaves the stored value as it is. */
export type SessionFacts = {
  cwd?: string
  git_branch?: string
  model?: string
  title?: string
  /** The start of the session; counts with the first step of a transcript only. */
  started_at?: string
  last_activity_at?: string
  /** Ids of lines that a fork of this session would begin with. */
  marks?: string[]
}

/** A message on its way in. */
export type NewMessage = Omit<Message, 'message_index' | 'tool_input'> & {
  /** JSON text, or null. */
  tool_input: string | null
  /** A prompt of the person: counts as a turn. */
  is_prompt: boolean
  /** Written by a sub-agent inside its parent's own transcript (an older layout of one CLI). */
  is_sidechain: boolean
  /** False for text that a hook or the CLI injected: it is kept, and never found by search. */
  searchable: boolean
  /** What the source reported beyond the call itself (files really changed, exit status). */
  actions: Action[] | null
}

/** Tokens of one API message. Written again under the same key, the larger count of each kind stands. */
export type ApiUsage = Tokens & { key: string; model: string; timestamp: string | null }

/** What a session is registered with. */
export type NewSession = {
  external_id: string
  source: string
  project_id: string
  machine_id: string
  transcript_path: string | null
  parent_session_id: string | null
  relation: Relation | null
  agent_depth: number
  created_at: string
  last_activity_at: string
  status: Status
  cwd: string | null
  git_branch: string | null
  model: string | null
  title: string | null
}

/** One step of reading a transcript; written whole or not at all. */
export type IngestBatch = {
  session_id: string
  /** Where this step began. When the stored state is elsewhere, another process reads the same file: nothing is written. */
  expected: { byte_offset: number; generation: number }
  /** The `message_index` of the first message. */
  first_index: number
  messages: NewMessage[]
  amendments: { message_index: number; actions: Action[] }[]
  usage: ApiUsage[]
  facts: SessionFacts
  /** The place after this step. While a transcript is read again (see `beginReread`) it is kept back until the end. */
  state: IngestState
  now: string
}

/** What `ingest.state` remembers of a transcript. */
export type StoredIngestState = IngestState & {
  session_id: string
  next_index: number
  /** How often the transcript was found rewritten. */
  generation: number
}

/** What is known of a file without opening it. */
export type KnownFile = {
  /** Null for a file that was looked into and passed over; `reason` says why. */
  session_id: string | null
  source: string | null
  reason: string | null
  size: number
  mtime_ms: number
  inode: number
  parser_version: number
}

/** A file that was looked into and holds no session of its own. `size` in bytes. */
export type SkippedFile = { path: string; size: number; mtime_ms: number; inode: number; reason: string }

/** Which sessions a question is about; what is left out does not narrow it. */
export type SessionFilter = {
  project_id?: string
  status?: Status
  source?: string
  /** Instants: active from this one on, and not any more from that one. */
  since?: string
  until?: string
  include_subagents?: boolean
  /** Sessions that ended without a single prompt. */
  include_empty?: boolean
}

/** A place in a list that is ordered by last activity, newest first. */
export type ListCursor = { last_activity_at: string; id: string }

/** Which messages of a session. */
export type MessageFilter = { role?: Role; content_type?: Message['content_type']; tool_name?: string }

/** Where to search; what is left out does not narrow it. */
export type SearchFilter = {
  project_id?: string
  session_id?: string
  source?: string
  role?: Role
  tool_name?: string
  /** Instants: from this one on, and before that one. */
  since?: string
  until?: string
}

/** A message that was found, with its session. */
export type SearchHit = Pick<Message, 'message_index' | 'role' | 'content_type' | 'tool_name' | 'timestamp'> & {
  session: Session
  /** About 160 characters around the hit; the found words stand between `MARK_START` and `MARK_END`. */
  snippet: string
  /** Larger is better. */
  score: number
}

/** Counts over sessions. */
export type Stats = {
  total: number
  by_status: Record<Status, number>
  by_source: Record<string, number>
  messages: number
  tool_calls: number
  tokens: Tokens & { by_model: Record<string, Tokens> }
  /** One row for each day, in the time zone asked for, on which a session began or tokens were used; oldest first. */
  by_day: (Tokens & { day: string; sessions: number })[]
}

/** The open database. Made by `openStore`; safe to use from several places at once. */
export type Store = {
  /** The address given to `openStore`. */
  url: string

  projects: {
    get(id: string): Promise<Project | undefined>
    getByName(name: string): Promise<Project | undefined>
    getByPath(path: string): Promise<Project | undefined>
    getByGitDir(git_dir: string): Promise<Project | undefined>
    /** All, newest activity first, with what they hold (sub-agents and empty sessions not counted). */
    list(): Promise<(Project & { session_count: number; last_activity_at: string | null })[]>
    /** Adds a project. A name that is taken gets `-2`, `-3`, …; an id, path or git_dir that is there gives that project. */
    add(fields: Pick<Project, 'name' | 'path' | 'git_dir'> & { id?: string; now: string }): Promise<Project>
    update(id: string, fields: Partial<Pick<Project, 'name' | 'path' | 'git_dir'>> & { now: string }): Promise<Project>
  }

  sessions: {
    get(id: string): Promise<Session | undefined>
    /** The session with this number: of one project, or one for each project that has it. */
    findByNumber(seq_num: number, project_id?: string): Promise<Session[]>
    /** Sessions whose id or external id is `text`, or begins with it (any letter case), at most `limit`. */
    findById(text: string, limit: number): Promise<Session[]>
    findByExternalId(source: string, external_id: string): Promise<Session | undefined>
    /** The session whose transcript had this line first: what a fork came from. */
    findByMark(source: string, mark: string): Promise<Session | undefined>
    /** Adds the session with the next number of its project, or gives the one that is there; never both by two callers. */
    register(fields: NewSession, now: string, actor?: string): Promise<{ session: Session; created: boolean }>
    /** Notes what a hook told of a session. The clock only goes forward; a title or transcript that is there stays. */
    heard(
      id: string,
      told: { event: string; at: string; now: string; title?: string; model?: string; transcript_path?: string; prompt?: boolean },
    ): Promise<Session | undefined>
    /** Keeps a session from being handed on by itself, or takes that back (null). */
    setStopReason(id: string, stop_reason: string | null, now: string): Promise<void>
    /** Gives a session another title. */
    setTitle(id: string, title: string, now: string): Promise<void>
    /** Gives a session a summary in markdown, in place of the one it had. */
    setSummary(id: string, summary_markdown: string, now: string): Promise<void>
    /** Newest activity first. */
    list(filter: SessionFilter, limit: number, after?: ListCursor): Promise<Session[]>
    children(id: string): Promise<Session[]>
    /** Other sessions of a project, sub-agents left out, that were at work at some time between two instants. */
    livedBetween(project_id: string, from: string, to: string): Promise<Session[]>
    stats(filter: Omit<SessionFilter, 'until'>, timezone: string): Promise<Stats>
    /** The first part of the same, which takes a moment only. */
    counts(filter: SessionFilter): Promise<Pick<Stats, 'total' | 'by_status' | 'by_source' | 'messages' | 'tool_calls'>>
    usageByModel(id: string): Promise<Record<string, Tokens>>
    /**
     * Moves a session along: only when its status is one of `from`, together with the audit row.
     * @returns whether it moved
     */
    setStatus(id: string, from: readonly Status[], to: Status, change: { reason: string; actor: string; now: string }): Promise<boolean>
    /** Sessions of these statuses whose last activity lies before `before`: what a sweep has to look at. */
    quietSince(before: string, from: readonly Status[]): Promise<{ id: string; last_activity_at: string }[]>
    /** Sessions that are `handoff_ready` though their newest handoff was received, or is older than `before`. */
    staleHandoffs(before: string): Promise<string[]>
    /** Links a session with the one it came from. A parent that is set stays. */
    setParent(id: string, parent_session_id: string, relation: Relation): Promise<void>
    /**
     * Deletes sessions, their sub-agents and all that belongs to them, in transactions of well under 200 ms, and
     * remembers their transcripts. Other children lose their parent, tasks stay.
     * @returns the deleted sessions
     */
    delete(ids: string[], now: string): Promise<Session[]>
  }

  messages: {
    /** In order of `message_index`; `total` counts all that the filter matches. `tail` takes the last instead of the first. */
    list(
      session_id: string,
      filter: MessageFilter,
      page: { limit: number; offset: number; tail?: boolean },
    ): Promise<{ messages: Message[]; total: number }>
    /** How many vanished from the session's transcript, and are kept. */
    superseded(session_id: string): Promise<number>
    /** Calls by tool name, the most used first. */
    tools(session_id: string): Promise<Record<string, number>>
    /** What an analysis reads of a session, in order: everything but long texts. */
    steps(session_id: string): Promise<Step[]>
    /** The outputs of some `tool_result` messages, by `message_index`. */
    results(session_id: string, message_indexes: number[]): Promise<Map<number, string>>
  }

  search: {
    /**
     * Full text over texts, thinking, tool inputs and tool results. Beyond 100,000 hits only the newest 100,000 are
     * ranked; `newest` orders by time and looks at all.
     * @throws GobbyError `invalid` when the query has nothing to search for (only negatives, or empty)
     */
    find(query: string, filter: SearchFilter, options: { sort: 'relevance' | 'newest'; limit: number }): Promise<SearchHit[]>
    /** Whether the index is sound and complete. */
    check(): Promise<boolean>
  }

  ingest: {
    /**
     * Every file known, by path: transcripts, and files that were passed over.
     * @param readers who reads files, and in which version; when they change, what was passed over is forgotten
     */
    knownFiles(readers: string): Promise<Map<string, KnownFile>>
    state(session_id: string): Promise<StoredIngestState | undefined>
    /** Writes one step: messages, search index, counters and place in one transaction. False: another process was faster. */
    append(batch: IngestBatch): Promise<boolean>
    /**
     * Starts reading a transcript again from its first byte, because it was rewritten or the parser changed. Until
     * `finishReread`, `appendReread` takes the steps: messages that are stored already are left (or put back in their
     * place), those that are not there any more are kept and marked superseded. A reread that is cut off starts anew.
     * @returns the generation to give to both; 0 when the session is not there any more, and they will write nothing
     */
    beginReread(session_id: string, now: string): Promise<number>
    appendReread(batch: IngestBatch): Promise<boolean>
    /** The transcript ends at `next_index`: what is stored beyond is superseded, and everything is counted anew. */
    finishReread(end: { session_id: string; generation: number; next_index: number; state: IngestState; now: string }): Promise<boolean>
    /** Notes that the file was looked at and has nothing new (its times may have changed). */
    touch(session_id: string, file: Pick<IngestState, 'path' | 'size' | 'mtime_ms' | 'inode'>): Promise<void>
    rememberSkipped(files: SkippedFile[]): Promise<void>
    /** The transcripts of deleted sessions: key `source external_id`; `size` is as far as the file was known then. */
    deleted(): Promise<Map<string, { size: number; path: string | null; deleted_at: string }>>
    forgetDeleted(source: string, external_id: string): Promise<void>
    /** Completes deletions that were cut off. */
    finishDeletes(now: string): Promise<void>
  }

  handoffs: {
    /**
     * Keeps a handoff: the record, its mirror in the session and the session's status (one that has ended becomes
     * `handoff_ready`) in one transaction. The facts of the session's newest handoff again give that one. What was kept
     * last is the newest, whatever `now` says.
     *
     * @param only `after`: the session's newest as it was when these facts were looked for, null for none; when there is
     *   another, or it was received meanwhile, that one is given as `overtaken`, and nothing is kept.
     *   `unless_delivered_since`: when a handoff of the session was received at or after this instant, that one is given
     *   and nothing is kept: the session's end has been handed over already
     */
    add(
      fields: Omit<Handoff, 'id' | 'created_at' | 'delivered_to'>,
      now: string,
      only?: { after?: Pick<Handoff, 'id' | 'delivered_to'> | null; unless_delivered_since?: string | undefined },
    ): Promise<{ handoff: Handoff; created: boolean; overtaken?: boolean }>
    /**
     * Gives a handoff to a session, once: of `from`, its newest; else the newest that a person or an agent made in
     * `project_id` since `since`, of a session that is not marked as completed. In the same transaction the receiver gets
     * its parent, and a parent that was `handoff_ready` expires. Undefined when there is none, or another was faster.
     */
    claim(claim: { to: string; now: string } & ({ from: string } | { project_id: string; since: string })): Promise<{ handoff: Handoff; parent: Session } | undefined>
    get(id: string): Promise<Handoff | undefined>
    newest(session_id: string): Promise<Handoff | undefined>
    /** The newest of a project (or of all), one that nobody received yet before others. */
    newestOfProject(project_id: string | undefined): Promise<Handoff | undefined>
    /** All of a session, the newest first, without their contents. */
    ofSession(session_id: string): Promise<Pick<Handoff, 'id' | 'created_at' | 'made_by'>[]>
  }

  commits: {
    /** Replaces what is known of a session's commits. */
    put(session_id: string, commits: Commit[]): Promise<void>
    ofSession(session_id: string): Promise<Commit[]>
    /** Sessions with a commit whose hash begins with `hash`, or whose printed hash `hash` begins with. */
    findByHash(hash: string): Promise<{ session: Session; commit: Commit }[]>
  }

  tasks: TaskStore

  /** The processes that run sessions, as hooks told them. */
  runs: {
    get(session_id: string): Promise<Run | undefined>
    /** A session begins to run in a process, or goes on there. */
    enter(run: Pick<Run, 'session_id' | 'pid' | 'process_start' | 'terminal'>, now: string): Promise<void>
    leave(session_id: string, reason: string, now: string): Promise<void>
    /** Of every process that is not known to have ended its session; with the session's status. */
    open(): Promise<(Run & { status: Status })[]>
    /** All runs under this pid, the one seen last first. */
    ofPid(pid: number): Promise<Run[]>
    /** Runs of a project that ended since an instant for this reason, the latest end first. */
    endedSince(project_id: string, reason: string, since: string): Promise<Run[]>
    /** The next prompt of the session is to be given this handoff; null: none. */
    owe(session_id: string, handoff_id: string | null): Promise<void>
    /** Takes what is owed: one caller gets it. */
    takeOwed(session_id: string): Promise<string | undefined>
  }

  /** What arrived from hooks. */
  hooks: {
    /** @param ms from the start of the hook's process to this call */
    count(event: { source: string; event: string; known: boolean; ms: number; now: string }): Promise<void>
    /** Whether something that is done now and then is due: true for one caller in `every_ms` milliseconds. */
    isDue(name: string, every_ms: number, now: string): Promise<boolean>
    list(): Promise<{ source: string; event: string; known: boolean; count: number; last_at: string; last_ms: number; worst_ms: number }[]>
  }

  /** What changed, in order; kept for 24 hours, and at most 100,000 of them. */
  changes: {
    /** Those after a place, the oldest first. */
    after(id: number, limit: number): Promise<Change[]>
    /** The oldest that is kept and the newest, 0 when there is none. */
    range(): Promise<{ first: number; last: number }>
    /** Forgets what is too old or too many. */
    trim(now: string): Promise<void>
  }

  /** Another text after every change of the database, whoever made it; within this process: a cheap way to learn that nothing changed. */
  version(): Promise<string>
  /** What is wrong with the database file, in the engine's words; empty when it is sound. Reads the whole file. */
  check(): Promise<string[]>
  /** What the database file is like. Sizes in bytes. */
  info(): Promise<{ path: string; size: number; wal_size: number; version: number; sessions: number; messages: number }>
  close(): Promise<void>
}

/** A message as an analysis reads it. */
export type Step = Pick<Message, 'message_index' | 'role' | 'content_type' | 'tool_name' | 'tool_use_id' | 'is_error' | 'timestamp'> & {
  is_prompt: boolean
  is_sidechain: boolean
  actions: Action[] | null
  /** The arguments of a `tool_use`. */
  tool_input: unknown
  /** The whole text of a prompt, the first 300 characters of a `system` message, else empty. */
  content: string
}
