/** Sessions and handoffs as pages to attach: `gobby://session/3`, `gobby://session/gobby~3/handoff`. */
import { call, type Context, GobbyError, qualifiedRef } from '@gobby/sessions'
import { getHandoffContext, getSession, getSessionMessages, listSessions } from '@gobby/sessions/operations'
import { refOfId } from './ref-of-id.js'
import type { Resource, ResourceTemplate } from './sdk.js'
import { sessionPage } from './session-page.js'

const MIME = 'text/markdown'
const ADDRESS = /^gobby:\/\/session\/([^/?#]+)(\/handoff)?$/
const LISTED = 20
const COMPLETED = 50
/** How many of the last messages a page shows. */
const MESSAGES = 20

export const templates: ResourceTemplate[] = [
  { name: 'session', uriTemplate: 'gobby://session/{ref}', title: 'A session', description: 'What a session is and its last messages. ref: 3, or project~3.', mimeType: MIME },
  { name: 'handoff', uriTemplate: 'gobby://session/{ref}/handoff', title: 'A handoff', description: 'What a session handed over: goal, todos, files, commits, last steps. ref: 3, or project~3.', mimeType: MIME },
]

/** The newest sessions of the caller's project, or of all outside of every project. */
export async function recentSessions(ctx: Context): Promise<Resource[]> {
  const { sessions } = await call(listSessions, ctx, { limit: LISTED })
  return sessions.map((session) => ({
    uri: `gobby://session/${addressOf(session)}`,
    name: qualifiedRef(session),
    ...(session.title ? { title: session.title } : {}),
    description: `${session.source}, ${session.status}, last active ${session.last_activity_at}`,
    mimeType: MIME,
  }))
}

/** @throws GobbyError `not_found`, `ambiguous`, `invalid` */
export async function readResource(ctx: Context, uri: string): Promise<{ uri: string; mimeType: string; text: string }> {
  const [, address, handoff] = ADDRESS.exec(uri) ?? []
  const ref = address === undefined ? undefined : decoded(address)
  if (ref === undefined) throw new GobbyError('invalid', 'No such address.', 'Sessions are at gobby://session/3 or gobby://session/project~3, their handoffs at …/handoff.')
  return { uri, mimeType: MIME, text: handoff ? await handoffPage(ctx, ref) : await page(ctx, ref) }
}

async function page(ctx: Context, ref: string): Promise<string> {
  const session = await call(getSession, ctx, { session_id: ref })
  const { messages, total_count } = await call(getSessionMessages, ctx, { session_id: session.id, limit: MESSAGES, tail: true, content_type: 'text' })
  return sessionPage(session, messages, total_count)
}

async function handoffPage(ctx: Context, ref: string): Promise<string> {
  const { compact_markdown, session_id } = await call(getHandoffContext, ctx, { session_id: ref })
  if (compact_markdown !== null) return compact_markdown
  const shown = session_id === null ? ref : await refOfId(ctx, session_id)
  throw new GobbyError('not_found', `Session ${shown} has handed nothing over yet.`, `Make its handoff with create_handoff(session_id="${shown}").`)
}

/**
 * Refs of recent sessions that begin with what is typed: `3` in the caller's project, everywhere `gobby~3` in an
 * address, else `gobby#3`.
 */
export async function completedRefs(ctx: Context, typed: string, { inAddress }: { inAddress: boolean }): Promise<string[]> {
  const project = await ctx.project()
  const { sessions } = await call(listSessions, ctx, { limit: COMPLETED, project_id: '*' })
  const refs = sessions.flatMap((session) => [...(session.project_id === project?.id ? [String(session.seq_num)] : []), inAddress ? addressOf(session) : qualifiedRef(session)])
  return refs.filter((ref) => ref.startsWith(typed))
}

function addressOf({ project, seq_num }: { project: string; seq_num: number }): string {
  return `${encodeURIComponent(project)}~${seq_num}`
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
