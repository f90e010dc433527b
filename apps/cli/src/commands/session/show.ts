import { getSession } from '@gobby/sessions/operations'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { inputOf } from '../../flags.js'
import { sessionView } from '../../print/session.js'
import { refForShell } from '../../print/text.js'

export default class SessionShow extends GobbyCommand {
  static override summary = 'Show everything about one session.'
  static override description = 'Its fields, parent and children, usage by model, tools used, files touched and skipped lines.'
  static override examples = ['<%= config.bin %> <%= command.id %> 3', "<%= config.bin %> <%= command.id %> 'orchard#3' --json"]
  static override args = { ref: refArg(getSession, 'session_id') }
  static override flags = { project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionShow)
    const answer = await this.answer(getSession, inputOf(getSession, {}, flags, { session_id: args.ref }), flags)
    if (flags.json) return this.printJson(answer)
    const ctx = await this.context()
    this.print(sessionView(answer, { screen: this.screen, now: ctx.now() }))
    this.suggest(`\nRead it: gobby session messages ${refForShell(answer)}`)
  }
}
