import fc from '@gobby/testing/property'
import { describe, expect, it } from 'vitest'
import { parseQuery } from '../src/sqlite/search-query.js'
import { indexOf } from './search-index.js'

const index = indexOf('alpha beta gamma', 'alpha delta', 'the --flag of AND or NEAR', 'text foo and "bar baz"', 'gamma beta 12 inch')

describe('queries', () => {
  it.each<[string, number[] | 'empty' | 'invalid']>([
    ['alpha', [1, 2]],
    ['ALPHA delta', [2]],
    ['"alpha beta"', [1]],
    ['"beta alpha"', []],
    ['\u201calpha beta\u201d', [1]],
    ['alp*', [1, 2]],
    ['"alpha be"*', [1]],
    ['al*ha', []],
    ['alpha -beta', [2]],
    ['-beta alpha', [2]],
    ['alpha -"beta gamma"', [2]],
    ['alpha -del*', [1]],
    ['--flag', [3]],
    ['--flag -alpha', [3]],
    ['AND', [3, 4]],
    ['OR NEAR', [3]],
    ['NEAR(or, 3)', []],
    ['(alpha delta)', [2]],
    ['^alpha', [1, 2]],
    ['text:foo', [4]],
    ['"alpha be', []],
    ['"alpha beta', [1]],
    ['12" inch', [5]],
    ['foo ="bar baz"', [4]],
    ['alpha - beta', [1]],
    ['alpha ->beta', [1]],
    ['alpha\0beta', [1]],
    ['**alpha**', [1, 2]],
    ['alpha !!!', [1, 2]],
    ['!!!', 'empty'],
    ['""', 'empty'],
    ['"', 'empty'],
    ['*', 'empty'],
    ['-', 'empty'],
    ['-- → ─', 'empty'],
    ['', 'invalid'],
    [' \t\n', 'invalid'],
    ['-alpha', 'invalid'],
    ['-alpha -"beta gamma" !', 'invalid'],
  ])('%j', (query, expected) => {
    expect(index.find(query)).toEqual(expected)
  })

  it('tells what to highlight', () => {
    expect(parseQuery('Straße foo_bar pre* -no C++ 它们 naïve')).toMatchObject({
      terms: [
        { tokens: ['straße'], prefix: false },
        { tokens: ['foo', 'bar'], prefix: false },
        { tokens: ['pre'], prefix: true },
        { tokens: ['cplusplus'], prefix: false },
        { tokens: ['它', '们'], prefix: false },
        { tokens: ['naive'], prefix: false },
      ],
    })
  })

  it.each(['alpha '.repeat(200_000), Array.from({ length: 100_000 }, (_, i) => `w${i}`).join(' '), 'x'.repeat(1e6), '它'.repeat(350_000), '"'.repeat(1e6), '-a '.repeat(300_000), `"${'a '.repeat(500_000)}`, 'a/'.repeat(500_000), '-x y '.repeat(200_000), '😀'.repeat(300_000)])(
    'bounds a query of 1 MB (%#)',
    (query) => {
      const parsed = parseQuery(query)
      const terms = 'match' in parsed ? parsed.terms : []
      expect(terms.length).toBeLessThanOrEqual(64)
      expect(terms.reduce((sum, term) => sum + term.tokens.length, 0)).toBeLessThanOrEqual(256)
      index.find(query)
    },
  )

  it('never makes the database throw', () => {
    const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('"', '-', '*', ' ', '\0', ' AND ', ' OR ', ' NOT ', 'NEAR(', ')', '(', '^', ':', 'text:', 'a', '+', '{', '}', '它', '\ud800', "'", '--', '😀', ';'))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        index.find(pieces.join(''))
      }),
      { numRuns: 1000 },
    )
  })
})
