import { expect, test } from 'vitest'
import { ago, duration, short } from '../src/print/quantities.ts'
import { fit, harmless, quoteForShell, widthOf } from '../src/print/text.ts'

test('text becomes harmless: no escape sequences, no control characters, but newlines and tabs', () => {
  expect(harmless('a\u001b[31mb\u001b[0m\u001b]8;;http://x\u0007c\u001b]8;;\u0007\r\nd\te\u0000\u0085\u009b2Jf\rg')).toBe('abc\nd\tefg')
})

test('widths count columns, not characters', () => {
  expect([widthOf('abc'), widthOf('日本'), widthOf('👩‍👩‍👧'), widthOf('e\u0301')]).toEqual([3, 4, 2, 1])
  expect(fit('日本語です', 5)).toBe('日本…')
  expect(fit('short', 5)).toBe('short')
  expect(fit('longer', 5)).toBe('long…')
})

test('numbers and times are short', () => {
  expect([0, 999, 1000, 1234, 99_960, 999_960, 3_400_000, 2e9].map(short)).toEqual(['0', '999', '1.0K', '1.2K', '100K', '1.0M', '3.4M', '2.0B'])
  const now = new Date('2026-11-22T12:00:00.000Z')
  const before = (minutes: number) => ago(new Date(now.getTime() - minutes * 60_000).toISOString(), now)
  expect([0, 5, 125, 60 * 26, 60 * 24 * 40].map(before)).toEqual(['now', '5m ago', '2h ago', '1d ago', '2026-10-13'])
  expect([duration(5), duration(80)]).toEqual(['5s', '1m 20s'])
})

test('what a shell would change is quoted', () => {
  expect(['orchard', '#3', "it's", ''].map(quoteForShell)).toEqual(['orchard', "'#3'", String.raw`'it'\''s'`, "''"])
})
