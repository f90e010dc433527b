/** A thread that answers questions, with a connection of its own. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Context, createContext, GobbyError } from '@gobby/sessions'
import type { Question, ReaderData, Reply } from './readers.js'
import { requestContext } from './request-context.js'
import { routes } from './routes.js'

let opening: Promise<Context> | undefined

/** Where the database could not be opened, the next question tries again. */
function server(): Promise<Context> {
  opening ??= createContext({ ...(workerData as ReaderData), replay: false })
  opening.catch(() => (opening = undefined))
  return opening
}

async function answer({ name, input, asking }: Question): Promise<Reply> {
  try {
    const route = routes.find((each) => each.name === name)
    if (!route) throw new TypeError(`No route ${name}.`)
    const opened = await server()
    const ctx = requestContext({ ctx: opened, hookStore: opened.store, later: () => {} }, asking)
    return { text: JSON.stringify(await route.operation.run(ctx, input)) }
  } catch (error) {
    if (!(error instanceof GobbyError)) return { message: (error as Error).stack ?? String(error) }
    const { code, message, hint, candidates } = error
    return { code, message, hint, candidates }
  }
}

void server().catch(() => {})
parentPort?.on('message', async (question: Question) => parentPort?.postMessage(await answer(question)))
