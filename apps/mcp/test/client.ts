/** Real clients of the server: in memory, over HTTP, and the set-up that tests share. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { callerOf, createContext, type Context, type Env, sync } from '@gobby/sessions'
import { openStore, type Store } from '@gobby/storage'
import { cleanEnv, tempDir, tempHome } from '@gobby/testing'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { onTestFinished } from 'vitest'
import { createMcpServer, handleMcpRequest, type McpServerOptions } from '../src/index.ts'

export { Client, StdioClientTransport }

export const ROOT = join(import.meta.dirname, '..')
export const BIN = join(ROOT, 'bin/gobby-mcp.js')
const SAMPLES = join(ROOT, '../../tooling/samples')

// oxlint-disable-next-line typescript/no-explicit-any
export type Json = Record<string, any>
export type Result = { isError: boolean; text: string; answer: Json }

export type Gobby = { env: Env; cwd: string; store: Store; options: McpServerOptions }

/** A home with the sample transcripts taken in, and a folder that is the project of one of them where `inProject`. */
export async function sampleGobby({ empty = false } = {}): Promise<Gobby> {
  const { home, gobbyHome, env: own } = tempHome()
  if (!empty) {
    cpSync(join(SAMPLES, 'claude'), join(home, '.claude'), { recursive: true })
    cpSync(join(SAMPLES, 'codex'), join(home, '.codex'), { recursive: true })
    cpSync(join(SAMPLES, 'gemini'), home, { recursive: true })
  }
  const env: Env = { ...cleanEnv(), ...own }
  const cwd = tempDir()
  const store = await openStore(`file:${join(gobbyHome, 'sessions.db')}`)
  await sync(await createContext({ store, env, cwd }))
  // A clock that stands soon after the newest of them would leave it at work.
  const at = new Date().toISOString()
  for (const { id } of await store.sessions.list({}, 200)) await store.sessions.setStatus(id, ['active', 'paused'], 'expired', { reason: 'long ago', actor: 'test', now: at })
  const context: McpServerOptions['context'] = async ({ meta }): Promise<Context> => {
    const caller = callerOf({ meta, env })
    return createContext({ store, env, cwd: caller.cwd ?? cwd, caller: { external_id: caller.external_id } })
  }
  return { env, cwd, store, options: { version: '0.0.0', context } }
}

/** A client that is connected with a server of its own in this process. Answers are held to the schemas that were listed. */
export async function connect(options: McpServerOptions): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await createMcpServer(options).connect(theirs)
  return connected(ours)
}

/** The same over HTTP, by way of the function that an HTTP service mounts. */
export async function connectHttp(options: McpServerOptions): Promise<Client> {
  const transport = new StreamableHTTPClientTransport(new URL('http://127.0.0.1/mcp'), {
    fetch: (url, init) => handleMcpRequest(new Request(url, init as RequestInit), options),
  })
  return connected(transport)
}

async function connected(transport: Parameters<Client['connect']>[0]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  onTestFinished(() => client.close())
  await client.connect(transport)
  await client.listTools()
  return client
}

export async function ask(client: Client, name: string, args: Json = {}, meta?: Json): Promise<Result> {
  const result = await client.callTool({ name, arguments: args, ...(meta ? { _meta: meta } : {}) })
  const [first] = result.content as { type: string; text: string }[]
  return { isError: result.isError === true, text: first?.text ?? '', answer: (result.structuredContent ?? {}) as Json }
}
