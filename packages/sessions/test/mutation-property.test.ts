import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from '@gobby/testing/property'
import { describe, expect, test } from 'vitest'
import { call, operations } from '../src/index.ts'
import { contents, faults, gobby, sampleBytes, sampleNames, samples, type SampleName } from './gobby.ts'

type Change = { kind: 'cut' | 'drop' | 'double' | 'flip' | 'splice' | 'value'; at: number; length: number; bytes: Uint8Array; value: unknown }

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('cut', 'drop', 'double', 'flip', 'splice', 'value'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 400 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 30 }),
  value: fc.jsonValue(),
})

/** The transcript with a part cut off, lost, doubled, turned round, or with foreign bytes or another value in it. */
function changed(bytes: Buffer, { kind, at, length, bytes: foreign, value }: Change): Buffer {
  const from = Math.floor(at * bytes.length)
  const [before, part, after] = [bytes.subarray(0, from), bytes.subarray(from, from + length), bytes.subarray(from + length)]
  if (kind === 'cut') return before
  if (kind === 'drop') return Buffer.concat([before, after])
  if (kind === 'double') return Buffer.concat([before, part, part, after])
  if (kind === 'flip') return Buffer.concat([before, Buffer.from(part).reverse(), after])
  if (kind === 'splice') return Buffer.concat([before, foreign, bytes.subarray(from)])
  // One value of one record becomes any other: the JSON stays whole.
  const text = bytes.toString()
  const places = [...text.matchAll(/":(?="|\d|true|false|null|\{|\[)/g)]
  const place = places[Math.floor(at * places.length)]
  if (!place) return bytes
  const start = place.index + 2
  const end = /^(?:"(?:[^"\\]|\\.)*"|[\d.e+-]+|true|false|null)/.exec(text.slice(start, start + 100_000))?.[0].length
  return end === undefined ? bytes : Buffer.from(text.slice(0, start) + JSON.stringify(value) + text.slice(start + end))
}

const stats = operations.find(({ name }) => name === 'session_stats')!
const get = operations.find(({ name }) => name === 'get_session')!

async function check(name: SampleName, states: Buffer[]) {
  const ctx = await gobby({ shared: true })
  try {
    const path = join(ctx.home, samples[name])
    mkdirSync(dirname(path), { recursive: true })
    for (const [n, bytes] of states.entries()) {
      writeFileSync(path, bytes)
      utimesSync(path, n, n)
      await ctx.sync()
      const once = contents(ctx.file)
      // Read again from the first byte, as after a change of the parser.
      utimesSync(path, n + 0.5, n + 0.5)
      const known = await ctx.store.sessions.list({ include_empty: true, include_subagents: true }, 100)
      for (const { id } of known) await ctx.store.ingest.beginReread(id, ctx.now().toISOString())
      await ctx.sync()
      const again = contents(ctx.file)
      if (bytes.length > 0 && known.every(({ transcript_path }) => transcript_path !== null)) expect(again.messages).toEqual(once.messages)
      expect(faults(ctx.file)).toEqual([])
      stats.output.parse(await call(stats, ctx, { include_empty: true, include_subagents: true }))
      for (const { id } of known) get.output.parse(await call(get, ctx, { session_id: id }))
    }
  } finally {
    await ctx.close()
  }
}

describe.each(sampleNames)('%s', (name) => {
  const whole = sampleBytes(name)
  const runs = Number(process.env.GOBBY_TEST_RUNS ?? 12)

  test('changed anywhere: nothing throws, and read again it gives the same', { timeout: 300_000 + runs * 5_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        await check(name, [whole, changes.reduce(changed, whole), whole])
      }),
      { numRuns: runs },
    )
  })
})
