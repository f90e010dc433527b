import { describe, expect, test } from 'vitest'
import { addProject, addSession, batch, message, NOW, open, raw, reread, state } from './kit.ts'

const words = (n: number, from = 0) => Array.from({ length: n }, (_, i) => message(`plum${from + i} tree`))

async function opened(texts = words(10)) {
  const store = await open()
  const { id } = await addProject(store, 'a')
  const session = await addSession(store, id, texts)
  const found = async (query: string) => (await store.search.find(query, {}, { sort: 'newest', limit: 50 })).length
  const contents = async () => (await store.messages.list(session.id, {}, { limit: 200, offset: 0 })).messages.map(({ message_index, content }) => [message_index, content])
  const rows = () => raw(store.path).prepare('SELECT count(*) FROM session_messages').pluck().get()
  return { store, session, found, contents, rows }
}

const indexed = (texts: { content: string }[]) => texts.map(({ content }, i) => [i, content])

describe('append', () => {
  test('of two readers at the same place one writes', async () => {
    const { store, session } = await opened([])
    const step = batch(session.id, words(3), { expected: { byte_offset: 1, generation: 0 }, state: state({ byte_offset: 9 }) })
    expect([await store.ingest.append(step), await store.ingest.append(step)]).toEqual([true, false])
    expect((await store.sessions.get(session.id))?.message_count).toBe(3)
  })

  test('a step that fails leaves rows, index, counters and place as they were', async () => {
    const { store, session, rows } = await opened()
    const before = [await store.sessions.get(session.id), await store.ingest.state(session.id), rows()]
    const step = batch(session.id, [message('fig'), message('broken', { content: null as unknown as string })], { expected: { byte_offset: 1, generation: 0 }, first_index: 10 })
    await expect(store.ingest.append(step)).rejects.toThrow()
    const taken = batch(session.id, [message('fig')], { expected: { byte_offset: 1, generation: 0 }, first_index: 9 })
    await expect(store.ingest.append(taken)).rejects.toThrow(/UNIQUE/)
    expect([await store.sessions.get(session.id), await store.ingest.state(session.id), rows()]).toEqual(before)
    expect(await store.search.find('fig', {}, { sort: 'relevance', limit: 5 })).toEqual([])
    expect(await store.search.check()).toBe(true)
  })

  test('tokens of an API message that comes several times count once, the largest of each kind', async () => {
    const { store, session } = await opened([])
    const usage = (input_tokens: number, output_tokens: number) => ({ key: 'k', model: 'm', timestamp: NOW, input_tokens, output_tokens, cache_read_tokens: 0, cache_creation_tokens: 0 })
    await store.ingest.append(batch(session.id, words(1), { expected: { byte_offset: 1, generation: 0 }, usage: [usage(5, 1), usage(5, 9)], state: state({ byte_offset: 2 }) }))
    await store.ingest.append(batch(session.id, words(1), { expected: { byte_offset: 2, generation: 0 }, first_index: 1, usage: [usage(7, 3)], state: state({ byte_offset: 3 }) }))
    expect(await store.sessions.get(session.id)).toMatchObject({ input_tokens: 7, output_tokens: 9 })
    expect(await store.sessions.usageByModel(session.id)).toMatchObject({ m: { input_tokens: 7, output_tokens: 9 } })
  })

  test.each([
    ['NUL', 'a\0b kiwi'],
    ['lone surrogates', '\ud800 kiwi \udc00'],
    ['controls', '\u0001\u0002\u0003kiwi\u2028\u2029\ufeff'],
    ['nothing but NUL', '\0\0\0'],
    ['base64 alone', 'QUJD'.repeat(400)],
    ['a data URL alone', `data:image/png;base64,${'QUJD'.repeat(400)}`],
    ['a megabyte', 'kiwi '.repeat(200_000)],
    ['punctuation', '!?…'],
  ])('text with %s is kept, and kept the same by a reread', async (_name, text) => {
    const { store, session, rows } = await opened([])
    const all = [message(text), message('', { content_type: 'tool_result', role: 'tool', tool_result: text, tool_use_id: text.slice(0, 20), tool_name: text.slice(0, 20) })]
    await store.ingest.append(batch(session.id, all, { expected: { byte_offset: 1, generation: 0 }, state: state({ byte_offset: 2 }) }))
    const [stored] = (await store.messages.list(session.id, {}, { limit: 1, offset: 0 })).messages
    expect(stored?.content).toBe(text.toWellFormed())
    await reread(store, session.id, all)
    await reread(store, session.id, all)
    expect(rows()).toBe(2)
    expect(await store.search.check()).toBe(true)
    if (text.includes('kiwi')) expect((await store.search.find('kiwi', {}, { sort: 'relevance', limit: 5 })).length).toBe(2)
  })
})

describe('reread', () => {
  test.each([
    ['nothing changed', words(10), 10],
    ['grown', words(15), 15],
    ['shrunk', words(4), 10],
    ['the first rows lost', words(6, 4), 10],
    ['rows lost in the middle', [...words(3), ...words(3, 7)], 10],
    ['another text altogether', words(5, 100), 15],
    ['one put in front', [message('new'), ...words(10)], 11],
    ['turned round', words(10).reverse(), 10],
    ['one row many times', Array.from({ length: 12 }, () => message('plum0 tree')), 21],
    ['nothing left', [], 10],
  ])('%s: no row doubled, none lost', async (_name, texts, total) => {
    for (const size of [1000, 3, 1]) {
      const { store, session, found, contents, rows } = await opened()
      await reread(store, session.id, texts, size)
      expect(await contents()).toEqual(indexed(texts))
      expect([rows(), await found('tree')]).toEqual([total, total - texts.filter(({ content }) => content === 'new').length])
      expect((await store.sessions.get(session.id))?.message_count).toBe(texts.length)
      expect(await store.search.check()).toBe(true)
      // And back again: every row returns to its place.
      await reread(store, session.id, words(10), size)
      expect(await contents()).toEqual(indexed(words(10)))
      expect(rows()).toBe(total)
    }
  })

  test('of two at once the later one wins', async () => {
    const { store, session, contents } = await opened()
    const first = await store.ingest.beginReread(session.id, NOW)
    const second = await store.ingest.beginReread(session.id, NOW)
    const step = (generation: number, texts = words(4)) => batch(session.id, texts, { expected: { byte_offset: 0, generation } })
    expect(await store.ingest.appendReread(step(first, words(4, 50)))).toBe(false)
    expect(await store.ingest.appendReread(step(second))).toBe(true)
    expect(await store.ingest.finishReread({ session_id: session.id, generation: first, next_index: 0, state: state(), now: NOW })).toBe(false)
    expect(await store.ingest.append(batch(session.id, words(1), { expected: { byte_offset: 1, generation: 0 }, first_index: 10 }))).toBe(false)
    expect(await store.ingest.finishReread({ session_id: session.id, generation: second, next_index: 4, state: state(), now: NOW })).toBe(true)
    expect(await contents()).toEqual(indexed(words(4)))
  })

  test('one that was cut off anywhere begins anew', async () => {
    for (const done of [0, 1, 2, 3]) {
      const { store, session, contents, rows } = await opened()
      const texts = [message('start'), ...words(8, 2)]
      const generation = await store.ingest.beginReread(session.id, NOW)
      for (let step = 0; step < done; step++) {
        await store.ingest.appendReread(batch(session.id, texts.slice(step * 3, step * 3 + 3), { expected: { byte_offset: 0, generation }, first_index: step * 3 }))
      }
      await reread(store, session.id, texts, 4)
      expect(await contents()).toEqual(indexed(texts))
      expect(rows()).toBe(11)
    }
  })

  test('what a parser newly takes for injected is not found any more, and the other way round', async () => {
    const { store, session, found, rows } = await opened([message('pear', { searchable: false }), message('quince')])
    await reread(store, session.id, [message('pear'), message('quince', { searchable: false })])
    expect([await found('pear'), await found('quince'), rows()]).toEqual([1, 0, 2])
    // The same for rows that come back from among the lost ones.
    await reread(store, session.id, [])
    await reread(store, session.id, [message('quince'), message('pear', { searchable: false })])
    expect([await found('pear'), await found('quince'), rows()]).toEqual([0, 1, 2])
    expect(await store.search.check()).toBe(true)
  })

  test('amendments are not added up', async () => {
    const { store, session } = await opened([message('', { role: 'assistant', content_type: 'tool_use', tool_name: 'Edit', tool_use_id: 't', tool_input: '{}' })])
    const edit = { kind: 'edit' as const, paths: [{ path: 'a.ts' }] }
    await store.ingest.append(batch(session.id, [], { expected: { byte_offset: 1, generation: 0 }, first_index: 1, amendments: [{ message_index: 0, actions: [edit] }], state: state({ byte_offset: 2 }) }))
    const call = message('', { role: 'assistant', content_type: 'tool_use', tool_name: 'Edit', tool_use_id: 't', tool_input: '{}' })
    for (let time = 0; time < 2; time++) {
      const generation = await store.ingest.beginReread(session.id, NOW)
      await store.ingest.appendReread(batch(session.id, [call], { expected: { byte_offset: 0, generation } }))
      await store.ingest.appendReread(batch(session.id, [], { expected: { byte_offset: 0, generation }, first_index: 1, amendments: [{ message_index: 0, actions: [edit] }] }))
      await store.ingest.finishReread({ session_id: session.id, generation, next_index: 1, state: state(), now: NOW })
    }
    expect((await store.messages.steps(session.id)).find(({ content_type }) => content_type === 'tool_use')?.actions).toEqual([edit])
  })
})

describe('tokens in a reread', () => {
  const usage = (key: string, input_tokens: number) => ({ key, model: 'm', timestamp: NOW, input_tokens, output_tokens: 0, cache_read_tokens: 0, cache_creation_tokens: 0 })
  const counted = async (store: Awaited<ReturnType<typeof open>>, id: string) => [(await store.sessions.get(id))?.input_tokens, (await store.sessions.usageByModel(id)).m?.input_tokens]

  test('are counted anew; one that is cut off loses none', async () => {
    const { store, session } = await opened([])
    await store.ingest.append(batch(session.id, words(2), { expected: { byte_offset: 1, generation: 0 }, usage: [usage('a', 10), usage('b', 100)], state: state({ byte_offset: 2 }) }))
    const cut = await store.ingest.beginReread(session.id, NOW)
    await store.ingest.appendReread(batch(session.id, words(1), { expected: { byte_offset: 0, generation: cut }, usage: [usage('a', 5)] }))
    expect(await counted(store, session.id)).toEqual([110, 105])
    const generation = await store.ingest.beginReread(session.id, NOW)
    await store.ingest.appendReread(batch(session.id, words(1), { expected: { byte_offset: 0, generation }, usage: [usage('a', 5), usage('a', 7)] }))
    await store.ingest.appendReread(batch(session.id, words(1, 1), { expected: { byte_offset: 0, generation }, first_index: 1, usage: [usage('a', 6), usage('c', 1000)] }))
    await store.ingest.finishReread({ session_id: session.id, generation, next_index: 2, state: state(), now: NOW })
    expect(await counted(store, session.id)).toEqual([1007, 1007])
  })
})
