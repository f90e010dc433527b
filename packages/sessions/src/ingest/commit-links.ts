import type { Commit, NewMessage, Session } from '@gobby/storage'
import { commitsReported, mayCommit, type ShellCall } from '../git/commit-output.js'
import type { Context } from '../context.js'
import { mergedCommits } from '../git/merged-commits.js'
import type { Source } from '../sources/source.js'

/** A line that git prints for a commit; in an output whose call was read long ago, all there is to go by. */
const COMMIT_LINE = /^\[[^\n]{1,200} [0-9a-f]{7,64}\] /m
const LONGEST_OUTPUT = 50_000

/**
 * Gathers the commits that a session's own output tells while its transcript is read: it may be gone by the time
 * somebody asks which session made a commit. Git is not asked; a handoff, or a look at the session's commits, does that.
 */
export class CommitLinks {
  readonly #open = new Map<string, string[]>()
  readonly #calls: ShellCall[] = []
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
  }

  see(messages: NewMessage[]): void {
    for (const message of messages) {
      const { tool_use_id: id, tool_name, tool_input, tool_result } = message
      if (id === null) continue
      if (tool_input !== null && mayCommit(tool_input)) this.#open.set(id, this.#commandsOf(tool_name ?? '', tool_input))
      if (tool_result === null || tool_result.length > LONGEST_OUTPUT) continue
      const commands = this.#open.get(id) ?? (tool_result.startsWith('[') && COMMIT_LINE.test(tool_result) ? ['git commit'] : [])
      this.#open.delete(id)
      for (const command of commands) {
        this.#calls.push({ command, output: tool_result, succeeded: !message.is_error, timestamp: message.timestamp })
      }
    }
  }

  #commandsOf(tool_name: string, tool_input: string): string[] {
    return this.#source
      .actions(tool_name, JSON.parse(tool_input))
      .flatMap(({ kind, command }) => (kind === 'shell' && command && mayCommit(command) ? [command] : []))
  }

  /** Keeps what was gathered, beside what is known already. */
  async save(ctx: Context, session: Pick<Session, 'id'>): Promise<void> {
    const commits = commitsReported(this.#calls).map(
      ({ sha, message, branch, timestamp }): Commit => ({ hash: sha, message, timestamp, author: null, branch, evidence: 'tool_output', certainty: 'reported' }),
    )
    if (commits.length === 0) return
    await ctx.store.commits.put(session.id, mergedCommits(await ctx.store.commits.ofSession(session.id), commits))
  }
}
