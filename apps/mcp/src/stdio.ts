/** A server on the standard streams of its process, for as long as the client keeps them open. */
import type { Readable, Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isJSONRPCRequest, type Server, StdioServerTransport, type Transport } from './sdk.js'

const CANCELLED = 'notifications/cancelled'

export type Serving = {
  /** Resolves when the client closed its end: it asks no more. */
  closed: Promise<void>
  /** Resolves when ours cannot be written any more: nobody hears an answer. */
  gone: Promise<void>
  /** How many questions wait for their answer. */
  open(): number
  /** Resolves when every question is answered that was asked so far. */
  answered(): Promise<void>
}

export async function serveStdio(server: Server, { stdin, stdout, log }: { stdin: Readable; stdout: Writable; log(error: Error): void }): Promise<Serving> {
  const transport = new StdioServerTransport(stdin, stdout)
  // Each answer that a slow reader keeps waiting listens for it to go on.
  stdout.setMaxListeners(0)
  const closed = new Promise<void>((resolve) => void stdin.once('end', resolve).once('close', resolve))
  const gone = new Promise<void>((resolve) => {
    // Each answer that cannot be written is an error again.
    stdout.on('error', () => resolve())
    Object.assign(server, { onclose: resolve, onerror: log })
  })
  await server.connect(transport)
  return { closed, gone, ...watch(transport) }
}

/**
 * Counts questions in and answers out, and begins one question at a time: between two, signals and cancellations are
 * heard. One that is taken back is not answered, and not even begun where it still waits.
 */
function watch(transport: Transport): Pick<Serving, 'open' | 'answered'> {
  const open = new Set<unknown>()
  let last = Promise.resolve()
  let done: (() => void) | undefined
  const receive = transport.onmessage
  const send = transport.send.bind(transport)
  const close = (id: unknown): void => {
    open.delete(id)
    if (open.size === 0) done?.()
  }
  const counting: Pick<Transport, 'onmessage' | 'send'> = {
    onmessage(message, extra) {
      if (!isJSONRPCRequest(message)) {
        if ('method' in message && message.method === CANCELLED) close(message.params?.requestId)
        return receive?.(message, extra)
      }
      const { id } = message
      open.add(id)
      last = last.then(nextTurn).then(() => (open.has(id) ? receive?.(message, extra) : undefined))
    },
    async send(message, options) {
      await send(message, options)
      if ('id' in message && message.id !== undefined && !('method' in message)) close(message.id)
    },
  }
  Object.assign(transport, counting)
  return { open: () => open.size, answered: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => (done = resolve))) }
}
