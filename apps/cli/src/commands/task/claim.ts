import { claimTask } from '@gobby/tasks'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { taskReport } from '../../print/task-list.js'

const fields = { session: 'session_id' } as const

export default class TaskClaim extends GobbyCommand {
  static override summary = 'Take a task on for a session, so that no other one does.'
  static override description =
    "For --session, else for your own session where it can be known, else for the project's most recent one that is active or paused. It is then the active task of its handoff."
  static override examples = ['<%= config.bin %> <%= command.id %> 3', '<%= config.bin %> <%= command.id %> 3 --session 12']
  static override args = { ref: refArg(claimTask, 'task_id') }
  static override flags = { ...flagsOf(claimTask, fields), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskClaim)
    const answer = await this.answer(claimTask, inputOf(claimTask, fields, flags, { task_id: args.ref }, { task_id: '<ref>' }), flags)
    if (flags.json) return this.printJson(answer)
    this.print(taskReport('Claimed', answer, this.screen, `For session ${answer.linked_session}${answer.claimed ? '' : ', which had it before'}.`))
  }
}
