import { isDeepStrictEqual } from 'node:util'

/** A value as its file's format would give it back: dates as texts, objects without a prototype of their own. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'null') as unknown
}

/** Whether two values read from files are the same; the order of keys does not count. */
export function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(plain(a), plain(b))
}
