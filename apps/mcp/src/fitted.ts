/** Answers in a size that a model can take. Pure. */
import { cutText } from './cut-text.js'

export type Answer = Record<string, unknown>

export type Limits = {
  /** Bytes of JSON that an answer may have; about four make a token. */
  bytes: number
  /** Characters after which a text is cut; undefined: none is. */
  text?: number
  /** Fields whose text is what was asked for, and stays. */
  keeps?: readonly string[]
  /** Lists that lose their beginning instead of their end. */
  fromEnd?: boolean
}

export type Fitted = {
  answer: Answer
  /** How many items each list lost. */
  left: Record<string, number>
}

/** What is kept free for marks and for the sentence that says how to get the rest. */
const RESERVED = 600

/**
 * The answer with long texts cut, and then, where it is still too large, with shorter lists: short ones whole, long ones
 * sharing what room there is. What is cut stays what it was (a text, a list), and the record it stands in gets
 * `truncated: true`. Never larger than `bytes`, whatever it is given.
 */
export function fitted(whole: Answer, limits: Limits): Fitted {
  const left: Record<string, number> = {}
  const kept = Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, limits.keeps?.includes(name) ? value : withShortTexts(value, limits.text)]))
  const short = marked(whole, kept)
  if (bytesOf(short) <= limits.bytes) return { answer: short, left }
  const cut = shrunk(short, limits.bytes - RESERVED, { path: '', left, fromEnd: limits.fromEnd ?? false }) as Answer | undefined
  return { answer: marked(short, cut ?? {}), left }
}

/** Marks the answer where one of its own texts was cut; the items of its lists are marked by themselves. */
function marked(before: Answer, after: Answer): Answer {
  const own = Object.keys(before).some((name) => before[name] !== after[name] && !Array.isArray(before[name]))
  return own ? { ...after, truncated: true } : after
}

/** The value with its texts cut; the same value where there was nothing to cut. */
function withShortTexts(value: unknown, most: number | undefined): unknown {
  if (most === undefined) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => {
      const short = shortened(item, most)
      return short !== item && isRecord(short) ? { ...short, truncated: true } : short
    })
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  return shortened(value, most)
}

function shortened(value: unknown, most: number): unknown {
  if (typeof value === 'string') return cutText(value, most)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]) => [name, shortened(inner, most)] as const)
  if (entries.every(([name, inner]) => inner === (value as Answer)[name])) return value
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)
}

type Place = { path: string; left: Record<string, number> | undefined; fromEnd: boolean }

/** The value in at most `room` bytes of JSON; undefined where nothing of it fits. */
function shrunk(value: unknown, room: number, place: Place): unknown {
  if (bytesOf(value) <= room) return value
  if (typeof value === 'string') return shrunkText(value, room)
  if (Array.isArray(value)) return shrunkList(value, room, place)
  return isRecord(value) ? shrunkRecord(value, room, place) : undefined
}

function shrunkText(text: string, room: number): string | undefined {
  if (room < 2) return undefined
  let [least, over] = [0, text.length + 1]
  while (over - least > 1) {
    const middle = (least + over) >> 1
    if (bytesOf(cutText(text, middle)) <= room) least = middle
    else over = middle
  }
  return cutText(text, least)
}

function shrunkList(list: unknown[], room: number, { path, left, fromEnd }: Place): unknown[] | undefined {
  if (room < 2) return undefined
  const items: unknown[] = []
  let free = room - 2
  for (const item of fromEnd ? list.toReversed() : list) {
    const size = bytesOf(item) + 1
    if (size > free) break
    items.push(item)
    free -= size
  }
  // One that is too large by itself is cut: without it, whoever reads on would find it again and again.
  if (items.length === 0 && list.length > 0) {
    const part = shrunk(fromEnd ? list.at(-1) : list[0], free - MARK, { path, left: undefined, fromEnd: false })
    if (part !== undefined) items.push(isRecord(part) ? { ...part, truncated: true } : part)
  }
  if (left && items.length < list.length) left[path] = list.length - items.length
  return fromEnd ? items.reverse() : items
}

const MARK = ',"truncated":true'.length

function shrunkRecord(record: Answer, room: number, { path, left, fromEnd }: Place): Answer | undefined {
  if (room < 2) return undefined
  const sizes = Object.entries(record)
    // What JSON leaves out takes no room.
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name, value, key: bytesOf(name) + 2, size: bytesOf(value) }))
  const share = shareOf(sizes.map(({ key, size }) => key + size), room - 2)
  const result: Answer = {}
  let free = room - 2
  for (const { name, value, key, size } of sizes) {
    const part = shrunk(value, Math.min(size, share - key, free - key), { path: path === '' ? name : `${path}.${name}`, left, fromEnd })
    if (part === undefined) continue
    result[name] = part
    free -= key + bytesOf(part)
  }
  return result
}

/** The most that one may have when all together have `room`, and who needs less takes less. */
function shareOf(sizes: number[], room: number): number {
  let free = room
  const ascending = sizes.toSorted((a, b) => a - b)
  for (const [index, size] of ascending.entries()) {
    const share = Math.floor(free / (ascending.length - index))
    if (size > share) return share
    free -= size
  }
  return room
}

export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? 'null')
}

function isRecord(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
