/** What the parser remembers between two reads. Small whatever the size of the file: no list in it grows with the session. */
import type { CopiedHistory } from './copied-history.js'
import type { OpenCall } from './open-calls.js'
import type { UsageState } from './usage.js'

export type State = {
  id: string | null
  /** When the session began; stands in for the time of bare lines, which have none. */
  started_at: string | null
  is_bare: boolean
  is_child: boolean
  has_parent: boolean
  copied: CopiedHistory | null
  /** A turn or a message of the session's own has been read: no copied history can follow. */
  has_own: boolean
  /** Where there are no response items at all, events have the chat. */
  has_items: boolean
  model: string | null
  title: 'none' | 'prompt' | 'name'
  open: OpenCall[]
  usage: UsageState
}

export function newState(): State {
  return {
    id: null,
    started_at: null,
    is_bare: false,
    is_child: false,
    has_parent: false,
    copied: null,
    has_own: false,
    has_items: false,
    model: null,
    title: 'none',
    open: [],
    usage: { count: 0, total: null, has_records: false },
  }
}
