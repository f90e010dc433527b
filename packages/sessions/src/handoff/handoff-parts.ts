/** What stands in the sections of a handoff, part by part, so that each part can give way by whole items. */
import { code, fenced, inline, item, oneLine, path, plain, quoted, shorten } from './escape-markdown.js'
import type { HandoffContext, TouchedFile } from './handoff-context.js'

export type Part = 'goal' | 'request' | 'task' | 'open' | 'done' | 'problems' | 'checks' | 'status' | 'commits' | 'files' | 'activity' | 'notes'
/** How much of each part is shown: items of a list, characters of a text. */
export type Shown = Record<Part, number>

export type HandoffParts = {
  totals: Shown
  /** The sections that have something to show. Todos stand in their own order, or the open ones first. */
  sections: (shown: Shown, openFirst: boolean) => string[]
  /** Where in a page the open todos end; 0 without any. */
  endOfOpen: (page: string) => number
}

/** A step, a command or a problem is told in one line; a file name or a todo may take more of it. */
const [shortLine, longLine] = [240, 500]
const marks = { completed: '[x]', in_progress: '[>]', pending: '[ ]' } as const

export function handoffParts(context: HandoffContext): HandoffParts {
  const goal = plain(context.initial_goal ?? '').trim()
  const request = plain(context.latest_request ?? '').trim()
  const notes = plain(context.notes ?? '').trim()
  const task = taskLines(context.active_task)
  const todos = context.todos.map(({ content, status }) => ({ done: status === 'completed', begun: status === 'in_progress', line: `- ${marks[status]} ${inline(oneLine(content, longLine))}` }))
  const lists = {
    problems: listed(context.open_problems.map((text) => item(oneLine(text, longLine)))),
    checks: listed(context.commands.map(commandLine)),
    status: plain(context.git_status ?? '').split('\n').filter((line) => line.trim() !== ''),
    commits: listed(context.git_commits.map(({ hash, message }) => commitLine(hash, message))),
    files: listed(filesOf(context).map(fileLine)),
    activity: listed(context.recent_activity.map((text) => item(oneLine(text, shortLine)))),
  }
  const open = todos.filter(({ done }) => !done)
  const done = todos.filter((todo) => todo.done)
  const mostPressing = [...open.filter(({ begun }) => begun), ...open.filter(({ begun }) => !begun)]

  const todoLines = (shown: Shown, openFirst: boolean): string[] => {
    const kept = new Set([...mostPressing.slice(0, shown.open), ...newest(done, shown.done)])
    const ordered = openFirst ? [...open, ...done] : todos
    const lines = ordered.filter((todo) => kept.has(todo)).map(({ line }) => line)
    return lines.length === 0 ? [] : [...lines, ...rest(open.length - shown.open, 'open'), ...rest(done.length - shown.done, 'done')]
  }

  return {
    totals: {
      goal: goal.length, request: request.length, notes: notes.length, task: task.length, open: open.length, done: done.length,
      problems: lists.problems.length, checks: lists.checks.length, status: lists.status.length,
      commits: lists.commits.length, files: lists.files.length, activity: lists.activity.length,
    },
    sections: (shown, openFirst) => [
      section('Original Goal', text(goal, shown.goal)),
      section('Latest Request', text(request, shown.request)),
      section('Active Task', task.slice(0, shown.task)),
      section('In-Progress Work', todoLines(shown, openFirst)),
      section('Open Problems', lastOf(lists.problems, shown.problems)),
      section('Checks Run', lastOf(lists.checks, shown.checks)),
      section('Uncommitted Changes', statusLines(lists.status, shown.status)),
      section('Commits This Session', firstOf(lists.commits, shown.commits)),
      section('Files Modified', firstOf(lists.files, shown.files)),
      section('Recent Activity', lastOf(lists.activity, shown.activity)),
      section('Notes', text(notes, shown.notes)),
    ].filter((body) => body !== ''),
    endOfOpen: (page) => open.length === 0 ? 0 : page.lastIndexOf(`\n${open.at(-1)?.line}`) + (open.at(-1)?.line.length ?? 0),
  }
}

function section(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `### ${heading}\n${lines.join('\n')}`
}

function rest(count: number, what = ''): string[] {
  return count > 0 ? [`… and ${count} more${what && ` ${what}`}`] : []
}

function text(whole: string, most: number): string[] {
  const kept = shorten(whole, most)
  if (kept === '') return []
  // A blank line, or what follows a quotation would be taken for a part of it.
  return kept === whole ? [quoted(whole)] : [quoted(kept), '', ...rest(whole.length - kept.length, 'characters')]
}

/** Of a list whose first items matter most. */
function firstOf(lines: readonly string[], most: number): string[] {
  return most === 0 ? [] : [...lines.slice(0, most), ...rest(lines.length - most)]
}

/** Of a list whose last items matter most. */
function lastOf(lines: readonly string[], most: number): string[] {
  return most === 0 ? [] : [...newest(lines, most), ...rest(lines.length - most, 'before these')]
}

function newest<T>(items: readonly T[], most: number): T[] {
  return items.slice(Math.max(0, items.length - most))
}

function statusLines(lines: readonly string[], most: number): string[] {
  return most === 0 ? [] : [fenced(lines.slice(0, most).join('\n')), ...rest(lines.length - most)]
}

function listed(texts: readonly string[]): string[] {
  return texts.filter((line) => line !== '').map((line) => `- ${line}`)
}

function taskLines(task: HandoffContext['active_task']): string[] {
  if (task === null) return []
  const title = inline(oneLine(task.title, shortLine)).replaceAll('*', '\\*')
  return [`**${title || 'untitled'}** (${inline(oneLine(task.id, shortLine))})\nStatus: ${inline(oneLine(task.status, shortLine)) || 'unknown'}`]
}

function commandLine({ command, exit_status }: HandoffContext['commands'][number]): string {
  const line = oneLine(command, shortLine)
  return line === '' ? '' : `${code(line)} ${outcome(exit_status)}`
}

function outcome(exit: number | null): string {
  if (exit === null) return 'not seen to end'
  return exit === 0 ? 'ok' : `failed (exit ${exit})`
}

/** The subject alone: the rest of a message is what the commit itself is for. */
function commitLine(hash: string | null, message: string): string {
  const subject = oneLine(plain(message).split('\n')[0] ?? '', shortLine)
  return hash === null ? item(subject) : `${code(shorten(oneLine(hash), 7))} ${inline(subject)}`.trimEnd()
}

/** Every path once; what is known of it, when it is known. */
function filesOf({ files, files_modified }: HandoffContext): TouchedFile[] {
  const known = new Set(files.map((file) => file.path))
  const others = files_modified.filter((name) => !known.has(name))
  return [...files, ...others.map((name) => ({ path: name, change: 'modified', by: 'session' }) as const)]
}

function fileLine(file: TouchedFile): string {
  const change = file.change === 'modified' ? '' : ` (${file.change})`
  return file.path === '' ? '' : `${path(file.path)}${change}${file.by === 'subagent' ? ' (by sub-agent)' : ''}`
}
