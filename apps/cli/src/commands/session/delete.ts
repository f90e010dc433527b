import { GobbyError, qualifiedRef, resolveSessionReference } from '@gobby/sessions'
import { deleteSession } from '@gobby/sessions/operations'
import * as Flags from '@oclif/core/flags'
import { confirmed } from '../../ask.js'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { Ended } from '../../failure.js'
import { inputOf } from '../../flags.js'
import { counted, fit, harmless, oneLine, quoteForShell } from '../../print/text.js'

export default class SessionDelete extends GobbyCommand {
  static override summary = 'Delete sessions for good, with all that belongs to them.'
  static override description =
    'Messages, their place in the search index and sub-agents go too. The transcript that the CLI keeps stays, and is not taken in again unless you sync with --restore-deleted.'
  static override examples = ['<%= config.bin %> <%= command.id %> 3', '<%= config.bin %> <%= command.id %> 3 4 --yes']
  static override args = { ref: refArg(deleteSession, 'session_id', { multiple: true }) }
  static override flags = { yes: Flags.boolean({ char: 'y', description: 'Do not ask' }), project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionDelete)
    const refs = [args.ref].flat()
    const input = inputOf(deleteSession, {}, flags, { session_id: refs }, { session_id: '<ref>' })
    if (!flags.yes) await this.ask(refs, flags)
    const answer = await this.answer(deleteSession, input, flags)
    if (flags.json) return this.printJson(answer)
    this.print(this.screen.terminal ? `Deleted ${answer.deleted.join(', ')}.\n` : answer.deleted.map((ref) => `${ref}\n`).join(''))
  }

  private async ask(refs: string[], flags: { project?: string }): Promise<void> {
    const { stdin, stderr } = this.surroundings
    if (!stdin.isTTY || !stderr.isTTY) {
      throw new GobbyError('invalid', 'Deleting asks first, and here is nobody to ask.', `Add --yes: gobby session delete ${refs.map(quoteForShell).join(' ')} --yes`)
    }
    const ctx = await this.context(flags)
    const project = await ctx.project()
    const sessions = new Map((await Promise.all(refs.map((ref) => resolveSessionReference(ctx.store, ref, project?.id)))).map((session) => [session.id, session]))
    for (const session of sessions.values()) {
      const subagents = (await ctx.store.sessions.children(session.id)).filter(({ relation }) => relation === 'subagent').length
      const size = `${counted(session.message_count, 'message')}${subagents > 0 ? `, ${counted(subagents, 'sub-agent')}` : ''}`
      this.say(fit(`${qualifiedRef(session)}  (${size})  ${oneLine(harmless(session.title ?? '(no title)'))}`, this.screen.columns))
    }
    if (await confirmed(`Delete ${sessions.size === 1 ? 'this session' : `these ${sessions.size} sessions`} for good?`, this.surroundings)) return
    this.say('Nothing was deleted.')
    throw new Ended(1)
  }
}
