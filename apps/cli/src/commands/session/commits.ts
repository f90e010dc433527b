import { getSessionCommits } from '@gobby/sessions/operations'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { localTime } from '../../print/quantities.js'
import { table } from '../../print/table.js'

const fields = { max: 'max_commits' } as const

export default class SessionCommits extends GobbyCommand {
  static override summary = 'List the commits of a session, the newest first.'
  static override description =
    'certain: printed by the session and found by git. likely: in the reflog of its worktree at the time. reported: printed, but in no repository here. candidate: only the date fits.'
  static override examples = ['<%= config.bin %> <%= command.id %> 3']
  static override args = { ref: refArg(getSessionCommits, 'session_id') }
  static override flags = { ...flagsOf(getSessionCommits, fields), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionCommits)
    const input = inputOf(getSessionCommits, fields, flags, { session_id: args.ref })
    const answer = await this.answer(getSessionCommits, input, flags)
    if (flags.json) return this.printJson(answer)
    if (answer.reason) this.say(answer.reason)
    if (answer.count === 0) return this.say(`No commits of ${answer.ref} are known.`)
    this.print(
      table(
        answer.commits,
        [
          { head: 'COMMIT', value: ({ hash }) => hash, shown: ({ hash }) => hash?.slice(0, 9) ?? '?' },
          { head: 'CERTAINTY', value: ({ certainty }) => certainty },
          { head: 'WHEN', value: ({ timestamp }) => timestamp, shown: ({ timestamp }) => (timestamp ? localTime(timestamp) : ''), spare: true },
          { head: 'BRANCH', value: ({ branch }) => branch, spare: true },
          { head: 'MESSAGE', value: ({ message }) => message },
        ],
        this.screen,
      ),
    )
    this.sayIfFull(getSessionCommits, fields, 'max', input, answer.count)
  }
}
