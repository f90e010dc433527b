import { getTask } from '@gobby/tasks'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { inputOf } from '../../flags.js'
import { taskView } from '../../print/task.js'

export default class TaskShow extends GobbyCommand {
  static override summary = 'Show everything about one task.'
  static override description = 'Its fields, what it waits for and what waits for it, its parts, and the sessions that worked on it.'
  static override examples = ['<%= config.bin %> <%= command.id %> 3', "<%= config.bin %> <%= command.id %> 'orchard#3' --json"]
  static override args = { ref: refArg(getTask, 'task_id') }
  static override flags = { project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskShow)
    const answer = await this.answer(getTask, inputOf(getTask, {}, flags, { task_id: args.ref }), flags)
    if (flags.json) return this.printJson(answer)
    this.print(taskView(answer, { screen: this.screen, now: (await this.context()).now() }))
  }
}
