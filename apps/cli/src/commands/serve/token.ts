import { GobbyCommand, json } from '../../command.js'
import { withService } from '../../http-service.js'

export default class ServeToken extends GobbyCommand {
  static override summary = 'Print the token that requests to the server carry.'
  static override description = 'Send it as the header Authorization: Bearer <token>. It is made the first time, and kept in a file that only you can read.'
  static override examples = ['curl -H "Authorization: Bearer $(<%= config.bin %> <%= command.id %>)" http://127.0.0.1:8765/sessions']
  static override flags = { json }

  async run(): Promise<void> {
    const { flags } = await this.parse(ServeToken)
    const { env, cwd } = this.surroundings
    const token = await withService((service) => service.serverToken({ env, cwd }))
    if (flags.json) return this.printJson({ token })
    this.print(`${token}\n`)
  }
}
