import { removeDependency } from '@gobby/tasks'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { taskReport } from '../../print/task-list.js'

const fields = { by: 'depends_on' } as const

export default class TaskUnblock extends GobbyCommand {
  static override summary = 'Let a task wait no longer for another one.'
  static override examples = ['<%= config.bin %> <%= command.id %> 3 --by 5']
  static override args = { ref: refArg(removeDependency, 'task_id') }
  static override flags = { ...flagsOf(removeDependency, fields), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskUnblock)
    const answer = await this.answer(removeDependency, inputOf(removeDependency, fields, flags, { task_id: args.ref }, { task_id: '<ref>' }), flags)
    if (flags.json) return this.printJson(answer)
    this.print(taskReport('Waits no longer for that one:', answer, this.screen, answer.blocked_by.length > 0 ? `Still for ${answer.blocked_by.join(', ')}.` : ''))
  }
}
