import { GobbyError } from '@gobby/sessions'
import { findCommitSessions } from '@gobby/sessions/operations'
import * as Args from '@oclif/core/args'
import { GobbyCommand, json } from '../../command.js'
import { describe, inputOf } from '../../flags.js'
import { table } from '../../print/table.js'

export default class SessionByCommit extends GobbyCommand {
  static override summary = 'Find the session that made a commit.'
  static override examples = ['<%= config.bin %> <%= command.id %> 3fa91c2']
  static override args = { sha: Args.string({ required: true, ignoreStdin: true, description: describe(findCommitSessions.input.shape.sha) }) }
  static override flags = { json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionByCommit)
    const answer = await this.answer(findCommitSessions, inputOf(findCommitSessions, {}, flags, { sha: args.sha }, { sha: 'The commit' }))
    if (flags.json) return this.printJson(answer)
    if (answer.count === 0) throw new GobbyError('not_found', `No session is known that made ${answer.sha}.`, 'See what a session committed: gobby session commits 3')
    this.print(
      table(
        answer.sessions,
        [
          { head: 'SESSION', value: ({ ref }) => ref },
          { head: 'CERTAINTY', value: ({ certainty }) => certainty },
          { head: 'PROJECT', value: ({ project: name }) => name },
        ],
        this.screen,
      ),
    )
  }
}
