/** A server on the standard streams of its process, for as long as the client keeps them open. */
import type { Readable, Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isJSONRPCRequest, type Server, StdioServerTransport, type Transport } from './sdk.js'

export type Serving = {
  /** Resolves when the client has gone: it closed its end, or ours cannot be written any more. */
  gone: Promise<void>
  /** Resolves when every question is answered that was asked so far. */
  answered(): Promise<void>
}

export async function serveStdio(server: Server, { stdin, stdout, log }: { stdin: Readable; stdout: Writable; log(error: Error): void }): Promise<Serving> {
  const transport = new StdioServerTransport(stdin, stdout)
  // Each answer that a slow reader keeps waiting listens for it to go on.
  stdout.setMaxListeners(0)
  const gone = new Promise<void>((resolve) => {
    stdin.once('end', resolve).once('close', resolve)
    // Each answer that cannot be written is an error again.
    stdout.on('error', () => resolve())
    Object.assign(server, { onclose: resolve, onerror: log })
  })
  await server.connect(transport)
  const answered = watch(transport)
  return { gone, answered }
}

/** Counts questions in and answers out, and begins one question at a time: between two, signals and cancellations are heard. */
function watch(transport: Transport): () => Promise<void> {
  const open = new Set<string | number>()
  let last = Promise.resolve()
  let done: (() => void) | undefined
  const receive = transport.onmessage
  const send = transport.send.bind(transport)
  const counting: Pick<Transport, 'onmessage' | 'send'> = {
    onmessage(message, extra) {
      if (!isJSONRPCRequest(message)) return receive?.(message, extra)
      open.add(message.id)
      last = last.then(nextTurn).then(() => receive?.(message, extra))
    },
    async send(message, options) {
      await send(message, options)
      if ('id' in message && message.id !== undefined && !('method' in message)) open.delete(message.id)
      if (open.size === 0) done?.()
    },
  }
  Object.assign(transport, counting)
  return () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => (done = resolve)))
}
