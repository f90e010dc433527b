import { GobbyError } from '@gobby/sessions'
import { deleteTask, getTask } from '@gobby/tasks'
import * as Flags from '@oclif/core/flags'
import { confirmed } from '../../ask.js'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { Ended } from '../../failure.js'
import { inputOf } from '../../flags.js'
import { acrossProjects } from '../../print/task-list.js'
import { counted, fit, harmless, oneLine, quoteForShell } from '../../print/text.js'

export default class TaskDelete extends GobbyCommand {
  static override summary = 'Delete tasks for good, with their links to sessions.'
  static override description = 'What waited for them waits no longer; their parts stay, without a parent. To end a task, close it instead.'
  static override examples = ['<%= config.bin %> <%= command.id %> 3', '<%= config.bin %> <%= command.id %> 3 4 --yes']
  static override args = { ref: refArg(deleteTask, 'task_id', { multiple: true }) }
  static override flags = { yes: Flags.boolean({ char: 'y', description: 'Do not ask' }), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskDelete)
    const refs = [args.ref].flat()
    const input = inputOf(deleteTask, {}, flags, { task_id: refs }, { task_id: '<ref>' })
    if (!flags.yes) await this.ask(refs, flags)
    const answer = await this.answer(deleteTask, input, flags)
    if (flags.json) return this.printJson(answer)
    this.print(this.screen.terminal ? `Deleted ${answer.deleted.join(', ')}.\n` : answer.deleted.map((ref) => `${ref}\n`).join(''))
  }

  private async ask(refs: string[], flags: { project?: string }): Promise<void> {
    const { stdin, stderr } = this.surroundings
    if (!stdin.isTTY || !stderr.isTTY) {
      throw new GobbyError('invalid', 'Deleting asks first, and here is nobody to ask.', `Add --yes: gobby task delete ${refs.map(quoteForShell).join(' ')} --yes`)
    }
    const tasks = new Map((await Promise.all(refs.map((task_id) => this.answer(getTask, { task_id }, flags)))).map((task) => [task.id, task]))
    for (const task of tasks.values()) {
      this.say(fit(`${acrossProjects(task)}  (${counted(task.sessions.length, 'session link')})  ${oneLine(harmless(task.title))}`, this.screen.columns))
    }
    if (await confirmed(`Delete ${tasks.size === 1 ? 'this task' : `these ${tasks.size} tasks`} for good?`, this.surroundings)) return
    this.say('Nothing was deleted.')
    throw new Ended(1)
  }
}
