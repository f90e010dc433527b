/** Compares the parser with a small reading of the same files that shares no code with it. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { sharedTranscripts } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { claude } from '../src/sources/claude/index.ts'
import { headLines } from '../src/sources/transcript-file.ts'
import { input, readWhole, total } from './fixtures/claude/read.ts'

const top = sharedTranscripts
const absent = !existsSync(`${top}/claude-code`)
if (absent) console.warn(`claude-corpus: skipped, ${top}/claude-code is not on this machine`)
const files = absent ? [] : globSync(`${top}/claude-code/**/*.jsonl`).sort()
const file = (name: string): string => files.find((path) => path.includes(name))!
const peek = (path: string) => claude.peek({ path, lines: headLines(path) })

// oxlint-disable-next-line typescript/no-explicit-any -- the files are read as they come
type Json = any

/** The records of a file; the few lines that are none are cut by hand, as their two known forms need it. */
function rowsOf(path: string): Json[] {
  const rows: Json[] = []
  const take = (text: string): boolean => {
    try {
      rows.push(JSON.parse(text))
      return true
    } catch {
      return false
    }
  }
  for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
    if (take(line)) continue
    const seams = [...line.matchAll(/\}\{"/g)].map(({ index }) => index + 1)
    const seam = seams.find((at) => take(line.slice(0, at)) && take(line.slice(at)))
    if (seam === undefined) take(line.slice(line.lastIndexOf('{"parentUuid"')))
  }
  return rows.filter((row) => row && typeof row === 'object')
}

const OFFICIAL = /^(?:\s*<[a-z][\w-]*[\s>]|\[Request interrupted by user[^\]]*\])/
const ALSO = /^\s*(This session is being continued from a previous|Caveat: The messages below|Another Claude session sent a message:|Warmup$)/
const cleaned = (text: string): string => text.replaceAll(/<system-reminder>[^]*?<\/system-reminder>/g, '')
const saidByPerson = (text: string): boolean => cleaned(text).trim() !== '' && !OFFICIAL.test(cleaned(text)) && !ALSO.test(cleaned(text))
const injected = (row: Json): boolean => Boolean(row.isMeta || row.isCompactSummary || row.isVisibleInTranscriptOnly || row.promptSource === 'system' || (row.origin && row.origin.kind !== 'human'))
const asBlocks = (content: Json): Json[] => [content ?? []].flat().map((block) => (typeof block === 'string' ? { type: 'text', text: block } : block))

function independent(path: string) {
  const rows = rowsOf(path)
  const agent = basename(path).startsWith('agent-')
  const chat = rows.filter(({ type, message }) => (type === 'user' || type === 'assistant') && message instanceof Object)
  const counts: Record<string, number> = {}
  const count = (kind: string) => (counts[kind] = (counts[kind] ?? 0) + 1)
  const prompts: string[] = []
  const usage = new Map<string, number[]>()
  const calls: string[] = []
  const errors: boolean[] = []
  for (const row of rows) {
    const queued = row.type === 'attachment' && row.attachment.type === 'queued_command' ? row.attachment : undefined
    if (queued && queued.commandMode !== 'task-notification' && !injected(queued)) {
      count('user/text')
      prompts.push(queued.prompt)
    }
    if (row.type === 'attachment' && ['file', 'already_read_file', 'directory', 'edited_text_file'].includes(row.attachment.type)) count('system/text')
    if (row.type === 'system' && ['away_summary', 'local_command', 'informational'].includes(row.subtype)) count('system/text')
    if (!chat.includes(row)) continue
    const blocks = asBlocks(row.message.content)
    let counted = agent || row.isSidechain || blocks.some(({ type }) => type === 'tool_result')
    for (const block of blocks) {
      if (block.type === 'tool_result' || block.type.endsWith('_tool_result')) {
        count('tool/tool_result')
        errors.push(block.is_error === true || (typeof row.toolUseResult === 'string' && row.toolUseResult.startsWith('Error: ')))
      } else if (block.type === 'tool_use' || block.type === 'server_tool_use') {
        count('assistant/tool_use')
        calls.push(block.id)
      } else if (block.type === 'image') count('user/image')
      else if (block.type === 'thinking') {
        if (block.thinking) count('assistant/thinking')
      } else if (row.type === 'assistant') {
        if (block.text.trim()) count('assistant/text')
      } else if (injected(row) || !saidByPerson(block.text)) {
        if (block.text.trim()) count('system/text')
      } else {
        count('user/text')
        // What a hook put beside the prompt is one more message, of the system.
        for (const _ of block.text.matchAll(/<system-reminder>/g)) count('system/text')
        if (!counted) prompts.push(cleaned(block.text))
        counted = true
      }
    }
    const { usage: tokens, model, id } = row.message
    if (row.type === 'assistant' && tokens && model !== '<synthetic>') {
      const kinds = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']
      usage.set(id, kinds.map((kind, n) => Math.max(tokens[kind] ?? 0, usage.get(id)?.[n] ?? 0)))
    }
  }
  const own = rows.filter(({ type }) => ['user', 'assistant', 'system', 'attachment'].includes(type))
  const last = (key: string): string | undefined => rows.findLast((row) => row[key])?.[key]
  const ids = new Set(own.map(({ uuid }) => uuid))
  const summary = rows.findLast(({ type, leafUuid }) => type === 'summary' && ids.has(leafUuid))?.summary
  const asked = agent ? chat.flatMap(({ message }) => asBlocks(message.content)).find(({ text }) => text && saidByPerson(text))?.text : prompts[0]
  // A session of nothing but a command of one's own goes by that command.
  const [, name, args] = /<command-name>(.*)<\/command-name>\s*<command-args>(.*)<\/command-args>/.exec(chat.map(({ message }) => message.content).join('\n')) ?? []
  const first = asked ? cleaned(asked) : name && `${name} ${args}`
  const times = (list: Json[]) => list.flatMap(({ timestamp }) => timestamp ?? []).map((time: string) => new Date(time).toISOString())
  const context = ({ attachment }: Json) => attachment && !['queued_command', 'file', 'already_read_file', 'directory', 'edited_text_file'].includes(attachment.type)
  const main = chat.filter((row) => agent || !row.isSidechain).map(({ message }) => message.model)
  return {
    counts,
    calls: new Set(calls).size,
    failed: errors.filter(Boolean).length,
    prompts,
    usage: [0, 1, 2, 3].map((n) => [...usage.values()].reduce((sum, row) => sum + row[n]!, 0)),
    title: last('customTitle') ?? last('aiTitle') ?? summary ?? first ?? last('lastPrompt'),
    model: main.findLast((model) => model && model !== '<synthetic>'),
    cwd: own.find(({ cwd }) => cwd)?.cwd,
    branch: own.findLast(({ gitBranch }) => gitBranch)?.gitBranch,
    start: times(own)[0],
    end: times(own.filter((row) => !context(row))).toSorted().at(-1),
  }
}

/** Whitespace apart, and no longer than every title may be. */
const start = (title: string | undefined): string | undefined =>
  title
    ?.split('\n')
    .find((line) => line.trim())
    ?.replace(/\s+/g, ' ')
    .trim()
    .slice(0, 40)
    .trim()

/** What is passed over in the files that were damaged on purpose; nothing is in any other. */
const DAMAGED: Record<string, string[]> = {
  'invalid-utf8': ['invalid UTF-8, replaced'],
  'truncated-splice': ['cut-off record'],
  'unknown-types': ['unknown type: brand-new-record', 'not a record', 'no type', 'user without a message', 'assistant without a message'],
  edge_cases: ['user without a message', 'not a record', 'no type'],
}

describe.skipIf(absent)('the corpus', () => {
  test.each(files.map((path) => [path.slice(top.length + 13), path]))('%s', async (_, path) => {
    const truth = independent(path)
    const { messages, usage, facts, skipped, state_size } = await readWhole(path)
    const counts: Record<string, number> = {}
    for (const { role, content_type } of messages) counts[`${role}/${content_type}`] = (counts[`${role}/${content_type}`] ?? 0) + 1
    const calls = messages.filter(({ content_type }) => content_type === 'tool_use')
    expect(counts).toEqual(truth.counts)
    expect(new Set(calls.map(({ tool_use_id }) => tool_use_id)).size).toBe(truth.calls)
    expect(messages.filter(({ is_error }) => is_error)).toHaveLength(truth.failed)
    expect(messages.filter(({ is_prompt }) => is_prompt).map(({ content }) => content)).toEqual(truth.prompts)
    expect(total(usage)).toEqual(truth.usage)
    expect(start(facts.title)).toBe(start(truth.title))
    const { model, cwd, git_branch, started_at, last_activity_at } = facts
    expect({ model, cwd, branch: git_branch, start: started_at, end: last_activity_at }).toEqual({
      model: truth.model, cwd: truth.cwd, branch: truth.branch, start: truth.start, end: truth.end,
    })
    expect([...new Set(skipped)]).toEqual(DAMAGED[basename(path, '.jsonl')] ?? [])
    expect(messages.every(({ content, tool_result }) => !/[A-Za-z0-9+/]{2000}/.test(content + tool_result))).toBe(true)
    expect(state_size).toBeLessThan(12_000)
  })

  test('what really happened', async () => {
    const truths: Record<string, Json> = JSON.parse(readFileSync(`${top}/ground-truth.json`, 'utf8'))['claude-code']
    for (const [id, truth] of Object.entries(truths)) {
      const path = file(`${id}.jsonl`)
      const { messages, facts } = await readWhole(path)
      const prompts = messages.filter(({ is_prompt }) => is_prompt).map(({ content }) => content)
      expect(prompts[0]).toBe(truth.goal)
      expect(facts.title?.slice(0, 60)).toBe(truth.goal.slice(0, 60).trim())
      const beginnings = (list: string[]) => list.map((words) => words.slice(0, 9))
      expect(beginnings(prompts)).toEqual(beginnings(truth.human_prompts ?? prompts))
      expect(prompts.at(-1)).toBe(truth.extra_human_prompt ?? prompts.at(-1))
      const { cwd, git_branch, started_at, last_activity_at } = facts
      expect([cwd, git_branch, started_at, last_activity_at]).toEqual([
        '/home/dev/proj/demo-app', truth.branches?.at(-1) ?? git_branch, truth.start ?? started_at, truth.end ?? last_activity_at,
      ])
      const failed = new Set(messages.filter(({ is_error }) => is_error).map(({ tool_use_id }) => tool_use_id))
      expect(failed.size).toBe(truth.failed?.length ?? failed.size)
      const done = messages.filter(({ content_type, tool_use_id }) => content_type === 'tool_use' && !failed.has(tool_use_id))
      const changes = done.flatMap((call) => claude.actions(call.tool_name!, input(call))).filter(({ kind }) => kind === 'edit' || kind === 'write')
      expect([...new Set(changes.flatMap(({ paths }) => paths!.map(({ path }) => path)))]).toEqual(truth.files)
      for (const { message } of truth.commits ?? []) expect(done.some(({ tool_input }) => tool_input?.includes(message))).toBe(true)
    }
  })

  test('the stages of a growing file end as the last one', async () => {
    let whole
    for (const path of files.filter((name) => name.includes('/incremental/'))) whole = await readWhole(path, whole)
    const once = await readWhole(file('stage4'))
    expect(whole?.messages).toEqual(once.messages)
    expect(total(whole!.usage)).toEqual(total(once.usage))
  })

  test('each file is Claude Code’s, and is the session that its name says', () => {
    expect(files.filter((path) => !peek(path))).toEqual([])
    const named = files.filter((path) => /\/[0-9a-f-]{36}\.jsonl$/.test(path))
    expect(named.map((path) => peek(path)?.external_id)).toEqual(named.map((path) => basename(path, '.jsonl')))
    const agents = files.filter((path) => basename(path).startsWith('agent-'))
    expect(agents).toHaveLength(6)
    for (const path of agents) {
      const [, parent, agent] = /\/([0-9a-f-]{36})\/subagents\/(.*)\.jsonl$/.exec(path)!
      expect(peek(path)).toMatchObject({ external_id: `${agent}@${parent}`, parent: { external_id: parent, relation: 'subagent' } })
    }
  })

  test('the forks begin with a line that their origin marked', async () => {
    for (const [fork, origin] of [['c5d032f2', 'cca3ada9'], ['0062da63', '544fe3a7']] as const) {
      const { facts } = await readWhole(file(`/${origin}`))
      expect(facts.marks).toContain(peek(file(`/${fork}`))!.mark)
    }
    expect(peek(file('/0062da63'))!.follows).toBe(basename(file('/544fe3a7'), '.jsonl'))
    expect(peek(file('/cca3ada9'))!.started_at! < peek(file('/c5d032f2'))!.started_at!).toBe(true)
  })

  test('a file of metadata alone holds no one’s words', async () => {
    expect((await readWhole(file('medium-conversation'))).messages).toEqual([])
  })

  test('nothing of another CLI is taken for Claude Code’s', () => {
    const others = globSync(`${top}/**/*`).filter((path) => !path.startsWith(`${top}/claude-code`) && statSync(path).isFile())
    expect(others.length).toBeGreaterThan(50)
    expect(others.filter((path) => peek(path))).toEqual([])
  })
})
