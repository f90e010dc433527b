import fc from '@gobby/testing/property'
import { describe, expect, it } from 'vitest'
import { searchText } from '../src/sqlite/search-text.js'
import { indexOf, message } from './search-index.js'

const blob = Buffer.from(Array.from({ length: 601 }, (_, i) => (i * 7919) % 256)).toString('base64')
const wrapped = (blob.match(/.{1,64}/g) ?? []).join('\n')

describe('what is indexed', () => {
  it('leaves a text with nothing special as it is', () => {
    const text = 'the quick brown fox, and foo_bar in a/b.ts'
    expect(searchText(message(text))).toBe(text)
  })

  it('takes the strings of the input at any depth, not its keys, and the result', () => {
    const text = searchText({ content: '', tool_input: '{"file_path":"x.ts","edits":[{"old":"one"},{"old":"two","n":3}]}', tool_result: 'done' })
    expect(text).toBe('x.ts\none\ntwo\ndone')
    expect(searchText({ content: '', tool_input: 'raw { text', tool_result: null })).toBe('raw { text')
    expect(searchText({ content: '', tool_input: `${'['.repeat(5000)}"deep"${']'.repeat(5000)}`, tool_result: null })).toBe('deep')
  })

  it('leaves out base64 and data URLs, and nothing around them', () => {
    expect(searchText(message(`before ${blob} after`))).toBe('before   after')
    expect(searchText(message(`before\n${wrapped}\nafter`))).toBe('before\n \nafter')
    expect(searchText(message('x url(data:image/png;base64,QUJD) y'))).toBe('x url( ) y')
    const checksums = `${'0123456789abcdef'.repeat(4)}\n`.repeat(8)
    expect(searchText(message(checksums))).toContain(checksums)
  })

  it('keeps head and tail of a long text', () => {
    const text = `first ${'word '.repeat(100_000)} middle ${'word '.repeat(100_000)} last`
    const indexed = searchText(message(text))
    expect(indexed.length).toBeLessThanOrEqual(256 * 1024 + 1)
    expect(indexed).toMatch(/^first word .* word {2}last$/)
    expect(indexed).not.toContain('middle')
  })

  it.each([
    ['parseUserInput', ['parseUserInput', 'parseuserinput', 'user', 'INPUT', 'parse', 'parseUs*', 'inp*'], ['parseUser', 'put', '"user input"']],
    ['new HTTPServer2()', ['HTTPServer2', 'http', 'server', 'server2', '2'], ['HTTPS']],
    ['the APIs of userIDs', ['api', 'apis', 'user'], ['s']],
    ['sha256 base64Encode x86', ['sha', '256', 'base64', 'encode', 'base', '86'], ['56']],
    ['commit e29b41d4 and 02T10', ['e29b41d4', '02T10'], ['29', 'T', '10']],
    ['foo_bar in src/a/b.ts', ['foo_bar', 'foo', 'bar', 'a/b.ts', 'b.ts', 'src/*'], ['bar_foo', 'a.ts']],
    ['C++ and C#, F# on .NET', ['C++', 'c++', 'C#', 'f#', '.net', '.NET', 'net', 'cplusplus', '"C++ and C#"'], ['c', 'f']],
    ['plain c and net', ['c', 'net'], ['C++', 'C#', '.NET']],
    ['done 😀 👍🏽 world', ['😀', '👍', '👍🏽', 'world', '"done 😀"', 'done*'], ['🎉', '"done world"']],
    ['我觉得它很好', ['它', '觉得', '我觉得它很好', '"它很"', '它*', '-它x 它'], ['好我', '很它']],
    ['用user数据parseIt。', ['user', '数据', 'it', 'user数据'], ['据user']],
    ['한국어 テスト ภาษาไทย', ['국', 'スト', 'ไทย'], ['국한']],
    ['Ärger naïve Straße ệ ÅNG İstanbul ΑΣ', ['arger', 'NAIVE', 'straße', 'ệ', 'ång', 'istanbul', 'ας'], ['strasse']],
    ['e\u0301tude が'.normalize('NFD'), ['étude', 'etude', 'が'], []],
    ['\u001b[31mERROR\u001b[0m done', ['error', 'done'], ['31merror', '31m']],
    ['nul\0here \ud800 lone\udc00x', ['nul', 'here', 'lone', 'x'], []],
    ['Прив ПриветМир', ['привет', 'мир', 'ПРИВ'], []],
    ['don’t "quoted" Ꭰ x᜕y', ["don't", 'don’t', 'quoted', 'Ꭰ', 'x᜕y'], []],
  ])('finds in %j', (text, found, missed) => {
    const index = indexOf(text)
    for (const query of found.filter((query) => !query.startsWith('-'))) expect([query, index.find(query)]).toEqual([query, [1]])
    for (const query of missed) expect([query, index.find(query)]).toEqual([query, []])
    index.check()
  })
})

describe('whatever the text', () => {
  it('every letter and digit there is, is found', () => {
    const characters = Array.from({ length: 0x30000 }, (_, code) => code)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .filter((character) => /[\p{L}\p{N}]/u.test(character))
    // A message is indexed up to 256 Ki characters.
    const texts = Array.from({ length: Math.ceil(characters.length / 10_000) }, (_, at) => characters.slice(at * 10_000, (at + 1) * 10_000).join(' '))
    const index = indexOf(...texts)
    expect(characters.filter((character) => index.find(character).length === 0)).toEqual([])
  })

  it('any word of it is found', () => {
    const word = fc.oneof(fc.stringMatching(/^[A-Za-z0-9_$.+#-]{1,20}$/), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), fc.stringMatching(/^[а-яÀ-ÿA-z]{1,9}$/))
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
        const index = indexOf(words.join(' '))
        for (const one of words) {
          const query = `"${one.replaceAll('"', ' ')}"`
          expect([1, 'empty', 'invalid']).toContain([index.find(query)].flat()[0])
        }
        index.check()
      }),
    )
  })

  it('any stretch of a text in Chinese, Japanese, Korean or Thai is found', () => {
    const character = fc.constantFrom(...'我觉得它很好漢字𠀀かなガパカナー한국어조선ภาษาไทย々')
    fc.assert(
      fc.property(fc.array(character, { minLength: 1, maxLength: 40 }), fc.nat(), fc.nat(), (characters, a, b) => {
        const from = a % characters.length
        const stretch = characters.slice(from, from + 1 + (b % (characters.length - from)))
        expect(indexOf(characters.join('')).find(stretch.join(''))).toEqual([1])
      }),
    )
  })

  it('no string harms the index', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), (texts) => {
        indexOf(...texts).check()
      }),
    )
  })
})
