import { parseArgs } from 'node:util'
import { GobbyError } from '@gobby/sessions'
import { endServer, type Output, runServer, serverStatus, serverToken } from './run.js'
import { version } from './version.js'

const HELP = `Serves the sessions that gobby keeps over HTTP, on this machine.

  gobby-http [--port 8765] [--host 127.0.0.1] [--socket PATH] [--no-watch]
  gobby-http --status | --stop [--port 8765]
  gobby-http token

  --port      the port, 0 for any that is free
  --host      the address to listen at; any but the loopback is reachable for others
  --socket    a unix socket to listen on too, where no token is needed
  --no-watch  do not follow the transcripts of the CLIs
  --status    tell which servers run
  --stop      end the server on the port
  token       print the token that requests need
`

const options = {
  port: { type: 'string' },
  host: { type: 'string' },
  socket: { type: 'string' },
  'no-watch': { type: 'boolean' },
  status: { type: 'boolean' },
  stop: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

/**
 * Runs the program.
 * @returns the exit code
 */
export async function main(argv: string[], output: Output): Promise<number> {
  try {
    await run(argv, output)
    return 0
  } catch (error) {
    const { code, message, hint } = failureOf(error)
    output.stderr.write(`error: ${message}\n${hint ? `${hint}\n` : ''}`)
    return { invalid: 2, not_found: 3, ambiguous: 4, busy: 5, unavailable: 5 }[code as string] ?? 1
  }
}

async function run(argv: string[], output: Output): Promise<void> {
  const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true })
  const [word, ...more] = positionals
  if (more.length > 0 || (word !== undefined && word !== 'token')) throw new GobbyError('invalid', `gobby-http takes no ${JSON.stringify(positionals.join(' '))}.`, 'See: gobby-http --help')
  const port = values.port === undefined ? undefined : portOf(values.port)
  if (values.help) output.stdout.write(HELP)
  else if (values.version) output.stdout.write(`${version}\n`)
  else if (word === 'token') output.stdout.write(`${serverToken({})}\n`)
  else if (values.status) for (const server of serverStatus({ port })) output.stdout.write(`${server.url}\tprocess ${server.pid}\tsince ${server.started_at}\n`)
  else if (values.stop) output.stdout.write(`Stopped ${(await endServer({ port })).url}\n`)
  else await runServer({ port, host: values.host, socket: values.socket, watch: values['no-watch'] !== true }, output)
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new GobbyError('invalid', '--port must be a whole number from 0 to 65535.')
}

function failureOf(error: unknown): Pick<GobbyError, 'code' | 'message' | 'hint'> {
  if (error instanceof GobbyError) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code?.startsWith('ERR_PARSE_ARGS')) return { code: 'invalid', message: message.split('. ')[0] as string, hint: 'See: gobby-http --help' }
  return { code: 'internal', message: `gobby-http failed: ${message}`, hint: undefined }
}
