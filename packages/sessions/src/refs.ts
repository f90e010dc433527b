/** What people type for a session or a task, and what they are shown. One resolver for every surface. */
import type { Numbered, Project, Session, Store } from '@gobby/storage'
import { GobbyError } from './errors.js'

/** `#12`: within a project. Without a number (there always is one) the first 8 characters of the id. */
export function refOf(record: Pick<Numbered, 'seq_num' | 'id'>): string {
  return record.seq_num ? `#${record.seq_num}` : record.id.slice(0, 8)
}

/** `gobby#12`: across projects. */
export function qualifiedRef(record: Pick<Numbered, 'seq_num' | 'id' | 'project'>): string {
  return `${record.project}${refOf(record)}`
}

/** A record's ref as seen from a project: `#3` in it, `project#3` elsewhere. */
export function refFrom(from: Pick<Numbered, 'project_id'> | undefined, to: Numbered): string {
  return from?.project_id === to.project_id ? refOf(to) : qualifiedRef(to)
}

/** The same as seen by a caller in a project, or outside of all. */
export function refIn(project: Pick<Project, 'id'> | undefined, to: Numbered): string {
  return refFrom(project && { project_id: project.id }, to)
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
  const kind: RefKind<Session> = {
    noun: 'session',
    find: store.sessions,
    isId: (text) => PREFIX.test(text) || text.length >= 8,
    ids: 'at least 4 characters of an id',
  }
  return resolveReference(store, kind, ref, projectId)
}

/** What differs between the kinds of records that are numbered in their project. */
export type RefKind<T extends Numbered> = {
  noun: 'session' | 'task'
  find: {
    findByNumber(seq_num: number, project_id?: string): Promise<T[]>
    findById(text: string, limit: number): Promise<T[]>
  }
  /** Whether a text without spaces may be an id, or the beginning of one. */
  isId(text: string): boolean
  /** What a person may type for an id. */
  ids: string
}

/**
 * The record that a ref names; see {@link resolveSessionReference}.
 * @throws GobbyError as it does
 */
export async function resolveReference<T extends Numbered>(store: Store, kind: RefKind<T>, ref: string | number, projectId?: string): Promise<T> {
  const { noun, find } = kind
  const text = String(ref).trim()
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text
  const number = NUMBER.exec(text)?.[1]
  if (number) return one(noun, shown, await find.findByNumber(Number(number), projectId), await inProject(store, projectId))
  const { project, number: qualified } = qualifiedIn(text) ?? {}
  if (project && qualified && text.length <= 300) {
    const owner = (await store.projects.getByName(project)) ?? (await store.projects.get(project))
    if (!owner) throw new GobbyError('not_found', `No ${noun} ${shown}: no project ${JSON.stringify(project)}.`, 'See the projects known: gobby project list')
    return one(noun, shown, await find.findByNumber(Number(qualified), owner.id), '')
  }
  if (text === '' || text.length > 200 || text.startsWith('-') || /[#~%\s\p{Cc}]/u.test(text) || /^\d+$/.test(text)) throw malformed(kind, shown)
  const found = kind.isId(text) ? await find.findById(text, CANDIDATES + 1) : []
  if (found.length === 0 && !kind.isId(text)) throw malformed(kind, shown)
  return one(noun, shown, found, '')
}

/** The parts of `project#N`; undefined for every other form of a ref. */
export function qualifiedIn(text: string): { project: string; number: string } | undefined {
  const [, project, number] = QUALIFIED.exec(text) ?? []
  return project && number ? { project, number } : undefined
}

function one<T extends Numbered>(noun: string, shown: string, found: T[], where: string): T {
  const [first] = found
  if (!first) throw new GobbyError('not_found', `No ${noun} ${shown}${where}.`, `See the ${noun}s there are: gobby ${noun} list --all`)
  if (found.length === 1) return first
  const candidates = found.slice(0, CANDIDATES).map(qualifiedRef)
  throw new GobbyError(
    'ambiguous',
    `${shown} may be ${candidates.join(', ')}${found.length > CANDIDATES ? ', …' : ''}.`,
    `Name the project too: gobby ${noun} show ${quoted(candidates[0] as string)}`,
    { candidates },
  )
}

async function inProject(store: Store, projectId: string | undefined): Promise<string> {
  const project = projectId === undefined ? undefined : await store.projects.get(projectId)
  return project ? ` in project ${project.name}` : ''
}

function malformed({ noun, ids }: Pick<RefKind<Numbered>, 'noun' | 'ids'>, shown: string): GobbyError {
  return new GobbyError(
    'invalid',
    `${JSON.stringify(shown)} is no ${noun}.`,
    `Type a number (gobby ${noun} show 3), 'project#3', or ${ids}. A shell drops an unquoted #3.`,
  )
}

/** A ref as it can be pasted into a shell, where an unquoted `#` begins a comment only at the start of a word. */
export function quoted(ref: string): string {
  return ref.startsWith('#') ? ref.slice(1) : ref
}
