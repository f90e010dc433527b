import fc from '@gobby/testing/property'
import { describe, expect, it } from 'vitest'
import { parseQuery } from '../src/sqlite/search-query.js'
import { MARK_END, MARK_START, snippet } from '../src/sqlite/snippet.js'
import { indexOf } from './search-index.js'

const filler = 'lorem ipsum dolor sit amet '.repeat(40)

function marked(text: string, query: string, around?: number): string {
  const parsed = parseQuery(query)
  return snippet(text, 'match' in parsed ? parsed.terms : [], { around }).snippet.replaceAll(MARK_START, '[').replaceAll(MARK_END, ']')
}

describe('highlights', () => {
  it.each([
    ['a cat in a category', 'cat', 'a [cat] in a category'],
    ['a cat in a category', 'cat*', 'a [cat] in a [category]'],
    ['Café NAÏVE', 'cafe naïve', '[Café] [NAÏVE]'],
    ['call parseUserInput() now', 'user', 'call parse[User]Input() now'],
    ['call parseUserInput() now', 'parseuserinput', 'call [parseUserInput]() now'],
    ['call parseUserInput() now', 'parseUs* input', 'call [parseUserInput]() now'],
    ['in HTTPServer2 here', 'server2', 'in HTTP[Server2] here'],
    ['the foo_bar of foo and bar', 'foo_bar', 'the [foo_bar] of foo and bar'],
    ['see src/a/b.ts, a b', 'a/b.ts', 'see src/[a/b.ts], a b'],
    ['beta alpha alpha  beta', '"alpha beta"', 'beta alpha [alpha beta]'],
    ['alpha betamax', '"alpha be"*', '[alpha betamax]'],
    ['我觉得它很好', '它', '我觉得[它]很好'],
    ['我觉得它很好', '觉得 很好', '我[觉得]它[很好]'],
    ['C++ not c', 'c++', '[C++] not c'],
    ['C++ not c', 'c', 'C++ not [c]'],
    ['on .NET here', 'net', 'on .[NET] here'],
    ['done 👍🏽!', '👍', 'done [👍]🏽!'],
    ['\u001b[31mERROR\u001b[0m\u0002x\u0003', 'error', '[ERROR] x'],
    ['one\n\n   two\tthree', 'two', 'one [two] three'],
    ['nothing here', 'absent', 'nothing here'],
    ['', 'absent', ''],
  ])('%j for %s', (text, query, expected) => {
    expect(marked(text, query)).toBe(expected)
  })
})

describe('the place', () => {
  it('is where the most terms meet, cut at words', () => {
    const text = `alpha ${filler} beta gamma alpha ${filler}`
    expect(marked(text, 'alpha beta gamma', 60)).toMatch(/^….{0,30} \[beta\] \[gamma\] \[alpha\] .{0,30}…$/)
    expect(marked(text, 'alpha', 40)).toMatch(/^\[alpha\] lorem ipsum .*\S…$/)
    expect(marked(text, 'absent', 30)).toMatch(/^alpha lorem ipsum.*\S…$/)
  })

  it('is about as long as asked for', () => {
    const text = `${filler} needle ${filler}`
    expect(marked(text, 'needle').length).toBeGreaterThan(110)
    expect(marked(text, 'needle').length).toBeLessThan(170)
    expect(marked('x'.repeat(5000), 'absent').length).toBeLessThan(170)
  })

  it('is found at the end of a long text', () => {
    expect(marked(`${filler.repeat(1000)} needle`, 'needle')).toMatch(/^….*\[needle\]$/)
  })
})

it('shows what the index found', () => {
  const word = fc.oneof(fc.stringMatching(/^[A-Za-z0-9]{1,12}$/), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }), fc.constantFrom('fooBar', 'HTTPServer2', 'été', '它', 'C++', '.NET'))
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), word, (words, query) => {
      const text = words.join(' ')
      fc.pre([indexOf(text).find(query)].flat()[0] === 1)
      expect(marked(text.replaceAll(/[[\]]/g, ' '), query)).toContain('[')
    }),
    { numRuns: 500 },
  )
})
