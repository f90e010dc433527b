import { appendFileSync, copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { message } from '@gobby/storage'
import { tempDir } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { type ReadStep, type Source, sources } from '../src/sources/index.ts'
import { headLines } from '../src/sources/transcript-file.ts'

// What every source must do. A new one is in this suite as soon as its line stands in sources/index.ts and it has samples.

const samples = join(import.meta.dirname, '../../../tooling/samples')
const filesOf = (source: Source): string[] =>
  (readdirSync(join(samples, source.name), { recursive: true }) as string[])
    .map((name) => join(samples, source.name, name))
    .filter((path) => /\.jsonl?$/.test(path) && source.keeps(path))
    .sort()
const peek = (source: Source, path: string) => source.peek({ path, lines: headLines(path) })

async function read(source: Source, path: string): Promise<ReadStep[]> {
  const { size, mtimeMs, ino } = statSync(path)
  const steps: ReadStep[] = []
  for await (const step of source.read({ path, size, mtime_ms: Math.trunc(mtimeMs), inode: ino }, undefined)) steps.push(step)
  return steps
}
const messagesOf = async (source: Source, path: string) => (await read(source, path)).flatMap((step) => step.messages)

test('names are words, each once', () => {
  expect(new Set(sources.map(({ name }) => name)).size).toBe(sources.length)
  for (const { name, label, parser_version } of sources) expect([name, label.length > 0, parser_version]).toEqual([expect.stringMatching(/^[a-z]+$/), true, expect.any(Number)])
})

describe.each(sources.map((source) => [source.name, source] as const))('%s', (_name, source) => {
  const files = filesOf(source)

  test('has samples, knows them by name and by content, and nobody else does', () => {
    expect(files.length).toBeGreaterThan(1)
    for (const path of files) expect([path, sources.filter((one) => peek(one, path)).map(({ name }) => name)]).toEqual([path, [source.name]])
  })

  test('keeps its transcripts below the home folder, or where its variable says', () => {
    const folders = source.folders({}, '/home/kim')
    expect(folders.length).toBeGreaterThan(0)
    expect(folders.every((folder) => folder.startsWith('/home/kim/'))).toBe(true)
  })

  test.each(files.map((path) => [basename(path), path]))('%s: messages of the record’s shape, and state that survives JSON', async (_file, path) => {
    const steps = await read(source, path)
    const messages = steps.flatMap((step) => step.messages)
    expect(messages.length).toBeGreaterThan(1)
    const shape = message.omit({ message_index: true, tool_input: true })
    for (const one of messages) {
      expect(() => shape.parse(one)).not.toThrow()
      expect(() => JSON.parse(one.tool_input ?? 'null')).not.toThrow()
      for (const action of source.actions(one.tool_name ?? '', JSON.parse(one.tool_input ?? 'null'))) expect(action.kind).toEqual(expect.any(String))
    }
    expect(JSON.parse(JSON.stringify(steps.at(-1)?.parser_state ?? null))).toEqual(steps.at(-1)?.parser_state ?? null)
    expect(steps.flatMap((step) => step.skipped)).toEqual([])
    // Every result belongs to a call before it.
    const calls = new Set(messages.flatMap((one) => (one.content_type === 'tool_use' ? [one.tool_use_id] : [])))
    expect(messages.filter((one) => one.content_type === 'tool_result' && !calls.has(one.tool_use_id))).toEqual([])
  })

  test('a half-written end waits, foreign lines are counted, and nothing throws', async () => {
    for (const path of files.filter((file) => file.endsWith('.jsonl'))) {
      const copy = join(tempDir(), basename(path))
      copyFileSync(path, copy)
      const whole = await messagesOf(source, path)
      appendFileSync(copy, '{"type":"user","half":')
      expect(await messagesOf(source, copy)).toEqual(whole)
      appendFileSync(copy, '\nnull\n[]\n42\n"x"\n{"silly":"this"}\n{"type":"nobody has seen this"}\n')
      expect(await messagesOf(source, copy)).toEqual(whole)
      expect((await read(source, copy)).flatMap((step) => step.skipped).length).toBeGreaterThan(2)
    }
  })

  test.each([['empty', ''], ['blank', '\n\n'], ['no JSON', 'hello\n'], ['another program’s', '{"a":1}\n{"b":2}\n'], ['a list', '[]'], ['null', 'null']])('a file that is %s is none of its', async (_what, text) => {
    const path = join(tempDir(), basename(files[0] as string))
    writeFileSync(path, text)
    expect(peek(source, path)).toBeUndefined()
    expect(await messagesOf(source, path)).toEqual([])
  })

  test('a tool nobody knows does something else; odd arguments harm nothing', () => {
    for (const input of [null, 'text', 7, [], {}, { file_path: 1, command: [], todos: {} }]) {
      expect(source.actions('nobody_knows_this', input)).toEqual([expect.objectContaining({ kind: 'other' })])
    }
  })
})

test('the samples are read by the parsers as they stand: no byte of them is left over', () => {
  for (const source of sources) for (const path of filesOf(source)) expect(readFileSync(path, 'utf8').endsWith('\n') || path.endsWith('.json')).toBe(true)
})
