import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sources } from '../src/sources/index.ts'
import { after, contents, sampleBytes, sampleNames, samples } from './gobby.ts'

describe.each(sampleNames)('%s: growing', (name) => {
  const whole = sampleBytes(name)
  const place = (home: string) => {
    const path = join(home, samples[name])
    mkdirSync(dirname(path), { recursive: true })
    return path
  }

  test('line by line, and in the middle of each line, gives the rows of one read', async () => {
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at)
    const cuts = [...new Set(ends.flatMap((end) => [end - 40, end - 1, end, end + 1, end + 2]))].filter((at) => at > 0 && at < whole.length)
    const grown = await after([...cuts.map((at) => whole.subarray(0, at)), whole], place)
    const once = await after([whole], place)
    expect({ ...grown, ctx: 0, path: 0, superseded: 0 }).toEqual({ ...once, ctx: 0, path: 0 })
    if (!sources.find((source) => source.name === name)?.rereads) expect(grown.superseded).toBe(0)
  })

  test('byte by byte through one record', async () => {
    const second = whole.indexOf(10, whole.length / 2)
    const cuts = Array.from({ length: Math.min(300, whole.length - second) }, (_, n) => second + n)
    const grown = await after([...cuts.map((at) => whole.subarray(0, at)), whole], place)
    const once = await after([whole], place)
    expect(grown.messages).toEqual(once.messages)
    expect(grown.usage).toEqual(once.usage)
  })

  test('a second sync reads and writes nothing', async () => {
    const { ctx } = await after([whole], place)
    const before = readFileSync(ctx.file)
    const report = await ctx.sync()
    expect(report.sources[name]).toMatchObject({ files: 1, created: 0, updated: 0, unchanged: 1, messages: 0 })
    expect(readFileSync(ctx.file).equals(before)).toBe(true)
  })

  test('another parser version reads it again, to the same rows', async () => {
    const source = sources.find((one) => one.name === name)!
    const { ctx, messages, sessions, usage } = await after([whole], place)
    const version = source.parser_version
    try {
      source.parser_version = version + 1
      expect((await ctx.sync()).sources[name]).toMatchObject({ updated: 1, messages: 0 })
    } finally {
      source.parser_version = version
    }
    expect(contents(ctx.file)).toEqual({ messages, sessions, usage, superseded: 0 })
  })

  test.each([
    ['without the last line end', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['with CRLF', (bytes: Buffer) => Buffer.from(bytes.toString().replaceAll('\n', '\r\n'))],
    ['after a BOM', (bytes: Buffer) => Buffer.concat([Buffer.from('\ufeff'), bytes])],
    ['with empty lines', (bytes: Buffer) => Buffer.from(bytes.toString().replaceAll('\n', '\n\n \n'))],
  ])('%s gives the same rows', async (_name, change) => {
    const changed = await after([change(whole)], place)
    const once = await after([whole], place)
    expect([changed.messages, changed.usage]).toEqual([once.messages, once.usage])
  })

  test.each([
    ['no JSON', Buffer.from('{"type":"user", broken\n')],
    ['NULs', Buffer.alloc(100)],
    ['invalid UTF-8', Buffer.from([0xff, 0xfe, 0x80, 10])],
    ['a number', Buffer.from('42\n')],
    ['null and arrays', Buffer.from('null\n[]\n[[1]]\n"text"\n')],
    ['an object of nothing', Buffer.from('{}\n')],
    ['nesting without end', Buffer.from(`${'['.repeat(200_000)}\n`)],
    ['deep nesting', Buffer.from(`{"type":"user","a":${'['.repeat(50_000)}${']'.repeat(50_000)}}\n`)],
    ['an unknown type', Buffer.from('{"type":"from-the-future","payload":{}}\n')],
  ])('a line of %s in the middle stops nothing', async (_name, line) => {
    const middle = whole.indexOf(10, whole.length / 2) + 1
    const broken = await after([Buffer.concat([whole.subarray(0, middle), line, whole.subarray(middle)])], place)
    const once = await after([whole], place)
    expect(broken.messages).toEqual(once.messages)
  })
})
