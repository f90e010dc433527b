import { initProject } from '@gobby/sessions/operations'
import { GobbyCommand, json } from '../command.js'
import { flagsOf, inputOf } from '../flags.js'

const fields = { name: 'name' } as const

export default class Init extends GobbyCommand {
  static override summary = 'Make this folder a project, in a file to commit.'
  static override description = 'Writes .gobby/project.json (id and name), so that all clones share the project.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --name orchard']
  static override flags = { ...flagsOf(initProject, fields), json }

  async run(): Promise<void> {
    const { flags } = await this.parse(Init)
    const before = await (await this.context()).project()
    const answer = await this.answer(initProject, inputOf(initProject, fields, flags))
    if (flags.json) return this.printJson(answer)
    const was = flags.name === undefined ? undefined : before?.name
    const renamed = was !== undefined && was !== answer.name ? ` (renamed from ${was})` : ''
    this.print(`Project ${answer.name}${renamed}: ${answer.file} ${answer.created ? 'was written' : 'is there'}.\n`)
    this.suggest('Commit it, and all clones share the project. Its sessions: gobby session list')
  }
}
