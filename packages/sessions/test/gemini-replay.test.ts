import fc from '@gobby/testing/property'
import { expect, test } from 'vitest'
import { header, logOf, message, read } from './fixtures/gemini/reading.js'

type Said = { id: string; type: 'user' | 'gemini'; text: string }
type Event = { write: Said } | { checkpoint: Said[] } | { rewind: string } | { broken: string }

const said = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), type: fc.constantFrom('user' as const, 'gemini' as const), text: fc.stringMatching(/^[a-z]{1,4}$/) })
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: said.map((write) => ({ write })) },
  { weight: 1, arbitrary: fc.array(said, { maxLength: 5 }).map((checkpoint) => ({ checkpoint })) },
  { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'zz').map((rewind) => ({ rewind })) },
  { weight: 1, arbitrary: fc.constantFrom('{"id":', 'null', '\0\0').map((broken) => ({ broken })) },
)

const lineOf = (item: Event): unknown => {
  if ('write' in item) return message(item.write.id, item.write.type, item.write.text)
  if ('checkpoint' in item) return { $set: { messages: item.checkpoint.map((one) => message(one.id, one.type, [{ text: one.text }])) } }
  return 'rewind' in item ? { $rewindTo: item.rewind } : `${item.broken}\n`
}

/**
 * The rules as the CLI has them, over whole messages in an array; but what had a line of its own stays at its place
 * when a checkpoint leaves it out, and that line outlives what the checkpoint says of it.
 */
function naive(events: Event[]): string[] {
  let history: Said[] = []
  const own: Said[] = []
  const put = (list: Said[], one: Said): void => {
    const at = list.findIndex(({ id, type }) => id === one.id && type === one.type)
    if (at < 0) list.push(one)
    else list[at] = one
  }
  for (const item of events) {
    if ('write' in item) {
      put(history, item.write)
      put(own, item.write)
    } else if ('checkpoint' in item) {
      const now: Said[] = []
      for (const one of item.checkpoint) put(now, own.find(({ id, type }) => id === one.id && type === one.type) ?? one)
      const isOwn = (one: Said): boolean => own.some(({ id, type }) => id === one.id && type === one.type)
      const isIn = (list: Said[], one: Said): boolean => list.some(({ id, type }) => id === one.id && type === one.type)
      // What it says again under a new id is no new message.
      const leftOut = history.filter((one) => isOwn(one) && !isIn(now, one))
      for (const one of now.toReversed()) {
        if (isOwn(one) || isIn(history, one)) continue
        const twin = leftOut.findLastIndex(({ type, text }) => type === one.type && text === one.text)
        if (twin < 0) continue
        leftOut.splice(twin, 1)
        now.splice(now.indexOf(one), 1)
      }
      let place = 0
      for (const one of history) {
        const at = now.findIndex(({ id, type }) => id === one.id && type === one.type)
        if (at >= 0) place = at + 1
        else if (isOwn(one)) now.splice(place++, 0, one)
      }
      history = now
    } else if ('rewind' in item) {
      const at = history.findIndex(({ id }) => id === item.rewind)
      history = at < 0 ? [] : history.slice(0, at)
    }
  }
  return history.map(({ type, text }) => `${type} ${text}`)
}

test('the replay of any log is that of the rules, read from memory or by place', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 25 }), fc.boolean(), async (events, half) => {
      const marked = events.map((item) => lineOf(item)).map((line) => JSON.parse(JSON.stringify(line)) as unknown)
      const path = logOf(header, ...marked, ...(half ? ['{"id":"a","type":"us'] : []))
      const kept = await read(path, Infinity)
      expect(await read(path, 0)).toEqual(kept)
      expect(kept.messages.map((m) => `${m.role === 'user' ? 'user' : 'gemini'} ${m.content}`)).toEqual(naive(events))
    }),
    { numRuns: 150 },
  )
})
