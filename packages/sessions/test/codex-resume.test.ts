import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from '@gobby/testing/property'
import { afterAll, expect, test } from 'vitest'
import { Draft } from '../src/sources/source.ts'
import { createParser } from '../src/sources/codex/transcript.ts'
import { fixtures, readWhole, type Whole } from './fixtures/codex/read.ts'

const top = mkdtempSync(join(tmpdir(), 'gobby-codex-'))
afterAll(() => rmSync(top, { recursive: true }))

const lines = (path: string): Buffer[] => {
  const bytes = readFileSync(path)
  const found: Buffer[] = []
  for (let start = 0, end = bytes.indexOf(10); end >= 0; start = end + 1, end = bytes.indexOf(10, start)) found.push(bytes.subarray(start, end + 1))
  return found
}

test.each(fixtures().map((path) => [path.split('/').at(-1)!, path]))('%s: read line by line it is the same', async (_, path) => {
  const once = await readWhole(path)
  const growing = join(top, 'growing.jsonl')
  writeFileSync(growing, '')
  let whole: Whole | undefined
  for (const line of lines(path)) {
    appendFileSync(growing, line)
    whole = await readWhole(growing, whole)
  }
  expect({ ...whole, state_size: 0 }).toEqual({ ...once, state_size: 0 })
})

test('read in any pieces, cut in the middle of lines too, it is the same', async () => {
  const growing = join(top, 'pieces.jsonl')
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...fixtures()), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }), async (path, parts) => {
      const bytes = readFileSync(path)
      const cuts = [...parts.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b), bytes.length]
      let whole: Whole | undefined
      for (const cut of cuts) {
        writeFileSync(growing, bytes.subarray(0, cut))
        whole = await readWhole(growing, whole)
      }
      expect({ ...whole, state_size: 0 }).toEqual({ ...(await readWhole(path)), state_size: 0 })
    }),
    { numRuns: 60 },
  )
})

test('no line makes the parser throw', () => {
  const types = ['session_meta', 'response_item', 'event_msg', 'turn_context', 'compacted', 'token_usage_record', 'x']
  const inner = ['message', 'function_call', 'function_call_output', 'reasoning', 'web_search_call', 'token_count', 'item_completed', 'patch_apply_end', 'exec_command_end', 'task_started', 'user_message', 'toString']
  const payload = fc.record(
    {
      type: fc.constantFrom(...inner), id: fc.string(), call_id: fc.string(), role: fc.constantFrom('user', 'assistant', 'developer'),
      content: fc.jsonValue(), output: fc.jsonValue(), arguments: fc.jsonValue(), name: fc.jsonValue(), summary: fc.jsonValue(), info: fc.jsonValue(),
      item: fc.jsonValue(), changes: fc.jsonValue(), command: fc.jsonValue(), turn_id: fc.jsonValue(), source: fc.jsonValue(), usage: fc.jsonValue(), message: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  const line = fc.oneof(fc.jsonValue(), fc.record({ type: fc.constantFrom(...types), timestamp: fc.jsonValue(), payload: fc.oneof(payload, fc.jsonValue()) }, { requiredKeys: [] }), payload)
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (values) => {
      const parser = createParser(undefined)
      const draft = new Draft(0)
      for (const value of values) parser.record(value, draft)
      JSON.stringify(parser.save())
    }),
    { numRuns: 300 },
  )
})

test('the state stays small however long the session', () => {
  const parser = createParser(undefined)
  const draft = new Draft(0)
  for (let turn = 0; turn < 5000; turn++) {
    const call = { type: 'function_call', name: 'exec_command', arguments: '{"cmd":"ls"}', call_id: `call_${turn}` }
    parser.record({ timestamp: '2026-03-01T09:00:00.000Z', type: 'response_item', payload: call }, draft)
  }
  expect(JSON.stringify(parser.save()).length).toBeLessThan(12_000)
})
