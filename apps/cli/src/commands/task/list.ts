import { listTasks } from '@gobby/tasks'
import { all, GobbyCommand, json, project, scope } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { taskList } from '../../print/task-list.js'

const fields = {
  status: 'status',
  priority: 'priority',
  assignee: 'assignee',
  type: 'type',
  label: 'label',
  parent: 'parent_task_id',
  limit: 'limit',
  cursor: 'cursor',
} as const

export default class TaskList extends GobbyCommand {
  static override summary = 'List tasks: the urgent ones first, closed ones last.'
  static override description = 'Of the project you are in; outside of any project, and with --all, of all projects.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --status blocked', "<%= config.bin %> <%= command.id %> --assignee '#12'"]
  static override flags = { ...flagsOf(listTasks, fields), project, all, json }

  async run(): Promise<void> {
    const { flags } = await this.parse(TaskList)
    const input = inputOf(listTasks, fields, flags, scope(flags))
    const answer = await this.answer(listTasks, input, flags)
    if (flags.json) return this.printJson(answer)
    const across = input.project_id === '*' || (await (await this.context()).project()) === undefined
    if (answer.count === 0) return this.say(this.whyEmpty(flags, across))
    this.print(taskList(answer.tasks, { screen: this.screen, across }))
    if (answer.next_cursor) this.sayMore(`More: ${this.again('cursor', answer.next_cursor)}`)
  }

  private whyEmpty(flags: Partial<Record<keyof typeof fields, string>>, across: boolean): string {
    if (flags.cursor) return 'No more tasks.'
    const narrowed = Object.keys(fields).some((name) => name !== 'limit' && flags[name as keyof typeof fields] !== undefined)
    if (narrowed) return `No task matches. See them all: gobby task list${across ? ' --all' : ''}`
    return `There are no tasks${across ? '' : ' of this project'} yet. Note one: gobby task create Oil the garden gate${across ? '' : '\nSee those of all projects: gobby task list --all'}`
  }
}
