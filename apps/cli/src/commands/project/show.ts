import { getProject } from '@gobby/sessions/operations'
import * as Args from '@oclif/core/args'
import { GobbyCommand, json } from '../../command.js'
import { describe, inputOf } from '../../flags.js'
import { table } from '../../print/table.js'

export default class ProjectShow extends GobbyCommand {
  static override summary = 'Show one project: the one you are in, or the one named.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> orchard']
  static override args = { name: Args.string({ ignoreStdin: true, description: describe(getProject.input.shape.project_id) }) }
  static override flags = { json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ProjectShow)
    const answer = await this.answer(getProject, inputOf(getProject, {}, flags, { project_id: args.name }, { project_id: '<name>' }))
    if (flags.json) return this.printJson(answer)
    const lines = Object.entries(answer)
    this.print(table(lines, [{ head: '', value: ([name]) => name, style: 'dim' }, { head: '', value: ([, value]) => value }], this.screen))
    this.suggest(`\nIts sessions: gobby session list --project ${answer.name}`)
  }
}
