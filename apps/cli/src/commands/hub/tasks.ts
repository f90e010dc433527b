import { listCrossProjectTasks } from '@gobby/tasks'
import { GobbyCommand, json } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { taskList } from '../../print/task-list.js'

const fields = { status: 'status', limit: 'limit', cursor: 'cursor' } as const

export default class HubTasks extends GobbyCommand {
  static override summary = 'List the tasks of all projects: the urgent ones first, closed ones last.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --status in_progress']
  static override flags = { ...flagsOf(listCrossProjectTasks, fields), json }

  async run(): Promise<void> {
    const { flags } = await this.parse(HubTasks)
    const answer = await this.answer(listCrossProjectTasks, inputOf(listCrossProjectTasks, fields, flags))
    if (flags.json) return this.printJson(answer)
    if (answer.count === 0) {
      return this.say(flags.cursor ? 'No more tasks.' : flags.status ? 'No task matches. See them all: gobby hub tasks' : 'There are no tasks yet. Note one: gobby task create Oil the garden gate')
    }
    this.print(taskList(answer.tasks, { screen: this.screen, across: true }))
    if (answer.next_cursor) this.sayMore(`More: ${this.again('cursor', answer.next_cursor)}`)
  }
}
