/** A session's title: the CLI's own where it wrote one, else the first prompt. */
import { titleFrom } from '../normalise.js'

export type TitleState = {
  custom?: string
  ai?: string
  summary?: string
  prompt?: string
  command?: string
  last?: string
  /** Summaries seen, by the row they speak of: many describe another session of the folder. */
  summaries: Record<string, string>
  /** The last rows' ids, for a summary that comes after them. */
  rows: string[]
}

const REMEMBERED = 30

export function titles(saved: TitleState | undefined) {
  const state: TitleState = saved ?? { summaries: {}, rows: [] }
  return {
    state,
    current(): string | undefined {
      const own = state.custom ?? state.ai ?? state.summary
      return own ? own.replace(/\s+/g, ' ').trim() : titleFrom(state.prompt ?? state.command ?? state.last ?? '')
    },
    sawRow(uuid: string): void {
      const summary = state.summaries[uuid]
      if (summary) state.summary = summary
      state.rows.push(uuid)
      if (state.rows.length > REMEMBERED) state.rows.shift()
    },
    sawSummary(leaf: string, summary: string): void {
      if (state.rows.includes(leaf)) state.summary = summary
      else if (Object.keys(state.summaries).length < REMEMBERED) state.summaries[leaf] = summary
    },
  }
}
