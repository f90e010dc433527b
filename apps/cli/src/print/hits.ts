import type { searchMessages } from '@gobby/sessions/operations'
import type { z } from 'zod'
import { ago } from './quantities.js'
import type { Screen } from './screen.js'
import { harmless, oneLine } from './text.js'

type Hit = z.output<(typeof searchMessages)['output']>['results'][number]

/** Ranked hits: two lines each on a terminal, one of tab-separated values in a pipe. */
export function hitsView(hits: Hit[], { screen, now, across }: { screen: Screen; now: Date; across: boolean }): string {
  // What holds for all projects is told apart by the project; a ref that names it already is left.
  const refOf = ({ ref, project }: Hit): string => (across && ref.startsWith('#') ? `${project}${ref}` : ref)
  if (!screen.terminal) {
    const line = (hit: Hit) => [refOf(hit), hit.message_index, hit.role, hit.timestamp ?? '', hit.content_type, hit.tool_name ?? '', oneLine(unmarked(hit.snippet))]
    return hits.map((hit) => `${line(hit).join('\t')}\n`).join('')
  }
  const { paint } = screen
  return hits
    .map((hit) => {
      const what = [hit.role, hit.content_type === 'text' ? '' : hit.content_type, hit.tool_name ?? '', hit.source, ago(hit.timestamp, now)]
      const head = `${paint('bold', refOf(hit))} ${hit.message_index}  ${paint('dim', oneLine(harmless(what.filter((word) => word !== '').join(' · '))))}`
      return `${head}\n  ${marked(oneLine(harmless(hit.snippet)), screen)}\n`
    })
    .join('\n')
}

function unmarked(snippet: string): string {
  return snippet.replaceAll(/<\/?mark>/g, '')
}

function marked(snippet: string, { paint }: Screen): string {
  return unmarked(snippet.replaceAll(/<mark>(.*?)<\/mark>/g, (_all, words: string) => paint(['bold', 'yellow'], words)))
}
