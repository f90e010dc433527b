import type { FileReport, InstallReport } from '@gobby/sessions/install'
import type { Screen } from './screen.js'
import { harmless, oneLine } from './text.js'

const WORDS: Record<FileReport['outcome'], { done: string; would: string; style: Parameters<Screen['paint']>[0] }> = {
  created: { done: 'made', would: 'would be made', style: 'green' },
  changed: { done: 'changed', would: 'would be changed', style: 'green' },
  unchanged: { done: 'already as it should be', would: 'already as it should be', style: 'dim' },
  removed: { done: 'removed', would: 'would be removed', style: 'green' },
  refused: { done: 'not touched', would: 'would not be touched', style: 'red' },
}

/** What was done to each file, and what the person still has to do. */
export function installReport(report: InstallReport, screen: Screen): string {
  return screen.terminal ? onTerminal(report, screen) : inPipe(report)
}

/** Lines that begin with what they are: `file`, `launcher`, `not_found`, `warning`, `next`, and the lines of a diff. */
function inPipe({ files, launchers, not_found, warnings, next }: InstallReport): string {
  const lines = [
    ...files.map(({ source, scope, path, outcome, holds, backup, reason, hint }) => ['file', source, scope, outcome, holds.join(','), path, backup ?? '', reason ?? '', hint ?? '']),
    ...launchers.map(({ path, outcome }) => ['launcher', outcome, path]),
    ...not_found.map((name) => ['not_found', name]),
    ...warnings.map((warning) => ['warning', warning]),
    ...next.map((step) => ['next', step]),
  ]
  const diffs = files.flatMap(({ diff }) => (diff === undefined ? [] : [harmless(diff)]))
  return lines.map((line) => `${line.map((cell) => oneLine(harmless(cell))).join('\t')}\n`).join('') + diffs.join('')
}

function onTerminal({ dry_run, files, launchers, not_found, warnings, next }: InstallReport, screen: Screen): string {
  const lines = files.flatMap((file) => fileLines(file, dry_run, screen))
  const moved = launchers.filter(({ outcome }) => outcome !== 'unchanged')
  return [
    ...lines,
    ...moved.map(({ path, outcome }) => `${screen.paint('bold', 'gobby')}  ${path}: ${dry_run ? 'would be ' : ''}${outcome}`),
    ...not_found.map((name) => screen.paint('dim', `${name}  not here`)),
    ...headed('Look at this:', warnings, screen),
    ...headed('What is left to do:', next, screen),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

function fileLines({ source, path, outcome, holds, backup, reason, hint, diff }: FileReport, dry_run: boolean, { paint }: Screen): string[] {
  const { done, would, style } = WORDS[outcome]
  const what = holds.length === 0 ? '' : ` (${holds.map((each) => (each === 'mcp' ? 'MCP server' : each)).join(', ')})`
  const head = `${paint('bold', source)}  ${harmless(path)}${what}: ${paint(style, dry_run ? would : done)}`
  return [
    reason === undefined ? head : `${head}, because ${reason}`,
    ...(hint === undefined ? [] : [`    ${harmless(hint)}`]),
    ...(backup === null ? [] : [paint('dim', `    as it was: ${harmless(backup)}`)]),
    ...(diff === undefined ? [] : harmless(diff).trimEnd().split('\n').map((line) => `    ${line.startsWith('+') ? paint('green', line) : line.startsWith('-') ? paint('red', line) : line}`)),
  ]
}

function headed(head: string, lines: string[], { paint }: Screen): string[] {
  return lines.length === 0 ? [] : ['', paint('bold', head), ...lines.map((line) => `  ${harmless(line)}`)]
}
