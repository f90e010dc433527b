import { doctor } from '@gobby/sessions/install'
import { GobbyCommand, json } from '../command.js'
import { Ended } from '../failure.js'
import { installOrigin } from '../install-origin.js'
import { doctorReport } from '../print/doctor-report.js'

export default class Doctor extends GobbyCommand {
  static override summary = 'See whether all is well, and what to do if not.'
  static override description =
    'Looks at each CLI (version, hooks, MCP server, what arrived last), at the database (size, integrity, what is not taken in yet) and at failures of hooks. Ends with 0 if all is well, else with 1.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']
  static override flags = { json }

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor)
    const report = await doctor(installOrigin(this.surroundings))
    if (flags.json) this.printJson(report)
    else this.print(doctorReport(report, this.screen, new Date()))
    if (!report.healthy) throw new Ended(1)
  }
}
