/** What people type for a session, and what they are shown. One resolver for every surface. */
import type { Session, Store } from '@gobby/storage'
import { GobbyError } from './errors.js'

/** `#12`: within a project. Without a number (there always is one) the first 8 characters of the id. */
export function refOf(session: Pick<Session, 'seq_num' | 'id'>): string {
  return session.seq_num ? `#${session.seq_num}` : session.id.slice(0, 8)
}

/** `gobby#12`: across projects. */
export function qualifiedRef(session: Pick<Session, 'seq_num' | 'id' | 'project'>): string {
  return `${session.project}${refOf(session)}`
}

/** How many candidates an error lists. */
const CANDIDATES = 10
const NUMBER = /^#?([1-9]\d{0,8})$/
const QUALIFIED = /^(.+)[#~]([1-9]\d{0,8})$/
const PREFIX = /^[0-9a-f][0-9a-f-]{3,}$/i

/**
 * The session that a ref names: `#N`, `N`, `project#N` (in addresses `project~N`), a UUID, the first 4 or more
 * characters of one, or the id the CLI gave the run. Digits alone are always a number.
 *
 * @param projectId the project `#N` counts in; without it the number is looked up in all projects
 * @throws GobbyError `invalid` when it is no ref, `not_found`, `ambiguous` with the candidates as `project#N`
 */
export async function resolveSessionReference(store: Store, ref: string | number, projectId?: string): Promise<Session> {
  const text = String(ref).trim()
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text
  const number = NUMBER.exec(text)?.[1]
  if (number) return one(shown, await store.sessions.findByNumber(Number(number), projectId), await inProject(store, projectId))
  const [, project, qualified] = QUALIFIED.exec(text) ?? []
  if (project && qualified && text.length <= 300) {
    const owner = (await store.projects.getByName(project)) ?? (await store.projects.get(project))
    if (!owner) throw new GobbyError('not_found', `No session ${shown}: no project ${JSON.stringify(project)}.`, 'See the projects known: gobby project list')
    return one(shown, await store.sessions.findByNumber(Number(qualified), owner.id), '')
  }
  if (text === '' || text.length > 200 || text.startsWith('-') || /[#~%\s\p{Cc}]/u.test(text) || /^\d+$/.test(text)) throw malformed(shown)
  const found = PREFIX.test(text) || text.length >= 8 ? await store.sessions.findById(text, CANDIDATES + 1) : []
  if (found.length === 0 && !PREFIX.test(text) && text.length < 8) throw malformed(shown)
  return one(shown, found, '')
}

function one(shown: string, found: Session[], where: string): Session {
  const [first] = found
  if (!first) throw new GobbyError('not_found', `No session ${shown}${where}.`, 'See the sessions there are: gobby session list --all')
  if (found.length === 1) return first
  const candidates = found.slice(0, CANDIDATES).map(qualifiedRef)
  throw new GobbyError(
    'ambiguous',
    `${shown} may be ${candidates.join(', ')}${found.length > CANDIDATES ? ', …' : ''}.`,
    `Name the project too: gobby session show ${quoted(candidates[0] as string)}`,
    { candidates },
  )
}

async function inProject(store: Store, projectId: string | undefined): Promise<string> {
  const project = projectId === undefined ? undefined : await store.projects.get(projectId)
  return project ? ` in project ${project.name}` : ''
}

function malformed(shown: string): GobbyError {
  return new GobbyError(
    'invalid',
    `${JSON.stringify(shown)} is no session.`,
    "Type a number (gobby session show 3), 'project#3', or at least 4 characters of an id. A shell drops an unquoted #3.",
  )
}

/** A ref as it can be pasted into a shell, where an unquoted `#` begins a comment only at the start of a word. */
export function quoted(ref: string): string {
  return ref.startsWith('#') ? ref.slice(1) : ref
}
