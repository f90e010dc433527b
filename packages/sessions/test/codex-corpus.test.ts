/** Compares the parser with a small reading of the same files that shares no code with it. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { sharedTranscripts } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { codex } from '../src/sources/codex/index.ts'
import { headLines } from '../src/sources/transcript-file.ts'
import { input, readWhole, total } from './fixtures/codex/read.ts'

const top = sharedTranscripts
const absent = !existsSync(`${top}/codex`)
if (absent) console.warn(`codex-corpus: skipped, ${top}/codex is not on this machine`)
const files = absent ? [] : globSync(`${top}/codex/**/*.jsonl`).sort()

// oxlint-disable-next-line typescript/no-explicit-any -- the files are read as they come
type Json = any
const NOT_PROMPT = /^\s*(<environment_context|# AGENTS\.md|<recommended_plugins|<turn_aborted|<user_action|<image|<\/image)/

function independent(path: string) {
  const rows: Json[] = readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
  const own = rows[0].payload ?? rows[0]
  const id = own.id ?? own.session_id
  // A fork's own rows begin with the first turn that is younger than the fork.
  const start = own.forked_from_id ? rows.findIndex(({ payload }) => payload.type === 'task_started' && payload.turn_id >= id) : 0
  const items: Json[] = rows.slice(start).filter((row) => !row.payload || row.type === 'response_item').map((row) => row.payload ?? row)
  const texts = (role: string): Json[] => items.filter((item) => item.role === role).flatMap((item) => item.content)
  const user = texts('user')
  const prompts = user.filter(({ type, text }) => type === 'input_text' && !NOT_PROMPT.test(text))
  const calls = items.filter(({ type }) => ['function_call', 'custom_tool_call', 'web_search_call', 'tool_search_call'].includes(type))
  const events: Json[] = rows.slice(start).filter(({ type }) => type === 'event_msg').map(({ payload }) => payload)
  const totals = (list: Json[]) => list.filter(({ payload }) => payload?.type === 'token_count' && payload.info?.total_token_usage).map(({ payload }) => payload.info.total_token_usage)
  const [last, inherited] = [totals(rows).at(-1), totals(rows.slice(0, start)).at(-1)]
  const kind = (name: string) => (last?.[name] ?? 0) - (inherited?.[name] ?? 0)
  const name = events.findLast(({ type }) => type === 'thread_name_updated')?.thread_name
  const [listing, request] = (prompts[0]?.text ?? '').split('## My request for Codex:').map((text: string) => text.trim())
  // A request that is only a pasted attachment goes by the attachment's name.
  const goal = (request || listing?.replace(/^# Files mentioned by the user:\s*## /, '') || undefined)?.split('\n')[0]
  return {
    id,
    prompts: own.source?.subagent ? 0 : prompts.length,
    title: (name ?? goal)?.slice(0, 25).trim(),
    answers: texts('assistant').filter(({ text }) => text.trim()).length,
    pictures: user.filter(({ type }) => type === 'input_image').length,
    thinking: items.filter(({ type, summary }) => type === 'reasoning' && summary.length > 0).length,
    call_ids: calls.map(({ call_id }) => call_id ?? null),
    results: items.filter(({ type }) => type?.endsWith('_output')).length,
    reports: events.filter(({ type, item }) => ['patch_apply_end', 'exec_command_end', 'mcp_tool_call_end'].includes(type) || ['FileChange', 'CommandExecution'].includes(item?.type)).length,
    usage: [kind('input_tokens'), kind('cached_input_tokens'), kind('output_tokens')],
  }
}

describe.skipIf(absent)('the corpus', () => {
  test.each(files.map((path) => [path.slice(top.length + 7), path]))('%s', async (_, path) => {
    const truth = independent(path)
    const { messages, usage, facts, skipped, state_size } = await readWhole(path)
    const count = (role: string, type: string) => messages.filter((message) => message.role === role && message.content_type === type).length
    expect(codex.peek({ path, lines: headLines(path) })?.external_id).toBe(truth.id)
    expect({
      prompts: messages.filter(({ is_prompt }) => is_prompt).length,
      answers: count('assistant', 'text'),
      pictures: count('user', 'image'),
      thinking: count('assistant', 'thinking'),
      call_ids: messages.filter(({ content_type }) => content_type === 'tool_use').map(({ tool_use_id }) => tool_use_id),
      results: count('tool', 'tool_result'),
    }).toEqual({
      prompts: truth.prompts,
      answers: truth.answers,
      pictures: truth.pictures,
      thinking: truth.thinking,
      call_ids: truth.call_ids,
      results: truth.results,
    })
    const reported = messages.reduce((sum, { actions }) => sum + (actions?.length ?? 0), 0)
    // Exits that an answer to `write_stdin` told come on top, where no event did.
    expect(reported).toBeGreaterThanOrEqual(truth.reports)
    const [fresh = 0, cached = 0, written = 0, output] = total(usage)
    expect([fresh + cached + written, cached, output]).toEqual(truth.usage)
    expect(facts.title?.slice(0, 25).trim()).toBe(truth.title)
    expect(skipped).toEqual([])
    expect(state_size).toBeLessThan(12_000)
  })

  test('what really happened', async () => {
    const truths: Record<string, Json> = JSON.parse(readFileSync(`${top}/ground-truth.json`, 'utf8')).codex
    for (const [id, truth] of Object.entries(truths)) {
      const { messages, facts } = await readWhole(files.find((path) => path.includes(id))!)
      const prompts = messages.filter(({ is_prompt }) => is_prompt)
      expect(prompts[0]?.content).toBe(truth.goal)
      expect(prompts).toHaveLength(truth.human_prompts ?? 1)
      expect(facts.cwd).toBe(truth.cwd === null ? undefined : (truth.cwd ?? '/home/dev/proj/codex-app'))
      const calls = messages.filter(({ content_type }) => content_type === 'tool_use')
      const done = calls.flatMap((call) => call.actions?.filter(({ kind }) => kind === 'edit') ?? codex.actions(call.tool_name!, input(call)))
      const paths = new Set(done.flatMap(({ kind, paths }) => (kind === 'edit' ? (paths ?? []).map(({ path }) => path) : [])))
      expect([...paths].sort()).toEqual(truth.files.map((file: string) => file.split(' (')[0]).sort())
      const plan = calls.flatMap((call) => codex.actions(call.tool_name!, input(call))).findLast(({ kind }) => kind === 'todo')
      const expected = truth.plan_final ?? truth.plan_in_calls_final
      expect(plan?.todos?.map(({ content, status }) => [content, status])).toEqual(expected)
      for (const { message } of truth.commits ?? []) expect(calls.some(({ tool_input }) => tool_input?.includes(message))).toBe(true)
      expect(messages.some(({ is_error }) => is_error)).toBe(truth.failed !== undefined)
    }
  })

  test('the stages of a growing file end as the last one', async () => {
    const stages = files.filter((path) => path.includes('/incremental/'))
    let whole
    for (const path of stages) whole = await readWhole(path, whole)
    const once = await readWhole(stages.at(-1)!)
    expect(whole?.messages).toEqual(once.messages)
    expect(whole?.usage).toEqual(once.usage)
  })

  test('nothing of another CLI is taken for Codex’s', () => {
    const others = globSync(`${top}/**/*`).filter((path) => !path.startsWith(`${top}/codex`) && statSync(path).isFile())
    expect(others.length).toBeGreaterThan(50)
    expect(others.filter((path) => codex.peek({ path, lines: headLines(path) }))).toEqual([])
  })
})
