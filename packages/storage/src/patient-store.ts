import { setTimeout as sleep } from 'node:timers/promises'
import { GobbyError } from './errors.js'
import type { Store } from './store.js'

/** How long a writer may hold the database before a call gives up, in milliseconds. */
const MOST_MS = 5000
const EVERY_MS = 50

/** How long something is asked again. */
export type Patience = {
  most_ms?: number
  /** Aborted when nobody waits for the answer any more: from then on nothing is begun. */
  signal?: AbortSignal
}

/**
 * A store that waits for other writers without holding up anybody else: SQLite itself would wait in the one thread that
 * serves all requests. Each method of a store is one transaction, so one that was refused can simply be asked again.
 *
 * @param store opened with a short `busy_timeout_ms`
 */
export function patientStore(store: Store, patience: Patience = {}): Store {
  const patient = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_target, name) {
        const member = Reflect.get(target, name) as unknown
        if (typeof member === 'function') return (...args: unknown[]) => patiently(() => (member as (...args: unknown[]) => Promise<unknown>).apply(target, args), patience)
        return member
      },
    })
  const members = Object.entries(store).map(([name, member]) => [name, typeof member === 'object' ? patient(member) : member])
  return Object.fromEntries(members) as Store
}

/**
 * Does it again while another process holds the database.
 * @throws GobbyError `unavailable` once the signal is aborted
 */
export async function patiently<T>(action: () => Promise<T>, { most_ms = MOST_MS, signal }: Patience = {}): Promise<T> {
  const start = performance.now()
  for (;;) {
    if (signal?.aborted) throw new GobbyError('unavailable', 'The call was cancelled.')
    try {
      return await action()
    } catch (error) {
      const isBusy = error instanceof GobbyError && error.code === 'busy'
      if (!isBusy || performance.now() - start > most_ms) throw error
      await sleep(EVERY_MS)
    }
  }
}
