/** The process: its command line, its streams, its end. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Env } from '@gobby/sessions'
import { config } from 'zod'
import { chosen, usage, UsageError } from './arguments.js'
import type { Contexts } from './contexts.js'
import { createMcpServer } from './server.js'
import { serveStdio } from './stdio.js'

/** How long what is still being answered may take, and then closing the database: a client waits 200 ms at most. */
const ANSWER_MS = 60
const CLOSE_MS = 40

export type Surroundings = {
  version: string
  env: Env
  cwd: string
  /** The process that started this one. */
  ppid: number
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: { write(text: string): unknown }
  /** Resolves when the process is told to end. */
  told: Promise<void>
}

/**
 * Serves until the client leaves or the process is told to end.
 * @returns the exit code
 */
export async function main(argv: string[], { version, env, cwd, ppid, stdin, stdout, stderr, told }: Surroundings): Promise<number> {
  config({ jitless: true })
  const log = ({ name, message }: Error) => void stderr.write(`gobby-mcp: ${name === 'ZodError' ? 'What came is no message of the protocol.' : message.split('\n')[0]}\n`)
  let choice
  try {
    choice = chosen(argv)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    stderr.write(`${error.message}\n`)
    return 2
  }
  if (choice.show) {
    stdout.write(choice.show === 'help' ? usage : `${version}\n`)
    return 0
  }
  // Loaded when something is asked for: a client waits for the first answer before it shows itself.
  let contexts: Promise<Contexts> | undefined
  const opened = () => (contexts ??= import('./contexts.js').then(({ contextsOf }) => contextsOf({ env, cwd, ppid })))
  const server = createMcpServer({ version, log, context: async (request) => (await opened()).of(request), ...choice })
  const { closed, gone, open, answered } = await serveStdio(server, { stdin, stdout, log })
  /** No answer comes any more, though what answers is loaded. */
  const stuck = async () => {
    for (let before: number | undefined; before !== open(); await sleep(ANSWER_MS)) {
      before = open()
      await contexts?.catch(() => undefined)
    }
  }
  const left = Promise.race([told, gone])
  await Promise.race([left, closed])
  // Who only closed its end may have piped its questions in: they are answered as long as answers come.
  await Promise.race([answered(), left.then(() => sleep(ANSWER_MS)), stuck()])
  await Promise.race([contexts?.then((all) => all.close()), sleep(CLOSE_MS)])
  return 0
}
