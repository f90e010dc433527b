/** A session's title: the CLI's own where it wrote one, else the first prompt. */
import { titleFrom } from '../normalise.js'

export type TitleState = {
  custom?: string
  ai?: string
  /** The name that the CLI's list of agents shows; the same as one of the two above wherever both were seen. */
  agent?: string
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
      const own = state.custom || state.ai || state.agent || state.summary
      return own ? own.replace(/\s+/g, ' ').trim() : titleFrom(state.prompt ?? state.command ?? state.last ?? '')
    },
    /** The first prompt that says something, without the marks of pasted pictures. */
    sawPrompt(said: string): void {
      if (state.prompt) return
      const words = said.slice(0, 4000).replace(/\[Image #\d+\]/g, ' ').slice(0, 2000)
      if (words.trim() !== '') state.prompt = words
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
