/** Small rules that every parser shares. */

/** Days of a month that all months have, so that the pattern alone is enough. */
const COMMON = /^(?:19[7-9]\d|[2-9]\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/** An instant in gobby's one form, or null when the value is none. Takes ISO text and epoch milliseconds. */
export function instantOf(value: unknown): string | null {
  if (typeof value === 'string' && value.length === 24 && COMMON.test(value)) return value
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const date = new Date(value)
  const year = date.getUTCFullYear()
  return year >= 1970 && year <= 9999 ? date.toISOString() : null
}

/** A title made of a prompt: its first line that says something, at most 80 characters, cut between words. */
export function titleFrom(text: string): string | undefined {
  const line = text
    .slice(0, 2000)
    .split('\n')
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .find((part) => part !== '')
  if (!line) return undefined
  const characters = Array.from(line)
  if (characters.length <= 80) return line
  const cut = characters.slice(0, 79).join('')
  const space = cut.lastIndexOf(' ')
  return `${(space > 40 ? cut.slice(0, space) : cut).trimEnd()}…`
}

/** What stands in for a picture or other bytes: `[image/png 73 KB]`. `base64` is the encoded text. */
export function bytesPlaceholder(mime: string | undefined, base64: string): string {
  return `[${mime ?? 'bytes'} ${Math.max(1, Math.round((base64.length * 3) / 4 / 1024))} KB]`
}

/** True for an object that is not null and no array: the shape of a record. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as text, or undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
