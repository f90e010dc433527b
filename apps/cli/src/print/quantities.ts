/** Numbers and times as a person reads them. */

/** `1.2K`, `3.4M`. */
export function short(count: number): string {
  for (const [unit, size] of [['B', 1e9], ['M', 1e6], ['K', 1e3]] as const) {
    // 999,950 would round to 1000.0K.
    if (count >= size * 0.99995) return `${(count / size).toFixed(count / size >= 99.95 ? 0 : 1)}${unit}`
  }
  return String(count)
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `5m ago`; the date after four weeks. */
export function ago(instant: string | null, now: Date): string {
  if (instant === null) return ''
  const past = now.getTime() - Date.parse(instant)
  if (past < MINUTE) return past < -MINUTE ? localTime(instant) : 'now'
  if (past < HOUR) return `${Math.floor(past / MINUTE)}m ago`
  if (past < DAY) return `${Math.floor(past / HOUR)}h ago`
  if (past < 28 * DAY) return `${Math.floor(past / DAY)}d ago`
  return localTime(instant).slice(0, 10)
}

/** `2026-11-22 14:03:10`, where the person is. */
export function localTime(instant: string): string {
  const date = new Date(instant)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `1m 20s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m ${whole % 60}s`
}
