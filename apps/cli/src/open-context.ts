import { type Context, createContext } from '@gobby/sessions'
import { surroundings } from './surroundings.js'

let open: Context | undefined

/** The context of this run, opened at the first need: help and a wrong flag open no database. */
export async function openContext(project?: string): Promise<Context> {
  const { env, cwd } = surroundings()
  return (open ??= await createContext({ env, cwd, project, caller: { pid: process.ppid } }))
}

export async function closeContext(): Promise<void> {
  const closing = open
  open = undefined
  await closing?.close()
}
