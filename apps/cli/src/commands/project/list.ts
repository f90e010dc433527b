import { listAllProjects } from '@gobby/sessions/operations'
import { GobbyCommand, json } from '../../command.js'
import { ago } from '../../print/quantities.js'
import { table } from '../../print/table.js'

export default class ProjectList extends GobbyCommand {
  static override summary = 'List the projects known, the newest activity first.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { json }

  async run(): Promise<void> {
    const { flags } = await this.parse(ProjectList)
    const answer = await this.answer(listAllProjects, {})
    if (flags.json) return this.printJson(answer)
    if (answer.count === 0) return this.say('No projects are known yet. Take in what your CLIs have written: gobby session sync')
    const now = (await this.context()).now()
    this.print(
      table(
        answer.projects,
        [
          { head: 'NAME', value: ({ name }) => name, style: 'bold' },
          { head: 'SESSIONS', value: ({ session_count }) => session_count, right: true },
          { head: 'WHEN', value: ({ last_activity_at }) => last_activity_at, shown: ({ last_activity_at }) => ago(last_activity_at, now) },
          { head: 'PATH', value: ({ path }) => path },
        ],
        this.screen,
      ),
    )
  }
}
