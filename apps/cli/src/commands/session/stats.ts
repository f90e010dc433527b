import { sessionStats } from '@gobby/sessions/operations'
import { all, GobbyCommand, json, project, scope } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { statsView } from '../../print/stats.js'

const fields = { since: 'since', subagents: 'include_subagents', empty: 'include_empty' } as const

export default class SessionStats extends GobbyCommand {
  static override summary = 'Count sessions, messages, tool calls and tokens.'
  static override description = 'By status, source, model and day. Of the project you are in; outside of any project, and with --all, of all projects.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --all --since 4w']
  static override flags = { ...flagsOf(sessionStats, fields), project, all, json }

  async run(): Promise<void> {
    const { flags } = await this.parse(SessionStats)
    const answer = await this.answer(sessionStats, inputOf(sessionStats, fields, flags, scope(flags)), flags)
    if (flags.json) return this.printJson(answer)
    this.print(statsView(answer, this.screen))
    if (answer.total > 0) return
    this.say(flags.since ? 'No session was active since then.' : 'There are no sessions to count. Take in what your CLIs have written: gobby session sync')
  }
}
