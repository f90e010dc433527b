/** Where the server is reached: a port, and a unix socket. */
import { existsSync, rmSync, statSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { GobbyError } from '@gobby/sessions'
import { makeFolder } from '@gobby/storage'
import { type Running, runningServers } from './running.js'

/** Where to listen, and the home in which servers note that they run. */
type Place = { port: number; host: string; home: string }

/** @throws GobbyError `unavailable` when the port is taken, saying by whom */
export async function listenOnPort(server: Server, place: Place): Promise<number> {
  const { port, host } = place
  try {
    await listening(server, () => server.listen({ port, host }))
  } catch (error) {
    throw await refusal(error as NodeJS.ErrnoException, place)
  }
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

async function refusal(error: NodeJS.ErrnoException, { port, host, home }: Place): Promise<GobbyError> {
  const fail = (message: string, hint: string) => new GobbyError('unavailable', message, hint, { cause: error })
  if (error.code === 'EADDRINUSE') {
    // One that others can reach says nothing without the token, and whoever answers must not be sent it.
    const holder = runningServers(home).find((server) => server.port === port) ?? (await whoAnswers(urlOf(host, port)))
    if (!holder) return fail(`Port ${port} is taken by another program.`, `Choose another: gobby serve --port ${port + 1}`)
    return fail(`gobby ${holder.version} runs on port ${port} already: process ${holder.pid}, since ${holder.started_at}.`, `Stop it with: gobby serve --stop${port === 8765 ? '' : ` --port ${port}`}`)
  }
  if (error.code === 'EACCES') return fail(`Port ${port} is not allowed to you.`, 'Choose one above 1023.')
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return fail(`${host} is no address of this machine.`, 'Leave --host out to serve this machine alone.')
  return fail(`Port ${port} cannot be opened (${error.code ?? error.message}).`, 'Choose another with --port.')
}

type Holder = Pick<Running, 'version' | 'pid' | 'started_at'>

async function whoAnswers(url: string): Promise<Holder | undefined> {
  try {
    const response = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(1000), redirect: 'error' })
    const holder = (await response.json()) as Holder & { name: string }
    return holder.name === 'gobby' ? holder : undefined
  } catch {
    return undefined
  }
}

/**
 * Opens the unix socket, for the user alone. One that a killed server left behind is taken over.
 * @throws GobbyError `unavailable` when a server listens there, `invalid` when others could reach it
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  const folder = dirname(path)
  makeFolder(folder)
  const { mode, uid } = statSync(folder)
  if ((mode & 0o077) !== 0 || uid !== process.getuid?.()) {
    throw new GobbyError('invalid', `--socket: others can enter ${folder}.`, `Take a folder that is yours alone: mkdir -m 700 ${folder}/private`)
  }
  if (existsSync(path)) {
    if (!statSync(path).isSocket()) throw new GobbyError('invalid', `--socket: ${path} is a file.`, 'Name one that is not there.')
    if (await isListening(path)) throw new GobbyError('unavailable', `Another server listens on ${path}.`, 'Stop it first, or name another socket.')
    rmSync(path)
  }
  const mask = process.umask(0o177)
  try {
    await listening(server, () => server.listen(path))
  } catch (error) {
    throw new GobbyError('unavailable', `The socket ${path} cannot be opened (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`, 'A path of more than about 100 characters is too long for a socket.', { cause: error })
  } finally {
    process.umask(mask)
  }
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    listen()
  })
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** The address as a URL has it. */
export function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${inUrl(reachable)}:${port}`
}

/** What requests may name as `Host`: a name that somebody else made point here is none of these. */
export function ownHosts(host: string, port: number): Set<string> {
  const names = ['127.0.0.1', 'localhost', '::1']
  if (!isLoopback(host)) {
    const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    names.push(hostname(), host, ...addresses.map(({ address }) => address))
  }
  return new Set(names.flatMap((name) => [`${inUrl(name)}:${port}`, ...(port === 80 ? [inUrl(name)] : [])]).map((name) => name.toLowerCase()))
}

const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)
