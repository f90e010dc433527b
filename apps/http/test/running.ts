/** A server in a process of its own, as a user runs it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { cleanEnv, runBin, type RunResult, tempHome } from '@gobby/testing'
import { onTestFinished } from 'vitest'

export const BIN = join(import.meta.dirname, '../bin/gobby-http.js')

export type RunningProcess = {
  url: string
  port: number
  token: string
  home: string
  env: Record<string, string | undefined>
  child: ChildProcess
  /** What it wrote so far. */
  written(): string
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Asks with the token. */
  get(path: string, init?: RequestInit): Promise<Response>
}

/** Starts a server on a free port; ended with the test. */
export async function startProcess(args: string[] = [], given: { env?: Record<string, string | undefined>; nodeArgs?: string[] } = {}): Promise<RunningProcess> {
  const { env: homeEnv, gobbyHome } = tempHome()
  const env = { ...cleanEnv(), ...homeEnv, ...given.env }
  const child = spawn(process.execPath, [...(given.nodeArgs ?? []), BIN, '--port', '0', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      text += chunk.toString()
      const found = /serves at (http:\S+)/.exec(text)?.[1]
      if (found && text.includes('The token is in')) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('close', () => reject(new Error(`The server ended: ${text}`)))
  })
  const token = (await runBin(BIN, ['token'], { env })).stdout.trim()
  const get = (path: string, init: RequestInit = {}) => fetch(new URL(path, url), { ...init, headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) } })
  return { url, port: Number(new URL(url).port), token, home: env.GOBBY_HOME ?? gobbyHome, env, child, written: () => text, ended, get }
}

/** Runs the program to its end. */
export function run(args: string[], env: Record<string, string | undefined>): Promise<RunResult> {
  return runBin(BIN, args, { env })
}

/** Asks over a unix socket. */
export function overSocket(socketPath: string, path: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
    sent.on('error', reject).end()
  })
}

/** A bare connection, on which anything may be sent. */
export function rawConnection(port: number): Promise<{ socket: Socket; received(): string; closed: Promise<void> }> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => resolve({ socket, received: () => text, closed }))
    const closed = new Promise<void>((done) => socket.once('close', () => done()))
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.on('error', reject)
    onTestFinished(() => void socket.destroy())
  })
}

/** Whether nobody listens on a port any more. */
export function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', () => resolve(true))
  })
}

/** Waits until something holds; the time only ends what never comes about. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 120_000): Promise<void> {
  const end = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Did not come about within ${ms} ms.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
