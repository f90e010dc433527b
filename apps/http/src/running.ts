/** Which servers run for this user: a file for each, in gobby's home. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GobbyError, processStart } from '@gobby/sessions'
import { makeFolder } from '@gobby/storage'

/** A server that runs. */
export type Running = {
  pid: number
  /** Tells the process from a later one with its pid; null where the system does not say. */
  process_start: string | null
  url: string
  port: number
  socket: string | null
  version: string
  started_at: string
}

/** Far more than a server takes to end, which ends itself after 6 seconds: the machine may have no time for it. */
const END_MS = 20_000

const folderOf = (home: string): string => join(home, 'serve')
const fileOf = (home: string, port: number): string => join(folderOf(home), `${port}.json`)

/** Notes that this process serves. */
export function noteRunning(home: string, server: Omit<Running, 'pid' | 'process_start'>): void {
  makeFolder(folderOf(home))
  const running: Running = { pid: process.pid, process_start: processStart(process.pid), ...server }
  writeFileSync(fileOf(home, server.port), `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 })
}

/** Takes the note back, if it is still this process's own. */
export function forgetRunning(home: string, port: number): void {
  if (read(fileOf(home, port))?.pid === process.pid) rmSync(fileOf(home, port), { force: true })
}

/** The servers that run. What a server that was killed left behind is cleared away. */
export function runningServers(home: string): Running[] {
  const names = list(folderOf(home)).filter((name) => name.endsWith('.json'))
  return names.flatMap((name) => {
    const path = join(folderOf(home), name)
    const server = read(path)
    if (server && isAlive(server)) return [server]
    rmSync(path, { force: true })
    return []
  })
}

/** Asks the server on a port to end, and waits until it has. */
export async function stopServer(home: string, port: number): Promise<Running> {
  const server = runningServers(home).find((each) => each.port === port)
  if (!server) throw notRunning(port)
  process.kill(server.pid, 'SIGTERM')
  for (const end = performance.now() + END_MS; isAlive(server); await sleep(50)) {
    if (performance.now() > end) throw new GobbyError('unavailable', `The server (process ${server.pid}) does not end.`, `End it with: kill -9 ${server.pid}`)
  }
  return server
}

/** The error for a port without a server of ours. */
export function notRunning(port: number): GobbyError {
  return new GobbyError('not_found', `No gobby server runs on port ${port}.`, 'Start one with: gobby serve')
}

function isAlive({ pid, process_start }: Running): boolean {
  if (process_start !== null) return processStart(pid) === process_start
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function read(path: string): Running | undefined {
  try {
    const server = JSON.parse(readFileSync(path, 'utf8')) as Running
    return Number.isSafeInteger(server.pid) && server.pid > 0 ? server : undefined
  } catch {
    return undefined
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
