import { setImmediate } from 'node:timers/promises'
import { qualifiedRef } from '@gobby/sessions'
import type { Change, Store } from '@gobby/storage'
import { HEARTBEAT_MS } from '../limits.js'

/** How often the database is asked whether anything changed, while somebody listens: one look at a counter. */
const POLL_MS = 100
/** Changes kept in memory, for listeners that are up to date. Who lags further behind reads from the database. */
const RECENT = 1000
/** As many as one listener that lags is sent at once, some 50 KB. */
const PAGE = 100

/** A change as it is sent. */
export type LiveEvent = Pick<Change, 'id' | 'type' | 'project_id' | 'session_id'> & { text: string }

/** What woke a listener: there is more to read, it is time for a heartbeat, or the feed ends. */
export type Wake = 'changed' | 'heartbeat' | 'ended'

/**
 * The outbox, followed once for all listeners. Other processes write it too, so it has to be looked at; SQLite's data
 * version tells at next to no cost whether there is anything to see.
 */
export class ChangeFeed {
  readonly #store: Store
  #recent: LiveEvent[] = []
  #last = 0
  #version = ''
  #listeners = 0
  #timers: NodeJS.Timeout[] = []
  #next = Promise.withResolvers<Wake>()
  #ended = false
  #looking: Promise<void> | undefined
  #started: Promise<void> | undefined

  constructor(store: Store) {
    this.#store = store
  }

  get listeners(): number {
    return this.#listeners
  }

  /** Begins to listen. @returns where the feed stands, and the oldest change that is kept */
  async enter(): Promise<{ first: number; last: number }> {
    if (this.#listeners++ === 0) this.#started = this.#start()
    try {
      await this.#started
      const { first } = await this.#store.changes.range()
      return { first, last: this.#last }
    } catch (error) {
      this.leave()
      throw error
    }
  }

  leave(): void {
    if (--this.#listeners > 0) return
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    this.#recent = []
  }

  /** What follows a place, the oldest first; from memory where it reaches back that far. */
  async after(id: number): Promise<LiveEvent[]> {
    const [oldest] = this.#recent
    if (id >= this.#last) return []
    if (!oldest || oldest.id > id + 1) return this.#read(id)
    const at = this.#recent.findIndex((event) => event.id > id)
    return this.#recent.slice(at, at + PAGE)
  }

  /** Resolves when there may be something to do. */
  wake(): Promise<Wake> {
    return this.#ended ? Promise.resolve('ended') : this.#next.promise
  }

  /** Ends every listener. */
  end(): void {
    this.#ended = true
    this.#tell('ended')
    for (const timer of this.#timers) clearInterval(timer)
  }

  async #start(): Promise<void> {
    this.#version = await this.#store.version()
    this.#last = (await this.#store.changes.range()).last
    if (this.#ended) return
    this.#timers = [setInterval(() => void this.#poll(), POLL_MS), setInterval(() => this.#tell('heartbeat'), HEARTBEAT_MS)]
  }

  async #poll(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
    // A database that cannot be read now is looked at again in a moment.
    await this.#looking.catch(() => {})
  }

  async #look(): Promise<void> {
    const version = await this.#store.version()
    if (version === this.#version) return
    for (let page = await this.#read(this.#last); page.length > 0; page = page.length < PAGE ? [] : await this.#read(this.#last)) {
      this.#last = (page.at(-1) as LiveEvent).id
      this.#recent = [...this.#recent, ...page].slice(-RECENT)
      this.#tell('changed')
    }
    this.#version = version
  }

  async #read(id: number): Promise<LiveEvent[]> {
    // A listener that catches up with a day must not keep all others waiting.
    await setImmediate()
    const changes = await this.#store.changes.after(id, PAGE)
    const names = await looked(changes.map(({ project_id }) => project_id), async (id) => (await this.#store.projects.get(id))?.name)
    const refs = await looked(changes.map(({ session_id }) => session_id), async (id) => {
      const session = await this.#store.sessions.get(id)
      return session && qualifiedRef(session)
    })
    return changes.map(({ id, type, created_at, project_id, session_id, data }) => {
      const project = names.get(project_id) ?? null
      const ref = refs.get(session_id) ?? (typeof data.seq_num === 'number' && project !== null ? `${project}#${data.seq_num}` : null)
      const event = { id, type, created_at, project_id, project, session_id, ref, ...data }
      return { id, type, project_id, session_id, text: `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n` }
    })
  }

  #tell(wake: Wake): void {
    const { resolve } = this.#next
    this.#next = Promise.withResolvers()
    resolve(wake)
  }
}

/** Looks each id up once. */
async function looked(ids: (string | null)[], look: (id: string) => Promise<string | undefined>): Promise<Map<string | null, string | undefined>> {
  const found = new Map<string | null, string | undefined>()
  for (const id of new Set(ids)) if (id !== null) found.set(id, await look(id))
  return found
}
