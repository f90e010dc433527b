import { updateTask } from '@gobby/tasks'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { taskReport } from '../../print/task-list.js'

const fields = {
  title: 'title',
  description: 'description',
  type: 'type',
  priority: 'priority',
  status: 'status',
  assignee: 'assignee',
  parent: 'parent_task_id',
  labels: 'labels',
} as const

export default class TaskUpdate extends GobbyCommand {
  static override summary = 'Change a task, or open it again.'
  static override examples = ['<%= config.bin %> <%= command.id %> 3 --priority 1', "<%= config.bin %> <%= command.id %> 3 --status open --assignee ''"]
  static override args = { ref: refArg(updateTask, 'task_id') }
  static override flags = { ...flagsOf(updateTask, fields), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskUpdate)
    const answer = await this.answer(updateTask, inputOf(updateTask, fields, flags, { task_id: args.ref }, { task_id: '<ref>' }), flags)
    if (flags.json) return this.printJson(answer)
    this.print(taskReport('Changed', answer, this.screen))
  }
}
