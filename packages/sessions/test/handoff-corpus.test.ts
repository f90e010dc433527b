/** Compares handoffs of real sessions with what a small separate reader finds in the same files. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, resolve, win32 } from 'node:path'
import type { Session } from '@gobby/storage'
import { sharedTranscripts, tempDir } from '@gobby/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Analysis } from '../src/analyzer/analyzer.ts'
import { type Context, createContext } from '../src/context.ts'
import type { HandoffContext } from '../src/handoff/handoff-context.ts'
import { analysisOf } from '../src/handoff/handoff.ts'
import { call } from '../src/operation.ts'
import { createHandoff, getHandoffContext } from '../src/operations/index.ts'
import { sync } from '../src/ingest/sync.ts'
import { claudeLabel } from './fixtures/labels/claude.ts'
import { codexLabel } from './fixtures/labels/codex.ts'
import { geminiLabel } from './fixtures/labels/gemini.ts'
import type { Json, Label } from './fixtures/labels/label.ts'

const top = sharedTranscripts
const absent = !existsSync(`${top}/claude-code`)
if (absent) console.warn(`handoff-corpus: skipped, no transcripts at ${top}`)

type Case = { name: string; session: Session; label: Label; analysis: Analysis; context: HandoffContext | null; markdown: string }
type Kind = 'goal' | 'files' | 'todos' | 'commits'
type Score = { same: number; extra: string[]; missed: string[] }

const readers: Record<string, (path: string) => Label> = { claude: claudeLabel, codex: codexLabel, gemini: geminiLabel }

let ctx: Context
const cases: Case[] = []
const named = (id: string): Case => cases.find(({ session }) => session.external_id === id)!

beforeAll(async () => {
  if (absent) return
  const home = tempDir()
  ctx = await createContext({ cwd: home, env: { HOME: home } })
  await sync(ctx, { paths: ['claude-code', 'codex', 'gemini'].map((name) => `${top}/${name}`) })
  for (const session of await ctx.store.sessions.list({ include_subagents: true, include_empty: true }, 1000)) {
    if (session.transcript_path === null || session.message_count === 0) continue
    const label = readers[session.source]!(session.transcript_path)
    const analysis = await analysisOf(ctx, session)
    const facts = label.prompts.length + label.files.length + label.todos.length + label.commits.length
    const made = facts === 0 ? undefined : await call(createHandoff, ctx, { session_id: session.id })
    const markdown = made ? ((await call(getHandoffContext, ctx, { session_id: session.id })) as { compact_markdown: string }).compact_markdown : ''
    cases.push({ name: `${session.source} ${session.external_id.slice(0, 60)}`, session, label, analysis, context: (made as Json)?.context ?? null, markdown })
  }
})

afterAll(() => ctx?.close())

/** The same spelling for both sides: whole, from the session's folder. */
function whole(path: string, { cwd }: Session): string {
  if (/^[A-Za-z]:/.test(path) || /^[A-Za-z]:/.test(cwd ?? '')) return win32.resolve(cwd ?? '/', path)
  return isAbsolute(path) ? resolve(path) : resolve(cwd ?? '/', path)
}

const cut = (text: string): string => text.replace(/…$/, '').trim().slice(0, 300)

const found: Record<Kind, (one: Case) => string[]> = {
  goal: ({ analysis }) => (analysis.initial_goal === null ? [] : [cut(analysis.initial_goal)]),
  files: ({ analysis, session }) => analysis.files.map(({ path, by }) => `${whole(path, session)} ${by}`),
  todos: ({ analysis }) => analysis.todos.map(({ content, status }, at) => `${at} ${status} ${content}`),
  commits: ({ analysis }) => analysis.reported_commits.map(({ sha, message }) => `${sha ?? 'quiet'} ${message}`),
}

const labelled: Record<Kind, (one: Case) => string[]> = {
  goal: ({ label }) => label.prompts.slice(0, 1).map(cut),
  files: ({ label, session }) => {
    const by = new Map<string, string>()
    for (const file of label.files) by.set(whole(file.path, session), (by.get(whole(file.path, session)) ?? file.by) === file.by ? file.by : 'session')
    return [...by].map(([path, who]) => `${path} ${who}`)
  },
  todos: ({ label }) => label.todos.map(({ content, status }, at) => `${at} ${status} ${content}`),
  commits: ({ label }) => label.commits.map(({ sha, subject }) => `${sha ?? 'quiet'} ${subject}`),
}

function score(kind: Kind, source: string): Score {
  const total: Score = { same: 0, extra: [], missed: [] }
  for (const one of cases.filter(({ session }) => session.source === source)) {
    const [ours, theirs] = [new Set(found[kind](one)), new Set(labelled[kind](one))]
    total.same += [...ours].filter((item) => theirs.has(item)).length
    total.extra.push(...[...ours].filter((item) => !theirs.has(item)).map((item) => `${one.name}: ${item}`))
    total.missed.push(...[...theirs].filter((item) => !ours.has(item)).map((item) => `${one.name}: ${item}`))
  }
  return total
}

/** What the two readings may differ in, each with its reason. None so far. */
const exceptions: Record<Kind, string[]> = { goal: [], files: [], todos: [], commits: [] }

const truth: Json = absent ? {} : JSON.parse(readFileSync(`${top}/ground-truth.json`, 'utf8'))
const truths = ['claude-code', 'codex', 'gemini'].flatMap((source) => Object.entries<Json>(truth[source] ?? {}))
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

describe.skipIf(absent)('handoffs of real sessions', () => {
  const kinds: Kind[] = ['goal', 'files', 'todos', 'commits']
  test.each(kinds)('%s: what the separate reader finds, no more and no less', (kind) => {
    const lines = Object.keys(readers).map((source) => {
      const { same, extra, missed } = score(kind, source)
      const share = (of: string[]) => (same + of.length === 0 ? 1 : same / (same + of.length)).toFixed(3)
      expect([...extra, ...missed].filter((item) => !exceptions[kind].includes(item))).toEqual([])
      return `${source} ${same} (precision ${share(extra)}, recall ${share(missed)})`
    })
    console.log(`${kind}: ${lines.join('; ')}`)
  })

  test('a handoff holds what the analysis found, with the commits that stand', () => {
    for (const { name, analysis, context } of cases) {
      if (!context) continue
      const { initial_goal, files_modified, todos } = context
      expect([name, initial_goal !== null, files_modified.length, todos.length]).toEqual([name, analysis.initial_goal !== null, analysis.files.length, analysis.todos.length])
      const printed = new Set(analysis.reported_commits.map(({ sha }) => sha))
      expect([name, context.git_commits.filter(({ hash }) => !printed.has(hash))]).toEqual([name, []])
      const replaced = analysis.reported_commits.filter(({ amends }) => amends).length
      expect([name, context.git_commits.length]).toEqual([name, expect.toSatisfy((n: number) => n >= new Set(printed).size - replaced - 1)])
    }
  })

  test.each(truths)('as the program that drove the CLI knows: %s', (id, { goal, files, commits = [], todos_final, plan_final }) => {
    const { analysis, session } = named(id)
    const anything = expect.anything()
    const told = {
      goal,
      files: files?.map((path: string) => whole(path.replace(/ \(.*/, ''), session)).sort(),
      commits: commits.map(({ sha, message }: Json) => [sha ?? anything, message]),
      todos: (plan_final ?? (Array.isArray(todos_final) ? todos_final.map(({ subject, status }: Json) => [subject, status]) : undefined)) as string[][] | undefined,
    }
    expect({
      goal: analysis.initial_goal,
      files: files && analysis.files.map(({ path }) => whole(path, session)).sort(),
      commits: analysis.reported_commits.filter(({ message }) => commits.some((one: Json) => one.message === message)).map(({ sha, message }) => [sha, message]),
      todos: told.todos && analysis.todos.map(({ content, status }) => [content, status]),
    }).toEqual(told)
  })

  test('the latest request is a later prompt that asks for something', () => {
    for (const { name, label, analysis } of cases) {
      if (analysis.latest_request === null) continue
      const at = label.prompts.findLastIndex((prompt) => cut(prompt) === cut(analysis.latest_request ?? ''))
      expect([name, at]).toEqual([name, expect.toSatisfy((n: number) => n > 0)])
      // What follows it only lets the agent go on.
      expect([name, label.prompts.slice(at + 1).filter((prompt) => prompt.length > 40)]).toEqual([name, []])
    }
  })

  test('steps, checks and problems are a few plain lines', () => {
    for (const { name, analysis } of cases) {
      const { recent_activity, commands, open_problems } = analysis
      expect([name, recent_activity.length <= 10, commands.length <= 8, open_problems.length <= 5]).toEqual([name, true, true, true])
      for (const line of [...recent_activity, ...commands.map(({ command }) => command), ...open_problems]) expect([name, line]).toEqual([name, expect.stringMatching(/^(?!\s*$)[^\n]{1,1000}$/)])
      // What only prepares a check or trims its output is not told; nor is what a refused command answered.
      for (const { command } of commands) expect(command).not.toMatch(/2>&1|\| (?:tail|head|grep)\b|<<|^echo /)
      for (const problem of open_problems) expect(problem).not.toMatch(/Permission for this action|doesn't want to proceed/)
    }
  })

  test('the page is within its budget, and a small part of what it tells of', () => {
    const pages = cases.filter(({ markdown }) => markdown !== '')
    for (const { name, markdown } of pages) expect([name, markdown.length <= 9000, Buffer.byteLength(markdown) <= 8800]).toEqual([name, true, true])
    const shares = pages.map(({ markdown, session }) => markdown.length / statSync(session.transcript_path!).size)
    const large = pages.filter(({ session }) => statSync(session.transcript_path!).size > 100_000)
    console.log(
      `${pages.length} handoffs, median ${median(pages.map(({ markdown }) => markdown.length))} characters, ${(100 * median(shares)).toFixed(2)} % of the transcript; ` +
        `of the ${large.length} above 100 kB ${(100 * median(large.map(({ markdown, session }) => markdown.length / statSync(session.transcript_path!).size))).toFixed(2)} %`,
    )
  })
})
