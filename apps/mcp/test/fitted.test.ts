import fc from '@gobby/testing/property'
import { expect, test } from 'vitest'
import { cutText } from '../src/cut-text.ts'
import { type Answer, bytesOf, fitted } from '../src/fitted.ts'

const LIMITS = { bytes: 24_000, text: 2000 }
const astral = fc.array(fc.constantFrom('a', 'ü', '漢', '🎉', '"', '\n', '\\'), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
const longText = fc.tuple(astral, fc.integer({ min: 1, max: 4000 })).map(([part, times]) => part.repeat(times))
const anyText = fc.oneof(fc.string({ unit: 'binary' }), longText)
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5, withCrossShrink: true }, anyText, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('record')),
  list: fc.array(tie('value'), { maxLength: 30 }),
  record: fc.dictionary(fc.string({ maxLength: 20 }).filter((name) => name !== '__proto__' && name !== 'truncated'), tie('value'), { maxKeys: 12 }),
}))
const anyAnswer = fc.dictionary(fc.constantFrom('a', 'b', 'items', 'session', 'content', 'compact_markdown'), anything) as fc.Arbitrary<Answer>

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : []
}

test('never over the bound, always JSON, never half a character', () => {
  fc.assert(
    fc.property(anyAnswer, fc.integer({ min: 1000, max: 30_000 }), fc.boolean(), fc.boolean(), (whole, bytes, cuts, fromEnd) => {
      const { answer } = fitted(whole, { bytes, ...(cuts ? { text: 200 } : {}), fromEnd })
      expect(bytesOf(answer)).toBeLessThanOrEqual(Math.max(bytes, 2))
      expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
      expect(texts(answer).filter((text) => !text.isWellFormed())).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('what fits comes through as it is', () => {
  fc.assert(
    fc.property(anyAnswer, (whole) => {
      fc.pre(bytesOf(whole) <= 24_000 && !/"(?:[^"\\]|\\.){1990,}"/.test(JSON.stringify(whole)))
      expect(fitted(whole, LIMITS)).toEqual({ answer: whole, left: {} })
    }),
    { numRuns: 200 },
  )
})

test('every field of a record stays, of its own kind', () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 200 }), anyText, fc.integer(), (items, content, count) => {
      const { answer, left } = fitted({ items, content, count, nested: { list: items } }, { bytes: 3000, text: 2000 })
      expect(answer).toMatchObject({ items: expect.any(Array), content: expect.any(String), count, nested: { list: expect.any(Array) } })
      expect((answer.items as unknown[]).length + (left.items ?? 0)).toBe(items.length)
    }),
    { numRuns: 200 },
  )
})

test('a long text is cut where it stands, and marked there', () => {
  const long = 'x'.repeat(2001)
  const { answer } = fitted({ messages: [{ content: long }, { content: 'short' }], note: 'short' }, LIMITS)
  expect(answer).toEqual({ messages: [{ content: `${'x'.repeat(1999)}…`, truncated: true }, { content: 'short' }], note: 'short' })
  expect(fitted({ note: long }, LIMITS).answer).toEqual({ note: `${'x'.repeat(1999)}…`, truncated: true })
  expect(fitted({ note: 'x'.repeat(2000) }, LIMITS).answer).toEqual({ note: 'x'.repeat(2000) })
  expect(fitted({ page: long }, { ...LIMITS, keeps: ['page'] }).answer).toEqual({ page: long })
  expect(fitted({ input: [{ tool_input: { edits: [{ new: long }] } }] }, LIMITS).answer).toMatchObject({ input: [{ truncated: true }] })
})

test('short lists stay whole, long ones share the room, and what they lost is counted', () => {
  const item = (n: number) => ({ n, text: 'y'.repeat(90) })
  const many = Array.from({ length: 500 }, (_, n) => item(n))
  const { answer, left } = fitted({ few: many.slice(0, 5), many, more: many }, LIMITS)
  expect(answer.few).toHaveLength(5)
  expect((answer.many as unknown[]).length).toBeGreaterThan(80)
  expect(left).toEqual({ many: 500 - (answer.many as unknown[]).length, more: 500 - (answer.more as unknown[]).length })
  expect((answer.many as { n: number }[])[0]?.n).toBe(0)
  const end = fitted({ many }, { ...LIMITS, fromEnd: true }).answer.many as { n: number }[]
  expect(end.at(-1)?.n).toBe(499)
})

test('an item that is too large by itself is cut, not left out', () => {
  const huge = { message_index: 0, tool_input: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`field_${n}`, 'z'.repeat(1500)])) }
  const { answer, left } = fitted({ messages: [huge, huge], total_count: 2 }, LIMITS)
  expect(answer).toMatchObject({ messages: [{ message_index: 0, truncated: true }], total_count: 2 })
  expect(left).toEqual({ messages: 1 })
})

test('a text is never cut inside a character', () => {
  expect(cutText('ab🎉cd', 4)).toBe('ab…')
  expect(cutText('ab🎉cd', 5)).toBe('ab🎉…')
  expect(cutText('🎉🎉', 1)).toBe('…')
  expect(cutText('🎉🎉', 0)).toBe('')
  expect(cutText('short', 5)).toBe('short')
})
