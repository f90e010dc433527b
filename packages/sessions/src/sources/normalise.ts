/** Small rules that every parser shares. */

/** An instant in gobby's one form, or null when the value is none. Takes ISO text and epoch milliseconds. */
export function instantOf(value: unknown): string | null {
  if (typeof value === 'string' && value.length === 24 && value.charCodeAt(23) === 90 && value.charCodeAt(19) === 46) return value
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
