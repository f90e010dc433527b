import { createTask } from '@gobby/tasks'
import * as Args from '@oclif/core/args'
import { GobbyCommand, json, project, scope } from '../../command.js'
import { describe, flagsOf, inputOf } from '../../flags.js'
import { taskReport } from '../../print/task-list.js'

const fields = { description: 'description', type: 'type', priority: 'priority', parent: 'parent_task_id', labels: 'labels', session: 'session_id' } as const

export default class TaskCreate extends GobbyCommand {
  static override summary = 'Note a task.'
  static override description = 'In the project you are in. Called from within a session, the session is linked: it discovered the task.'
  static override examples = ['<%= config.bin %> <%= command.id %> Oil the garden gate', '<%= config.bin %> <%= command.id %> "It still squeaks" --type bug --priority 1 --labels garden,metal']
  static override args = { title: Args.string({ required: true, multiple: true, ignoreStdin: true, description: describe(createTask.input.shape.title) }) }
  static override flags = { ...flagsOf(createTask, fields), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskCreate)
    const input = inputOf(createTask, fields, flags, { title: [args.title].flat().join(' '), ...scope(flags) }, { title: 'The title' })
    const answer = await this.answer(createTask, input, flags)
    if (flags.json) return this.printJson(answer)
    this.print(taskReport('Created', answer, this.screen, answer.linked_session === null ? '' : `Discovered in session ${answer.linked_session}.`))
  }
}
