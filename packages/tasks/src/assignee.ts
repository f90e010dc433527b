import { type Context, qualifiedIn, sessionAt } from '@gobby/sessions'

const SESSION = /^(#?\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i

/**
 * What is stored for an assignee: the id of the session where the text names one, else the text; null for nobody.
 * @throws GobbyError when it has the form of a session's ref and there is no such session
 */
export async function assigneeOf(ctx: Context, text: string, project_id?: string): Promise<string | null> {
  if (text === '') return null
  return SESSION.test(text) || qualifiedIn(text) ? (await sessionAt(ctx, text, project_id)).id : text.toWellFormed()
}
