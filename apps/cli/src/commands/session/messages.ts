import { getSessionMessages } from '@gobby/sessions/operations'
import * as Flags from '@oclif/core/flags'
import { GobbyCommand, json, project, refArg } from '../../command.js'
import { describe, flagsOf, inputOf } from '../../flags.js'
import { messagesView } from '../../print/messages.js'
import { counted } from '../../print/text.js'

const fields = { limit: 'limit', offset: 'offset', role: 'role', type: 'content_type', tool: 'tool_name' } as const

const tail = Flags.string({ description: describe(getSessionMessages.input.shape.tail), helpValue: '<how many>', exclusive: ['limit'] })

export default class SessionMessages extends GobbyCommand {
  static override summary = 'Read the messages of a session, in order.'
  static override description = 'On a terminal long messages are cut; in a pipe or a file all is there.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 3',
    '<%= config.bin %> <%= command.id %> 3 --tail 5',
    '<%= config.bin %> <%= command.id %> 3 --role user --type text | less',
  ]
  static override args = { ref: refArg(getSessionMessages, 'session_id') }
  static override flags = { ...flagsOf(getSessionMessages, fields), tail, project, json }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionMessages)
    const session_id = args.ref
    const input =
      flags.tail === undefined
        ? inputOf(getSessionMessages, fields, flags, { session_id })
        : inputOf(getSessionMessages, { ...fields, tail: 'limit' }, flags, { session_id, tail: true })
    const answer = await this.answer(getSessionMessages, input, flags)
    if (flags.json) return this.printJson(answer)
    const { messages, total_count, offset, limit } = answer
    if (messages.length === 0) return this.say(total_count === 0 ? 'No message matches.' : `No messages there: ${counted(total_count, 'message')} in all.`)
    this.print(messagesView(messages, this.screen))
    if (offset + messages.length < total_count) this.sayMore(`${messages.length} of ${counted(total_count, 'message')}. More: ${this.again('offset', offset + limit)}`)
  }
}
