/** Where a session ran: the transcript itself seldom says so, the folders around it do. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isRecord, textOf } from '../normalise.js'
import { partsOf, recordFrom, textIn } from './parts.js'

type Fields = Record<string, unknown>

/** From what the CLI wrote down to what can be concluded; null when nothing tells. */
export function folderOf(path: string, header: Fields | undefined, messages: Fields[]): string | null {
  return registeredFolder(path, header) ?? contextFolder(messages) ?? subagentFolder(header) ?? hashedFolder(header, messages) ?? null
}

/** sha256 of a project's path: what a transcript says of its folder, and what older versions named its folder by. */
export function projectHash(path: string): string {
  return createHash('sha256').update(path).digest('hex')
}

/** As the CLI wrote it down: beside the transcripts, or in its list of all projects. */
function registeredFolder(path: string, header: Fields | undefined): string | undefined {
  const chats = chatsFolder(path)
  if (chats === undefined) return undefined
  const project = dirname(chats)
  const root = textAt(join(project, '.project_root'))
  if (root) return root
  const projects = recordFrom(textAt(join(dirname(dirname(project)), 'projects.json')) ?? '')?.['projects']
  if (!isRecord(projects)) return undefined
  const hash = textOf(header?.['projectHash'])
  return Object.keys(projects).find((folder) => projects[folder] === basename(project) || projectHash(folder) === hash)
}

/** The folder `chats` that the file stands in, or one of its sub-agents' folders does. */
function chatsFolder(path: string): string | undefined {
  return [dirname(path), dirname(dirname(path))].find((folder) => basename(folder) === 'chats')
}

/** The folder named in the context that the CLI puts before the first prompt. */
function contextFolder(messages: Fields[]): string | undefined {
  for (const message of messages) {
    const text = message['type'] === 'user' ? textIn(partsOf(message['content'])) : ''
    if (!/^\s*(<session_context>|This is the Gemini CLI)/.test(text)) continue
    const found = /Workspace Directories:\*\*\n\s*- (.+)|working in the directory: (.+)|working in the following directories:\n\s*- (.+)/.exec(text.slice(0, 20_000))
    const folder = (found?.[1] ?? found?.[2] ?? found?.[3])?.trim()
    if (folder) return folder
  }
  return undefined
}

/** A sub-agent lists the folders it may work in, the project first; a main session only the ones added to it. */
function subagentFolder(header: Fields | undefined): string | undefined {
  const folders = header?.['kind'] === 'subagent' ? header['directories'] : undefined
  return Array.isArray(folders) ? textOf(folders[0]) : undefined
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** At most so many paths are tried, so that a huge head costs no more than milliseconds. */
const HASH_LIMIT = 2000

/** The project's folder, or one inside it, is in the path of nearly every tool call: the one with the right hash is it. */
function hashedFolder(header: Fields | undefined, messages: Fields[]): string | undefined {
  const hash = textOf(header?.['projectHash'])
  if (!hash || hash.length !== 64) return undefined
  const tried = new Set<string>()
  for (const path of pathsIn(messages)) {
    for (let folder = path; folder !== '' && !tried.has(folder); folder = folder.slice(0, Math.max(0, folder.search(/[\\/][^\\/]*$/)))) {
      if (projectHash(folder) === hash) return folder
      tried.add(folder)
      if (tried.size >= HASH_LIMIT) return undefined
    }
  }
  return undefined
}

/** Absolute paths anywhere in the value: as a text of their own, or as words of one. */
function* pathsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') {
    if (/^(\/|[A-Za-z]:\\)[^\n]*$/.test(value.slice(0, 1000))) yield value.slice(0, 1000)
    for (const [path] of value.slice(0, 4000).matchAll(/(?<![\w./])\/[\w@+~.-]+(\/[\w@+~.-]+)+/g)) yield path
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) yield* pathsIn(item)
  }
}
