import { listSessions } from '@gobby/sessions/operations'
import { all, GobbyCommand, json, project, scope } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { sessionList } from '../../print/session-list.js'

const fields = {
  status: 'status',
  source: 'source',
  since: 'since',
  until: 'until',
  limit: 'limit',
  cursor: 'cursor',
  subagents: 'include_subagents',
  empty: 'include_empty',
} as const

export default class SessionList extends GobbyCommand {
  static override summary = 'List sessions, the newest activity first.'
  static override description = 'Of the project you are in; outside of any project, and with --all, of all projects.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --all --since 7d', '<%= config.bin %> <%= command.id %> --status active']
  static override flags = { ...flagsOf(listSessions, fields), project, all, json }

  async run(): Promise<void> {
    const { flags } = await this.parse(SessionList)
    const input = inputOf(listSessions, fields, flags, scope(flags))
    const answer = await this.answer(listSessions, input, flags)
    if (flags.json) return this.printJson(answer)
    const ctx = await this.context()
    const across = input.project_id === '*' || (await ctx.project()) === undefined
    if (answer.count === 0) return this.say(await this.whyEmpty(flags, across))
    this.print(sessionList(answer.sessions, { screen: this.screen, now: ctx.now(), across }))
    if (answer.next_cursor) this.sayMore(`More: ${this.again('cursor', answer.next_cursor)}`)
  }

  private async whyEmpty(flags: Partial<Record<keyof typeof fields, unknown>>, across: boolean): Promise<string> {
    if (flags.cursor) return 'No more sessions.'
    if (flags.status || flags.source || flags.since || flags.until) return `No session matches. See them all: gobby session list${across ? ' --all' : ''}`
    const sync = 'Take in what your CLIs have written: gobby session sync'
    return across ? `There are no sessions yet. ${sync}` : `There are no sessions of this project yet. ${sync}\nSee those of all projects: gobby session list --all`
  }
}
