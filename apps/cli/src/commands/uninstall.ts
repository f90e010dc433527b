import { uninstall } from '@gobby/sessions/install'
import { GobbyCommand, json } from '../command.js'
import { Ended } from '../failure.js'
import { installFlags, namesIn, scopeIn } from '../install-flags.js'
import { installOrigin } from '../install-origin.js'
import { installReport } from '../print/install-report.js'

export default class Uninstall extends GobbyCommand {
  static override summary = 'Take gobby out of your coding CLIs.'
  static override description =
    'Files that nobody else wrote since the install are then what they were before, byte for byte; of others only what gobby put in goes. The database stays.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --dry-run']
  static override flags = {
    ...installFlags({
      source: 'Only these CLIs: claude, codex, gemini',
      scope: 'Only your own settings (user), or only those of the project you are in; without it, wherever gobby was put in',
      dry_run: 'Show what would change, and write nothing',
    }),
    json,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Uninstall)
    const report = await uninstall(installOrigin(this.surroundings), { sources: namesIn(flags.source), scope: scopeIn(flags.scope), dry_run: flags['dry-run'] })
    if (flags.json) this.printJson(report)
    else {
      this.print(installReport(report, this.screen))
      if (report.files.length === 0) this.say('Nothing of gobby was found in the settings of your CLIs.')
    }
    if (report.files.some(({ outcome }) => outcome === 'refused')) throw new Ended(1)
  }
}
