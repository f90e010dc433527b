import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import fc from '@gobby/testing/property'
import { describe, expect, test } from 'vitest'
import { createParser } from '../src/sources/claude/transcript.ts'
import { Draft } from '../src/sources/source.ts'
import { fixtures, readWhole, type Whole } from './fixtures/claude/read.ts'
import { assistant, lines, read, text, user, write } from './fixtures/claude/rows.ts'

const same = ({ messages, usage, facts, skipped }: Whole) => ({ messages, usage, facts, skipped })
const contents = ({ messages }: Whole) => messages.map(({ content }) => content)

describe('a file that grows', () => {
  test.each(fixtures().map((path) => [path.split('/').at(-1)!, path]))('%s: read line by line it is the same', async (_, path) => {
    const growing = write('', basename(path))
    let whole: Whole | undefined
    for (const line of readFileSync(path, 'utf8').split(/(?<=\n)/)) {
      appendFileSync(growing, line)
      whole = await readWhole(growing, whole)
    }
    expect(same(whole!)).toEqual(same(await readWhole(path)))
  })

  test('read in any pieces, cut in the middle of lines too, it is the same', async () => {
    const copies = new Map(fixtures().map((path) => [path, write('', basename(path))]))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fixtures()), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }), async (path, parts) => {
        const growing = copies.get(path)!
        const bytes = readFileSync(path)
        let whole: Whole | undefined
        for (const cut of [...parts.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b), bytes.length]) {
          writeFileSync(growing, bytes.subarray(0, cut))
          whole = await readWhole(growing, whole)
        }
        expect(same(whole!)).toEqual(same(await readWhole(path)))
      }),
      { numRuns: 60 },
    )
  })
})

describe('bytes', () => {
  const one = lines(user('one')).trimEnd()
  const two = lines(assistant([text('two')])).trimEnd()
  const expectBoth = async (content: string | Buffer, skipped: string[] = []) => {
    const whole = await readWhole(write(content))
    expect([contents(whole), whole.skipped]).toEqual([['one', 'two'], skipped])
  }

  test('a mark at the start, Windows line ends, empty lines, no last line end', () => expectBoth(`\ufeff${one}\r\n\r\n\n${two}`))
  test('two records on one line', () => expectBoth(`${one}${two}\n`))
  test('three records on one line, braces in their text', async () => {
    const brace = lines(user('a}{"b')).trimEnd()
    expect(contents(await readWhole(write(`${brace}${brace}${two}\n`)))).toEqual(['a}{"b', 'a}{"b', 'two'])
  })
  test('a record cut off, the next one behind it', () => expectBoth(`${one}\n${lines(user('lost'))[0]}"type":"user","mess${two}\n`, ['cut-off record']))
  test('a half last line waits', async () => {
    const path = write(`${one}\n${two.slice(0, -9)}`)
    const whole = await readWhole(path)
    expect([contents(whole), whole.skipped]).toEqual([['one'], []])
    appendFileSync(path, `${two.slice(-9)}\n`)
    expect(contents(await readWhole(path, whole))).toEqual(['one', 'two'])
  })
  test('NUL bytes before a record, and alone on a line', () => expectBoth(`${one}\n\0\0\0${two}\n${'\0'.repeat(4096)}\n`, ['NUL bytes']))
  test('a line that is no JSON', () => expectBoth(`${one}\nsegmentation fault\n${two}\n`, ['not JSON']))
  test('bytes that are no text are replaced', async () => {
    const whole = await readWhole(write(Buffer.from(`${lines(user('pier \u00a4'))}`, 'latin1')))
    expect([contents(whole), whole.skipped]).toEqual([['pier \ufffd'], ['invalid UTF-8, replaced']])
  })
  test('line separators of Unicode end no line; half a surrogate pair breaks nothing', async () => {
    expect(contents(await readWhole(write(lines(user('a\u2028b\u2029c\u0085d')))))).toEqual(['a\u2028b\u2029c\u0085d'])
    const whole = await readWhole(write(`${lines(user('half HERE')).replace('HERE', String.raw`\ud83d`)}${two}\n`))
    expect(contents(whole)[1]).toBe('two')
  })
  test('a picture of megabytes leaves a few words', async () => {
    const data = 'A'.repeat(5 << 20)
    const whole = await read(user([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }]), assistant([text('two')]))
    expect(contents(whole)).toEqual(['[image/png 3840 KB]', 'two'])
  })
})

test('no line makes the parser throw', () => {
  const types = ['user', 'assistant', 'system', 'attachment', 'summary', 'ai-title', 'progress', 'toString', '__proto__']
  const block = fc.record({ type: fc.constantFrom('text', 'thinking', 'tool_use', 'tool_result', 'image', 'x'), id: fc.jsonValue(), name: fc.jsonValue(), text: fc.jsonValue(), input: fc.jsonValue(), content: fc.jsonValue(), source: fc.jsonValue(), tool_use_id: fc.constantFrom('a', '__proto__', 5) }, { requiredKeys: [] })
  const message = fc.record({ content: fc.oneof(fc.array(fc.oneof(block, fc.jsonValue())), fc.jsonValue()), model: fc.jsonValue(), usage: fc.jsonValue(), id: fc.jsonValue() }, { requiredKeys: [] })
  const row = fc.record(
    {
      type: fc.constantFrom(...types), message: fc.oneof(message, fc.jsonValue()), timestamp: fc.jsonValue(), uuid: fc.jsonValue(), origin: fc.jsonValue(), toolUseResult: fc.jsonValue(),
      attachment: fc.oneof(fc.record({ type: fc.constantFrom('queued_command', 'file', 'x'), prompt: fc.oneof(fc.array(block), fc.jsonValue()) }), fc.jsonValue()),
      subtype: fc.constantFrom('voice_call_talk', 'compact_boundary', 'x'), content: fc.jsonValue(), summary: fc.jsonValue(), leafUuid: fc.constantFrom('toString', '__proto__', 'x'), aiTitle: fc.jsonValue(), cwd: fc.jsonValue(), isSidechain: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(row, fc.jsonValue()), { maxLength: 20 }), fc.boolean(), (values, inSubagent) => {
      const parser = createParser(undefined, inSubagent)
      const draft = new Draft(0)
      for (const value of values) parser.record(value, draft)
      parser.endStep?.(draft)
      JSON.stringify(parser.save())
    }),
    { numRuns: 500 },
  )
})

test('the state stays small however long the session', () => {
  const parser = createParser(undefined, false)
  const draft = new Draft(0)
  for (let turn = 0; turn < 3000; turn++) {
    parser.record(assistant([{ type: 'tool_use', id: `toolu_${'x'.repeat(24)}_${turn}`, name: 'Bash', input: {} }]), draft)
    parser.record({ type: 'summary', leafUuid: `leaf-${turn}`, summary: 's'.repeat(80) }, draft)
    parser.record({ type: 'attachment', attachment: { type: 'queued_command', prompt: `go on ${turn}` } }, draft)
  }
  expect(JSON.stringify(parser.save()).length).toBeLessThan(16_000)
})
