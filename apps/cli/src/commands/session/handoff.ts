import { createHandoff, getHandoffContext } from '@gobby/sessions/operations'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { describe, flagsOf, inputOf } from '../../flags.js'
import { GobbyCommand, json, project } from '../../command.js'
import { handoffReport } from '../../print/handoff-report.js'
import { refForShell } from '../../print/text.js'

const fields = { session: 'session_id' } as const

export default class SessionHandoff extends GobbyCommand {
  static override summary = 'Hand a session over to the next one, whatever CLI that is.'
  static override description =
    "Keeps its goal, todos, files, commits, git state and last steps as a record and a page. Without --session: your own session where it can be known, else the project's most recent one that is active or paused."
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> "the gate still squeaks" --session 3 --print']
  static override args = { notes: Args.string({ multiple: true, ignoreStdin: true, description: describe(createHandoff.input.shape.notes) }) }
  static override flags = { ...flagsOf(createHandoff, fields), print: Flags.boolean({ description: 'Print the page itself' }), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionHandoff)
    const notes = args.notes === undefined ? undefined : [args.notes].flat().join(' ')
    const input = inputOf(createHandoff, fields, flags, { notes, made_by: 'person' }, { notes: 'The notes' })
    const answer = await this.answer(createHandoff, input, flags)
    if (flags.json) return this.printJson(answer)
    const page = await this.answer(getHandoffContext, { session_id: answer.session_id }, flags)
    const markdown = page.compact_markdown ?? ''
    if (flags.print) return this.print(markdown)
    const ctx = await this.context()
    const session = await ctx.store.sessions.get(answer.session_id)
    const name = session ? refForShell({ project: session.project, ref: answer.ref }) : answer.ref
    this.print(handoffReport(answer, markdown, name))
    this.suggest(`\nRead it: gobby session context ${name}`)
  }
}
