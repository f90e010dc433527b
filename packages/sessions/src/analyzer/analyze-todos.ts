import { type Call, happened } from './calls.js'
import type { Todo } from '../handoff/handoff-context.js'

/**
 * The todos as they stand at the end: of tools that carry the whole list the last list (an empty one is empty), of
 * tools that speak of single todos the sum of their changes. A sub-agent's are not the session's.
 */
export function todosOf(calls: Call[]): Todo[] {
  let list: Todo[] = []
  const single = new Map<string, Todo>()
  for (const call of calls) {
    if (call.is_sidechain) continue
    for (const action of call.actions) {
      if (action.kind !== 'todo' || !happened(call, action)) continue
      if (action.todos) list = action.todos
      if (action.todo_event) change(single, action.todo_event, call.outcome.todo_id)
    }
  }
  return [...list, ...single.values()]
}

function change(todos: Map<string, Todo>, event: { id?: string; content?: string; status?: Todo['status'] | 'deleted' }, given: string | undefined): void {
  const id = event.id ?? given
  if (id === undefined) return
  if (event.status === 'deleted') {
    todos.delete(id)
    return
  }
  const before = todos.get(id)
  // A todo of an earlier session, changed in this one: its words are not known here.
  const content = event.content ?? before?.content ?? `Task #${id}`
  todos.set(id, { content, status: event.status ?? before?.status ?? 'pending' })
}
