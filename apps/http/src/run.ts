/** What `gobby serve` and `gobby-http` do: the same, printed the same way. */
import { readConfig } from '@gobby/sessions'
import { notRunning, type Running, runningServers, stopServer } from './running.js'
import { PORT, type ServeOptions, startServer } from './serve.js'
import { readToken } from './token.js'

/** Where a run writes to. */
export type Output = { stdout: { write(text: string): unknown }; stderr: { write(text: string): unknown } }

/** A little more than ending takes. */
const END_MS = 5900

/** Serves until a signal comes. */
export async function runServer(options: ServeOptions, { stdout, stderr }: Output): Promise<void> {
  const log = (line: string) => void stderr.write(`${line}\n`)
  const signalled = nextSignal()
  const server = await startServer({ ...options, log })
  stdout.write(`gobby serves at ${server.url}\n`)
  if (server.socket !== null) stdout.write(`and on the socket ${server.socket}, where no token is needed\n`)
  stdout.write(`The token is in ${server.token_path}; "gobby serve token" prints it.\n`)
  stdout.write(`Its reference: ${server.url}/docs (a browser asks for a name, any, and for the token as password)\n`)
  if (server.exposed) log('Warning: other machines can reach this server. Everything it sends, the token too, crosses the network in the clear.')
  await signalled
  // A read that the system never comes back from would keep the process, and even `process.exit` waiting.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_MS).unref()
  await server.close()
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      for (const signal of SIGNALS) process.on(signal, () => process.exit(1))
      resolve()
    }
    // Whoever was to be asked before would end the process in the middle of a request.
    for (const signal of SIGNALS) process.removeAllListeners(signal).once(signal, end)
  })
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

type Place = Pick<ServeOptions, 'env' | 'cwd' | 'port'>

/** The servers of this user that run; of one port, when it is named. */
export function serverStatus({ env, cwd, port }: Place): Running[] {
  const running = runningServers(readConfig({ env, cwd }).home)
  const wanted = port === undefined ? running : running.filter((server) => server.port === port)
  if (wanted.length === 0) throw notRunning(port ?? PORT)
  return wanted
}

/** Ends the server on a port. */
export async function endServer({ env, cwd, port = PORT }: Place): Promise<Running> {
  return stopServer(readConfig({ env, cwd }).home, port)
}

/** The token, made when there is none yet. */
export function serverToken({ env, cwd }: Place): string {
  return readToken(readConfig({ env, cwd }).home).token
}
