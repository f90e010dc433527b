import { GobbyError } from '@gobby/sessions'
import { getHandoffContext } from '@gobby/sessions/operations'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { inputOf } from '../../flags.js'
import { quoteForShell } from '../../print/text.js'

export default class SessionContext extends GobbyCommand {
  static override summary = "Print a session's newest handoff, as the next session reads it."
  static override examples = ['<%= config.bin %> <%= command.id %> 3']
  static override args = { ref: refArg(getHandoffContext, 'session_id') }
  static override flags = { project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionContext)
    const answer = await this.answer(getHandoffContext, inputOf(getHandoffContext, {}, flags, { session_id: args.ref }), flags)
    if (flags.json) return this.printJson(answer)
    if (answer.compact_markdown === null) {
      throw new GobbyError('not_found', `Session ${answer.ref} has no handoff.`, `Make one: gobby session handoff --session ${quoteForShell(args.ref)}${flags.project === undefined ? '' : ` --project ${quoteForShell(flags.project)}`}`)
    }
    this.print(`${answer.compact_markdown.trimEnd()}\n`)
  }
}
