import * as Flags from '@oclif/core/flags'
import { GobbyCommand } from '../command.js'
import { withService } from '../http-service.js'
import { localTime } from '../print/quantities.js'

export default class Serve extends GobbyCommand {
  static override summary = 'Serve sessions over HTTP, on this machine.'
  static override description =
    'Follows the transcripts and answers programs and agents until Ctrl-C: records, search, handoffs, hooks, a live stream, and MCP at /mcp. Requests need the token; what there is stands at /docs.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --port 9000 --socket ~/.gobby/serve.sock', '<%= config.bin %> <%= command.id %> --stop']
  static override flags = {
    port: Flags.integer({ description: 'The port; normally 8765, 0 for any that is free', min: 0, max: 65_535, helpValue: '<port>' }),
    host: Flags.string({ description: 'The address to listen at; any but the loopback is reachable for others', helpValue: '<address>' }),
    socket: Flags.string({ description: 'A unix socket to listen on too, where no token is needed', helpValue: '<path>' }),
    'no-watch': Flags.boolean({ description: 'Do not follow the transcripts' }),
    status: Flags.boolean({ description: 'Tell which servers run', exclusive: ['stop', 'host', 'socket', 'no-watch'] }),
    stop: Flags.boolean({ description: 'End the server on the port', exclusive: ['host', 'socket', 'no-watch'] }),
    json: Flags.boolean({ description: 'With --status and --stop: print it as JSON; else only errors' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve)
    const { env, cwd, stdout, stderr } = this.surroundings
    const place = { env, cwd, port: flags.port }
    if (flags.status) {
      const servers = await withService((service) => service.serverStatus(place))
      if (flags.json) return this.printJson({ servers })
      for (const { url, pid, started_at, socket } of servers) this.print(`${url}\tprocess ${pid}\tsince ${localTime(started_at)}${socket === null ? '' : `\tsocket ${socket}`}\n`)
    } else if (flags.stop) {
      const server = await withService((service) => service.endServer(place))
      if (flags.json) return this.printJson({ stopped: server })
      this.print(`Stopped ${server.url}\n`)
    } else {
      const { host, socket } = flags
      await withService((service) => service.runServer({ ...place, host, socket, watch: !flags['no-watch'] }, { stdout, stderr }))
    }
  }
}
