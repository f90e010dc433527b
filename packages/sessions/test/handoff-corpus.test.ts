/** Compares handoffs of real sessions with what a small separate reader finds in the same files. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, isAbsolute, resolve, win32 } from 'node:path'
import type { Session } from '@gobby/storage'
import { tempDir } from '@gobby/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Analysis } from '../src/analyzer.ts'
import { type Context, createContext } from '../src/context.ts'
import type { HandoffContext } from '../src/handoff-context.ts'
import { analysisOf } from '../src/handoff.ts'
import { call } from '../src/operation.ts'
import { createHandoff, getHandoffContext } from '../src/operations/index.ts'
import { sync } from '../src/sync.ts'
import { claudeLabel } from './fixtures/labels/claude.ts'
import { codexLabel } from './fixtures/labels/codex.ts'
import { geminiLabel } from './fixtures/labels/gemini.ts'
import type { Json, Label } from './fixtures/labels/label.ts'

const top = process.env['GOBBY_TRANSCRIPTS'] ?? '/work/shared/transcripts'
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
}, 120_000)

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

describe.skipIf(absent)('handoffs of real sessions', () => {
  const kinds: Kind[] = ['goal', 'files', 'todos', 'commits']
  test.each(kinds)('%s', (kind) => {
    for (const source of Object.keys(readers)) {
      const { same, extra, missed } = score(kind, source)
      const share = (of: string[]) => (same + of.length === 0 ? 1 : same / (same + of.length)).toFixed(3)
      console.log(`${source} ${kind}: ${same} the same, precision ${share(extra)}, recall ${share(missed)}`)
      for (const item of extra) console.log('  extra ', item.slice(0, 300))
      for (const item of missed) console.log('  missed', item.slice(0, 300))
    }
  })
})
