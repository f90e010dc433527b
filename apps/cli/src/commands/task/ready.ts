import { listReadyTasks } from '@gobby/tasks'
import { all, GobbyCommand, json, project, scope } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { taskList } from '../../print/task-list.js'

const fields = { limit: 'limit', cursor: 'cursor' } as const

export default class TaskReady extends GobbyCommand {
  static override summary = 'List what to work on next: open tasks that nobody has and that wait for nothing.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --limit 1 --json']
  static override flags = { ...flagsOf(listReadyTasks, fields), project, all, json }

  async run(): Promise<void> {
    const { flags } = await this.parse(TaskReady)
    const input = inputOf(listReadyTasks, fields, flags, scope(flags))
    const answer = await this.answer(listReadyTasks, input, flags)
    if (flags.json) return this.printJson(answer)
    if (answer.count === 0) return this.say(flags.cursor ? 'No more tasks.' : 'No task is ready. See them all: gobby task list')
    const across = input.project_id === '*' || (await (await this.context()).project()) === undefined
    this.print(taskList(answer.tasks, { screen: this.screen, across }))
    if (answer.next_cursor) this.sayMore(`More: ${this.again('cursor', answer.next_cursor)}`)
  }
}
