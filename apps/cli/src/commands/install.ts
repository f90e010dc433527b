import { install } from '@gobby/sessions/install'
import * as Flags from '@oclif/core/flags'
import { GobbyCommand, json } from '../command.js'
import { Ended } from '../failure.js'
import { installFlags, namesIn, scopeIn } from '../install-flags.js'
import { installOrigin } from '../install-origin.js'
import { installReport } from '../print/install-report.js'

export default class Install extends GobbyCommand {
  static override summary = 'Put gobby into your coding CLIs: sessions are then tracked live.'
  static override description =
    "Adds gobby's hooks and its MCP server to the settings of each CLI that is here, after your own entries; all else in these files stays as it is, and a copy is kept beside them. A second install brings them up to date. `gobby uninstall` takes out what was put in."
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --dry-run', '<%= config.bin %> <%= command.id %> --source codex --no-mcp']
  static override flags = {
    ...installFlags({
      source: 'Only these CLIs, also if they are not here yet: claude, codex, gemini',
      scope: 'Your own settings (user, the default), or those of the project you are in, for everybody who works in it',
      dry_run: 'Show what would change, and write nothing',
    }),
    mcp: Flags.boolean({ description: 'The MCP server too', default: true, allowNo: true }),
    json,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Install)
    const report = await install(installOrigin(this.surroundings), { sources: namesIn(flags.source), scope: scopeIn(flags.scope), mcp: flags.mcp, dry_run: flags['dry-run'] })
    if (flags.json) this.printJson(report)
    else {
      this.print(installReport(report, this.screen))
      if (report.files.length === 0) this.say('No CLI was found. Name one, and gobby is put in all the same: gobby install --source claude')
      else if (!report.dry_run) this.suggest('\nSee whether all is well: gobby doctor')
    }
    if (report.files.some(({ outcome }) => outcome === 'refused')) throw new Ended(1)
  }
}
