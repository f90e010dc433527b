import { addDependency } from '@gobby/tasks'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { taskReport } from '../../print/task-list.js'

const fields = { by: 'depends_on' } as const

export default class TaskBlock extends GobbyCommand {
  static override summary = 'Let a task wait for another one.'
  static override description = 'It shows as blocked until that one is closed. What would go round in a circle is refused.'
  static override examples = ['<%= config.bin %> <%= command.id %> 3 --by 5']
  static override args = { ref: refArg(addDependency, 'task_id') }
  static override flags = { ...flagsOf(addDependency, fields), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskBlock)
    const answer = await this.answer(addDependency, inputOf(addDependency, fields, flags, { task_id: args.ref }, { task_id: '<ref>' }), flags)
    if (flags.json) return this.printJson(answer)
    this.print(taskReport(answer.added ? 'Waits now:' : 'Waited for that one before:', answer, this.screen, answer.blocked_by.length > 0 ? `For ${answer.blocked_by.join(', ')}.` : ''))
  }
}
