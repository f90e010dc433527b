import { hubStats } from '@gobby/sessions/operations'
import { GobbyCommand, json } from '../../command.js'
import { hubStatsView } from '../../print/hub-stats.js'

export default class HubStats extends GobbyCommand {
  static override summary = 'Count what gobby keeps on this machine.'
  static override description = 'Projects, sessions by status and source, messages, tasks by status, and the size of the database.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { json }

  async run(): Promise<void> {
    const { flags } = await this.parse(HubStats)
    const answer = await this.answer(hubStats, {})
    if (flags.json) return this.printJson(answer)
    this.print(hubStatsView(answer, { screen: this.screen, now: (await this.context()).now() }))
  }
}
