import type { SyncReport } from '@gobby/sessions'
import type { Screen } from './screen.js'
import { table } from './table.js'
import { counted, harmless, oneLine } from './text.js'

/** How many of the files passed over a terminal shows by name. */
const SHOWN = 5

export function syncReport(report: SyncReport, screen: Screen): string {
  return screen.terminal ? onTerminal(report, screen) : inPipe(report)
}

/** Lines that begin with what they are: `source`, `skipped_line`, `skipped_file`, `alarm`, `unreadable`. */
function inPipe({ sources, skipped_files, alarms, unreadable }: SyncReport): string {
  const lines = [
    ...Object.entries(sources).map(([name, { files, created, updated, unchanged, messages, skipped_lines }]) =>
      ['source', name, files, created, updated, unchanged, messages, skipped_lines]),
    ...Object.entries(sources).flatMap(([name, { skipped_reasons }]) => Object.entries(skipped_reasons).map(([reason, count]) => ['skipped_line', name, reason, count])),
    ...skipped_files.map(({ path, reason }) => ['skipped_file', path, reason]),
    ...alarms.map(({ path, source, reason }) => ['alarm', source, path, reason]),
    ...unreadable.map(({ path, reason }) => ['unreadable', path, reason]),
  ]
  return lines.map((line) => `${line.map((cell) => oneLine(String(cell))).join('\t')}\n`).join('')
}

function onTerminal({ sources, skipped_files, alarms, unreadable }: SyncReport, screen: Screen): string {
  const rows = Object.entries(sources).map(([name, counts]) => Object.assign({ name }, counts))
  const counts = table(
    rows,
    [
      { head: 'SOURCE', value: ({ name }) => name, style: 'bold' },
      { head: 'FILES', value: ({ files }) => files, right: true },
      { head: 'NEW', value: ({ created }) => created, right: true, style: 'green' },
      { head: 'UPDATED', value: ({ updated }) => updated, right: true },
      { head: 'UNCHANGED', value: ({ unchanged }) => unchanged, right: true },
      { head: 'MESSAGES', value: ({ messages }) => messages, right: true },
      { head: 'SKIPPED LINES', value: ({ skipped_lines }) => skipped_lines, right: true },
    ],
    screen,
  )
  const reasons = rows.flatMap(({ name, skipped_reasons }) => Object.entries(skipped_reasons).map(([reason, count]) => `  ${name}: ${counted(count, 'line')}: ${reason}`))
  const notes = [
    ...headed('Lines that could not be read:', reasons),
    ...headed(`${counted(skipped_files.length, 'file')} passed over:`, pathsOf(skipped_files)),
    ...headed('Look at these: their format may have changed.', pathsOf(alarms)),
    ...headed('Could not be read:', pathsOf(unreadable)),
  ]
  return `${counts}${notes.map((line) => `${oneLineIndented(line)}\n`).join('')}`
}

function headed(head: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', head, ...lines]
}

function pathsOf(files: { path: string; reason: string }[]): string[] {
  const more = files.length - SHOWN
  return [...files.slice(0, SHOWN).map(({ path, reason }) => `  ${path}: ${reason}`), ...(more > 0 ? [`  … ${more} more: gobby session sync --json`] : [])]
}

function oneLineIndented(line: string): string {
  return `${line.startsWith('  ') ? '  ' : ''}${oneLine(harmless(line))}`
}

/** What one sync of `--watch` brought, in a line; undefined when it brought nothing. */
export function changeLine({ sources, alarms, unreadable }: SyncReport): string | undefined {
  const parts = Object.entries(sources).flatMap(([name, { created, updated, messages, skipped_lines }]) => {
    if (created + updated + messages === 0) return []
    const words = [created > 0 ? `${created} new` : '', updated > 0 ? `${updated} updated` : '', counted(messages, 'message'), skipped_lines > 0 ? counted(skipped_lines, 'skipped line') : '']
    return [`${name}: ${words.filter((word) => word !== '').join(', ')}`]
  })
  const troubles = [...alarms, ...unreadable].map(({ path, reason }) => `${path}: ${reason}`)
  return parts.length + troubles.length === 0 ? undefined : oneLine(harmless([...parts, ...troubles].join('; ')))
}
