import { closeTask } from '@gobby/tasks'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { taskReport } from '../../print/task-list.js'

const fields = { reason: 'reason', commit: 'commit_sha', session: 'session_id' } as const

export default class TaskClose extends GobbyCommand {
  static override summary = 'Close a task that is done, or will not be done.'
  static override description = 'Called from within a session, the session is linked: it closed the task. What waited for this one goes on.'
  static override examples = ['<%= config.bin %> <%= command.id %> 3', '<%= config.bin %> <%= command.id %> 3 --reason "oiled it" --commit 3fa91c2']
  static override args = { ref: refArg(closeTask, 'task_id') }
  static override flags = { ...flagsOf(closeTask, fields), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskClose)
    const answer = await this.answer(closeTask, inputOf(closeTask, fields, flags, { task_id: args.ref }, { task_id: '<ref>' }), flags)
    if (flags.json) return this.printJson(answer)
    this.print(taskReport('Closed', answer, this.screen, answer.linked_session === null ? '' : `By session ${answer.linked_session}.`))
  }
}
