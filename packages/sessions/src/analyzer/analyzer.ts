/** What a session was about and how far it got, from its messages alone. Pure: values in, values out. */
import type { Step } from '@gobby/storage'
import { recentActivity } from './analyze-activity.js'
import { checksRun, openProblems, runsOf } from './analyze-commands.js'
import { filesOf, type Touch, touchesOf } from './analyze-files.js'
import { type TaskMention, taskOf } from './analyze-task.js'
import { todosOf } from './analyze-todos.js'
import { type Call, callsOf, type Reader, sinceBoundary } from './calls.js'
import { commitsReported, type ReportedCommit } from '../git/commit-output.js'
import type { HandoffContext } from '../handoff/handoff-context.js'
import { maskSecrets } from '../handoff/mask-secrets.js'

/** What `analyze` finds. */
export type Analysis = Pick<HandoffContext, 'initial_goal' | 'latest_request' | 'todos' | 'files' | 'commands' | 'open_problems' | 'recent_activity'> & {
  /** The task the session worked on last, as its tool calls tell. */
  task: TaskMention | null
  /** Commits that its shell commands printed, in order. */
  reported_commits: (ReportedCommit & { timestamp: string | null })[]
}

/** What `analyze` reads. */
export type AnalysisInput = {
  /** The messages in order, whole: not the last turns. */
  steps: Step[]
  /** The outputs asked for by `resultsWanted`. */
  results: Map<number, string>
  reader: Reader
  /** Paths inside this folder are given relative to it. */
  folder: string | null
  cwd: string | null
  /** Edits of its sub-agents. */
  subagent_touches?: Touch[]
}

const GOAL_CHARACTERS = 2000

/** Reads a session since its last hard boundary. Its cost is linear in the number of messages. */
export function analyze({ steps, results, reader, folder, cwd, subagent_touches = [] }: AnalysisInput): Analysis {
  const own = sinceBoundary(steps, reader)
  const calls = callsOf(own, results, reader)
  const prompts = own.filter((step) => step.is_prompt && !step.is_sidechain).map((step) => step.content.trim())
  const runs = runsOf(calls)
  const shorten = (path: string) => filesOf([{ path, change: undefined, by: 'session', timestamp: null }], { folder, cwd })[0]?.path ?? path
  return {
    initial_goal: prompts[0] ? cut(prompts[0]) : null,
    latest_request: latestRequest(prompts),
    todos: todosOf(calls),
    files: filesOf([...touchesOf(calls), ...subagent_touches], { folder, cwd }),
    commands: checksRun(runs, cwd),
    open_problems: openProblems(runs, cwd),
    recent_activity: recentActivity(calls, shorten, cwd),
    task: taskOf(calls),
    reported_commits: reportedCommits(calls),
  }
}

export function reportedCommits(calls: Call[]): Analysis['reported_commits'] {
  return commitsReported(
    calls.flatMap(({ actions, result, ended, outcome, timestamp }) =>
      actions
        .filter(({ kind }) => kind === 'shell')
        .map(({ command }) => ({ command: command ?? null, output: result ?? '', succeeded: ended === 'open' || outcome.running ? null : ended === 'ok', timestamp })),
    ),
  )
}

/** Words by which a person lets the agent go on; they change nothing about the task. */
const GO_ON =
  /^(?:(?:please|ok(?:ay)?|yes|yep|yeah|sure|no|y|n|k|continue|go|go on|go ahead|proceed|carry on|keep going|next|thanks|thank you|great|good|perfect|nice|cool|do it|try again|again|retry|resume|lgtm|looks good|commit|commit it|push|commit and push|done|stop|wait|approved?|ship it|exit|quit|\d{1,2}|[a-e]|(?:go ahead and |and )?commit(?: and push)?|\/[\w:-]+)(?:[\s,.!]+|$))+$/i

/** The last prompt that asks for something, when it is not the first. */
function latestRequest(prompts: string[]): string | null {
  const last = prompts.slice(1).findLast((prompt) => prompt !== '' && !GO_ON.test(prompt))
  return last === undefined || last === prompts[0] ? null : cut(last)
}

/** At most 2,000 characters, cut between words. A secret cut in two would not be known as one any more. */
function cut(prompt: string): string {
  const { text } = maskSecrets(prompt)
  if (text.length <= GOAL_CHARACTERS) return text
  const head = text.slice(0, GOAL_CHARACTERS - 1).toWellFormed()
  const space = head.search(/\s\S*$/)
  return `${(space > GOAL_CHARACTERS / 2 ? head.slice(0, space) : head).trimEnd()}…`
}
