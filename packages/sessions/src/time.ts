import { GobbyError } from './errors.js'

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * An instant that a person typed: an ISO date or time (local where it names no zone), or how long ago (`30m`, `12h`,
 * `7d`, `4w`).
 *
 * @throws GobbyError `invalid`
 */
export function parseWhen(text: string, now: Date): string {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text.trim())
  if (ago) return iso(new Date(now.getTime() - Number(ago[1]) * (UNITS[ago[2] as string] as number)), text)
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?$/i.exec(text.trim())
  if (!parts) throw malformed(text)
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = parts
  // A date that does not exist (2026-02-30) would silently become another one.
  const civil = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  if (civil.getUTCMonth() !== Number(month) - 1 || civil.getUTCDate() !== Number(day)) throw malformed(text)
  const offset = zone && /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : (zone ?? '')
  return iso(new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${offset.toUpperCase()}`), text)
}

/** The instants of `since` and `until`, as far as they are given. */
export function parseSpan({ since, until }: { since?: string; until?: string }, now: Date): { since?: string; until?: string } {
  return { since: since === undefined ? undefined : parseWhen(since, now), until: until === undefined ? undefined : parseWhen(until, now) }
}

function iso(date: Date, text: string): string {
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1) throw malformed(text)
  return date.toISOString()
}

function malformed(text: string): GobbyError {
  return new GobbyError('invalid', `${JSON.stringify(text.slice(0, 40))} is no time.`, 'Give a date (2026-11-22), a time (2026-11-22T10:00), or how long ago: 30m, 12h, 7d, 4w.')
}

/** How long ago an instant was, for a person: `just now`, `5 min ago`, `8 h ago`, `3 d ago`. */
export function ago(instant: string, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - Date.parse(instant)) / 60_000))
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} d ago`
}
