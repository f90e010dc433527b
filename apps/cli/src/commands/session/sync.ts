import { resolve } from 'node:path'
import { collectEarly, sync, type SyncReport, watch } from '@gobby/sessions'
import { syncSessions } from '@gobby/sessions/operations'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { GobbyCommand, json } from '../../command.js'
import { Ended } from '../../failure.js'
import { describe, flagsOf, inputOf } from '../../flags.js'
import { Progress } from '../../print/progress.js'
import { localTime } from '../../print/quantities.js'
import { changeLine, syncReport } from '../../print/sync-report.js'

const fields = { source: 'source', 'restore-deleted': 'restore_deleted' } as const

export default class SessionSync extends GobbyCommand {
  static override summary = 'Take in what the coding CLIs have written.'
  static override description = 'Reads every transcript that is new or has grown. What was taken in before stays, also when its file is gone.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ~/backup/transcripts',
    '<%= config.bin %> <%= command.id %> --watch',
  ]
  static override args = { path: Args.string({ multiple: true, ignoreStdin: true, description: describe(syncSessions.input.shape.paths) }) }
  static override flags = {
    ...flagsOf(syncSessions, fields),
    watch: Flags.boolean({ char: 'w', description: 'Keep following the files until Ctrl-C' }),
    json,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionSync)
    const paths = [args.path ?? []].flat()
    const options = inputOf(syncSessions, fields, flags, { paths })
    collectEarly()
    const ctx = await this.context()
    if (flags.watch) {
      if (!flags.json) this.say('Watching; Ctrl-C ends it.')
      return watch(ctx, { ...options, signal: new AbortController().signal, onSync: (report) => this.printChange(report, flags.json) })
    }
    const progress = new Progress(this.surroundings)
    const report = await sync(ctx, { ...options, onProgress: (now) => progress.update(now) }).finally(() => progress.end())
    if (flags.json) this.printJson(report)
    else {
      this.print(syncReport(report, this.screen))
      const { sources, skipped_files, unreadable } = report
      if (Object.values(sources).some(({ files }) => files > 0)) this.suggest('\nSee them: gobby session list --all')
      else if (skipped_files.length + unreadable.length === 0) this.say('No transcripts were found. Say where they are: gobby session sync <path>')
    }
    const named = new Set(paths.map((path) => resolve(ctx.config.cwd, path)))
    if (report.unreadable.some(({ path }) => named.has(path))) throw new Ended(1)
  }

  private printChange(report: SyncReport, asJson: boolean): void {
    const change = changeLine(report)
    if (change === undefined) return
    this.print(asJson ? `${JSON.stringify(report)}\n` : `${localTime(new Date().toISOString())}  ${change}\n`)
  }
}
