import { mkdirSync, rmdirSync } from 'node:fs'

/**
 * A folder that nobody can make although the one above is there, where the system has such a place: Linux's /proc says of
 * it that it does not exist.
 */
export function nowhere(): string | undefined {
  const place = '/proc/gobby'
  try {
    mkdirSync(place)
    rmdirSync(place)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform === 'linux' ? `${place}/home` : undefined
  }
}
