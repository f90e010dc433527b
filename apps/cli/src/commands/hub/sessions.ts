import { listCrossProjectSessions } from '@gobby/sessions/operations'
import { GobbyCommand, json } from '../../command.js'
import { flagsOf, inputOf } from '../../flags.js'
import { hubSessions } from '../../print/hub-sessions.js'

const fields = { status: 'status', source: 'source', limit: 'limit', subagents: 'include_subagents', empty: 'include_empty' } as const

export default class HubSessions extends GobbyCommand {
  static override summary = 'List the sessions of all projects, the newest activity first.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --status active']
  static override flags = { ...flagsOf(listCrossProjectSessions, fields), json }

  async run(): Promise<void> {
    const { flags } = await this.parse(HubSessions)
    const input = inputOf(listCrossProjectSessions, fields, flags)
    const answer = await this.answer(listCrossProjectSessions, input)
    if (flags.json) return this.printJson(answer)
    if (answer.count === 0) {
      return this.say(flags.status || flags.source ? 'No session matches. See them all: gobby hub sessions' : 'There are no sessions yet. Take in what your CLIs have written: gobby session sync')
    }
    this.print(hubSessions(answer.sessions, { screen: this.screen, now: (await this.context()).now() }))
    this.sayIfFull(listCrossProjectSessions, fields, 'limit', input, answer.count)
  }
}
