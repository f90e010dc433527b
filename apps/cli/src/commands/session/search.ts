import { searchMessages } from '@gobby/sessions/operations'
import * as Args from '@oclif/core/args'
import { all, GobbyCommand, json, project, scope } from '../../command.js'
import { describe, flagsOf, inputOf } from '../../flags.js'
import { hitsView } from '../../print/hits.js'
import { quoteForShell, refForShell } from '../../print/text.js'

const fields = {
  session: 'session_id',
  source: 'source',
  role: 'role',
  tool: 'tool_name',
  since: 'since',
  until: 'until',
  sort: 'sort',
  limit: 'limit',
} as const

export default class SessionSearch extends GobbyCommand {
  static override summary = 'Search all that was said and done in the sessions.'
  static override description =
    'All words must be there; "an exact phrase", the beginning of a word (pars*), a word that must not be there (-not). A query that holds words beginning with "-" goes after "--".'
  static override examples = [
    '<%= config.bin %> <%= command.id %> frost alert',
    `<%= config.bin %> <%= command.id %> '"frost alert"' --since 7d`,
    "<%= config.bin %> <%= command.id %> --all -- frost -mail",
  ]
  static override args = {
    query: Args.string({ required: true, multiple: true, ignoreStdin: true, description: describe(searchMessages.input.shape.query) }),
  }
  static override flags = { ...flagsOf(searchMessages, fields), project, all, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionSearch)
    const query = [args.query].flat().join(' ')
    const input = inputOf(searchMessages, fields, flags, { query, ...scope(flags) }, { query: 'The query' })
    const answer = await this.answer(searchMessages, input, flags)
    if (flags.json) return this.printJson(answer)
    const ctx = await this.context()
    const here = input.project_id === '*' ? undefined : await ctx.project()
    if (answer.count === 0) return this.say(`Nothing found. ${here && flags.session === undefined ? `In all projects: ${everywhere(query)}` : 'Has everything been taken in? gobby session sync'}`)
    this.print(hitsView(answer.results, { screen: this.screen, now: ctx.now(), across: here === undefined && flags.session === undefined }))
    this.sayIfFull(searchMessages, fields, 'limit', input, answer.count)
    const [best] = answer.results
    if (best) this.suggest(`\nRead on from a hit: gobby session messages ${refForShell({ project: best.project, ref: best.ref.slice(best.ref.lastIndexOf('#')) })} --offset ${best.message_index}`)
  }
}

function everywhere(query: string): string {
  return `gobby session search --all ${query.startsWith('-') ? '-- ' : ''}${quoteForShell(query)}`
}
