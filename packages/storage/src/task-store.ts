/** Tasks, what they wait for, and what sessions did with them. */
import type { Numbered, Session, Task, TaskAction } from './model.js'

/** What a task is made of. */
export type NewTask = Pick<Task, 'project_id' | 'title' | 'description' | 'type' | 'priority' | 'parent_task_id' | 'labels'>

/** What can be changed of a task. */
export type TaskChange = Partial<Pick<Task, 'title' | 'description' | 'type' | 'priority' | 'assignee' | 'parent_task_id' | 'labels'> & { status: 'open' | 'in_progress' }>

/** Which tasks; what is left out does not narrow it. */
export type TaskFilter = {
  project_id?: string
  status?: Task['status']
  type?: string
  priority?: number
  /** A session’s id, or a name; null: nobody. */
  assignee?: string | null
  parent_task_id?: string
  label?: string
}

/** A place in a list of tasks. */
export type TaskCursor = { closed: boolean } & Pick<Task, 'priority' | 'created_at' | 'seq_num' | 'id'>

/** The questions about tasks; the group `tasks` of the Store. */
export type TaskStore = {
  /** Adds a task with the next number of its project and an id of its own. `session_id` is linked: it discovered the task. */
  create(fields: NewTask, now: string, session_id?: string): Promise<Task>
  get(id: string): Promise<Task | undefined>
  /** The task with this number: of one project, or one for each project that has it. */
  findByNumber(seq_num: number, project_id?: string): Promise<Task[]>
  /** Tasks whose id is `text`, or begins with it (any letter case), at most `limit`. */
  findById(text: string, limit: number): Promise<Task[]>
  /** Closed ones last; then by priority, then the oldest first. */
  list(filter: TaskFilter, limit: number, after?: TaskCursor): Promise<Task[]>
  /** How many there are of each status. */
  counts(project_id?: string): Promise<Record<Task['status'], number>>
  /** What a task waits for, what waits for it, and what is below it: of each the first `limit`, in the order of `list`, and how many there are. */
  around(id: string, limit: number): Promise<Record<'depends_on' | 'dependents' | 'children', { tasks: Task[]; count: number }>>
  /**
   * Changes what is given; a status opens a closed task again, and `open` takes it from who had it.
   * @throws GobbyError `conflict` when the parent would be the task itself, or below it
   */
  update(id: string, fields: TaskChange, now: string): Promise<Task | undefined>
  /** Closes a task that is not closed yet. `session_id` is linked: it closed the task. */
  close(
    id: string,
    end: { closed_reason: string | null; closed_commit_sha: string | null; session_id?: string },
    now: string,
  ): Promise<{ task: Task; closed: boolean } | undefined>
  /** Deletes tasks with their links. What waited for them waits no longer, what was below them has no parent. */
  delete(ids: string[], now: string): Promise<Task[]>
  /**
   * Gives a task to a session, when nobody else has it and it is neither closed nor blocked; the session is linked.
   * `outcome` says what stood in the way, `held_since` since when the session that has it does.
   */
  claim(
    id: string,
    session_id: string,
    now: string,
  ): Promise<{ task: Task; outcome: 'claimed' | 'already' | 'held' | 'blocked' | 'closed'; held_since: string | null } | undefined>
  /**
   * Lets a task wait for another one.
   * @returns false when it does so already
   * @throws GobbyError `conflict` with the path, when the other one waits for it, itself or through others
   */
  addDependency(id: string, depends_on_id: string, now: string): Promise<boolean>
  /** @returns false when there was none */
  removeDependency(id: string, depends_on_id: string, now: string): Promise<boolean>
  /**
   * Notes what a session did with a task; what is noted already keeps its time.
   * @throws GobbyError `not_found` when one of them was deleted meanwhile
   */
  link(link: { task_id: string; session_id: string; action: TaskAction }, now: string): Promise<{ link_created_at: string; created: boolean }>
  /** The newest link first. */
  ofSession(session_id: string): Promise<{ task: Task; action: TaskAction; link_created_at: string }[]>
  /** The newest link first. */
  sessionsOf(task_id: string): Promise<{ session: Session; parent: Numbered | null; action: TaskAction; link_created_at: string }[]>
}
