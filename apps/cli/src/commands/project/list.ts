import { listAllProjects } from '@gobby/sessions/operations'
import { GobbyCommand, json } from '../../command.js'
import { projectList } from '../../print/project-list.js'

export default class ProjectList extends GobbyCommand {
  static override summary = 'List the projects known, the newest activity first.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { json }

  async run(): Promise<void> {
    const { flags } = await this.parse(ProjectList)
    const answer = await this.answer(listAllProjects, {})
    if (flags.json) return this.printJson(answer)
    if (answer.count === 0) return this.say('No projects are known yet. Take in what your CLIs have written: gobby session sync')
    this.print(projectList(answer.projects, { screen: this.screen, now: (await this.context()).now() }))
  }
}
