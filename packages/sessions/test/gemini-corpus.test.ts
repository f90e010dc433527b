import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sharedTranscripts } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { gemini } from '../src/sources/gemini/index.js'
import { peekAt, read } from './fixtures/gemini/reading.js'

/** Real transcripts on the machine where gobby is built; not part of the project. */
const corpus = sharedTranscripts
const there = existsSync(corpus)
if (!there) console.log(`gemini: no transcripts at ${corpus}, nothing compared with real ones`)

const files = there
  ? (readdirSync(corpus, { recursive: true }) as string[]).map((name) => join(corpus, name)).filter((path) => statSync(path).isFile())
  : []
const transcripts = files.filter((path) => path.includes('/gemini/') && gemini.keeps(path))

/** Everything below is a second reading of the same files that shares no code with the source. */
type Raw = { id: string; type: string; content?: unknown; thoughts?: unknown[]; tokens?: Record<string, number>; model?: string; toolCalls?: { id: string; status?: string; result?: unknown }[] }

/** All versions of all messages. No transcript of the corpus has a rewind, so each id of them is in the history. */
function rawMessages(path: string): Raw[] {
  const text = readFileSync(path, 'utf8')
  if (path.endsWith('.json')) return (JSON.parse(text) as { messages: Raw[] }).messages
  return text.split('\n').filter(Boolean).flatMap((line) => {
    const record = JSON.parse(line) as Raw & { $set?: { messages?: Raw[] } }
    return record.id ? [record] : (record.$set?.messages ?? [])
  })
}

const textOf = (content: unknown): string =>
  typeof content === 'string' ? content : Array.isArray(content) ? content.map((part: { text?: string; thought?: boolean }) => (part.thought ? '' : (part.text ?? ''))).join('') : ''

function naive(path: string) {
  const raw = rawMessages(path)
  const distinct = (list: string[]): number => new Set(list).size
  const most = new Map<string, number>()
  for (const m of raw.filter((m) => m.type === 'gemini')) most.set(m.id, Math.max(most.get(m.id) ?? 0, m.thoughts?.length ?? 0))
  const calls = raw.flatMap((m) => m.toolCalls ?? [])
  const tokens = new Map(raw.filter((m) => m.tokens).map((m) => [m.id, m.tokens ?? {}]))
  const sum = (pick: (t: Record<string, number>) => number): number => [...tokens.values()].reduce((total, t) => total + pick(t), 0)
  const typed = raw.filter((m) => m.type === 'user').map((m) => ({ id: m.id, text: textOf(m.content).replace(/^\s*<(session|loaded)_context>[\s\S]*<\/\1_context>/, '').trim() })).filter(({ text }) => text !== '')
  return {
    user: distinct(typed.map(({ id }) => id)),
    text: distinct(raw.filter((m) => m.type === 'gemini' && textOf(m.content).trim()).map(({ id }) => id)),
    thinking: [...most.values()].reduce((a, b) => a + b, 0),
    tool_use: distinct(calls.map(({ id }) => id)),
    tool_result: distinct(calls.filter(({ result }) => result).map(({ id }) => id)),
    errors: distinct(calls.filter(({ status }) => status === 'error').map(({ id }) => id)),
    notices: raw.filter((m) => ['info', 'warning', 'error'].includes(m.type)).length,
    first: typed[0]?.text.split('\n')[0],
    input: sum((t) => t['input']! - t['cached']!),
    cached: sum((t) => t['cached']!),
    output: sum((t) => t['output']! + t['thoughts']!),
  }
}

describe.skipIf(!there)('the transcripts of the corpus', () => {
  test('are found by their path, and nothing else is taken for one', () => {
    expect(transcripts).toHaveLength(14)
    for (const path of files) expect([path, peekAt(path) !== undefined]).toEqual([path, transcripts.includes(path)])
  })

  test.each(transcripts.map((path) => [path.slice(path.lastIndexOf('/') + 1), path]))('%s', async (_name, path) => {
    const expected = naive(path)
    const { messages, usage, facts, skipped } = await read(path)
    const count = (role: string, type: string): number => messages.filter((m) => m.role === role && m.content_type === type).length
    expect({
      user: count('user', 'text'),
      text: count('assistant', 'text'),
      thinking: count('assistant', 'thinking'),
      tool_use: count('assistant', 'tool_use'),
      tool_result: count('tool', 'tool_result'),
      errors: messages.filter((m) => m.role === 'tool' && m.is_error).length,
      notices: messages.filter((m) => m.role === 'system' && m.searchable).length,
      first: messages.find((m) => m.role === 'user')?.content.split('\n')[0],
      input: usage.reduce((total, u) => total + u.input_tokens, 0),
      cached: usage.reduce((total, u) => total + u.cache_read_tokens, 0),
      output: usage.reduce((total, u) => total + u.output_tokens, 0),
    }).toEqual(expected)
    const task = '[[inner]] find which files exist'
    expect(facts.title).toBe(peekAt(path)?.parent ? task : expected.first)
    // Two messages of a made-up type in a fixture of another project; every other line is understood.
    expect(skipped.map(({ reason }) => reason)).toEqual(path.endsWith('large.json') ? Array(2).fill('unknown message type model') : [])
  })

  test('hold what the ground truth says', async () => {
    const truth = (JSON.parse(readFileSync(join(corpus, 'ground-truth.json'), 'utf8')) as { gemini: Record<string, Truth> }).gemini
    const known = transcripts.filter((path) => truth[peekAt(path)!.external_id])
    expect(known).toHaveLength(Object.keys(truth).length)
    for (const path of known) {
      const { external_id } = peekAt(path)!
      const wanted = { ...truth[external_id]!, ...CORRECTED[external_id] }
      const found = await observed(path)
      const compared = Object.keys(found).filter((name) => name in wanted) as (keyof typeof found)[]
      expect(compared).toContain('goal')
      for (const name of compared) expect([external_id, name, found[name]]).toEqual([external_id, name, wanted[name]])
    }
  })
})

type Truth = {
  goal: string; cwd?: string; start?: string; human_prompts?: number; tool_calls?: number
  failed?: string[]; files?: string[]; commits?: { message: string }[]; subagents?: string[]
}

/** The file holds seven distinct call ids, and the list of what was called has seven as well. */
const CORRECTED: Record<string, Partial<Truth>> = { '932a8f17-0c17-4ac6-ad8b-b8b7854db788': { tool_calls: 7 } }

/** What the source makes of a transcript, in the words of the ground truth. */
async function observed(path: string): Promise<Truth> {
  const head = peekAt(path)!
  const { messages, facts } = await read(path)
  const prompts = messages.filter((m) => m.is_prompt)
  const calls = messages.filter((m) => m.content_type === 'tool_use')
  const failed = new Set(messages.filter((m) => m.role === 'tool' && m.is_error).map((m) => m.tool_use_id))
  const failedCalls = calls.filter((m) => failed.has(m.tool_use_id))
  const done = calls.filter((m) => !failed.has(m.tool_use_id)).flatMap((m) => gemini.actions(m.tool_name!, JSON.parse(m.tool_input!)))
  const written = done.filter(({ kind }) => kind === 'write' || kind === 'edit').flatMap(({ paths }) => paths!.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))
  return {
    goal: prompts[0]!.content,
    cwd: head.cwd ?? undefined,
    start: facts.started_at,
    human_prompts: prompts.length,
    tool_calls: calls.length,
    failed: failedCalls.map((m) => (m.tool_name === 'read_file' ? `read_file ${JSON.parse(m.tool_input!).file_path}` : `${m.tool_name} (unknown tool)`)),
    files: [...new Set(written)],
    commits: done.flatMap(({ command }) => [...(command ?? '').matchAll(/git commit .*-m '([^']*)'/g)].map(([, text]) => ({ message: text! }))),
    subagents: transcripts.map((other) => peekAt(other)!).filter(({ parent }) => parent?.external_id === head.external_id).map(({ external_id }) => external_id),
  }
}
