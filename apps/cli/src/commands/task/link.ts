import { linkTaskToSession } from '@gobby/tasks'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { table } from '../../print/table.js'

const fields = { session: 'session_id', action: 'action' } as const

export default class TaskLink extends GobbyCommand {
  static override summary = 'Note that a session worked on a task, discovered or mentioned it.'
  static override description = "For --session, else for your own session where it can be known, else for the project's most recent one that is active or paused."
  static override examples = ['<%= config.bin %> <%= command.id %> 3 --session 12', '<%= config.bin %> <%= command.id %> 3 --session 12 --action mentioned']
  static override args = { ref: refArg(linkTaskToSession, 'task_id') }
  static override flags = { ...flagsOf(linkTaskToSession, fields), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskLink)
    const answer = await this.answer(linkTaskToSession, inputOf(linkTaskToSession, fields, flags, { task_id: args.ref }, { task_id: '<ref>' }), flags)
    if (flags.json) return this.printJson(answer)
    const { ref, action, session_ref, created, link_created_at } = answer
    if (this.screen.terminal) return this.print(`${created ? 'Linked' : 'Linked before:'} task ${ref}, ${action} by session ${session_ref}.\n`)
    const columns = [ref, action, session_ref, link_created_at].map((value) => ({ head: '', value: () => value }))
    this.print(table([answer], columns, this.screen))
  }
}
