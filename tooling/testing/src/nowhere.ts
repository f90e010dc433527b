import { mkdirSync, rmdirSync } from 'node:fs'

const PLACE = '/proc/gobby'

/**
 * A folder that nobody can make although the one above is there: Linux's /proc says of it that it does not exist. Skips
 * the test where the system has no such place.
 */
export function nowhere(skip: (why: string) => never): string {
  try {
    mkdirSync(PLACE)
    rmdirSync(PLACE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform === 'linux') return `${PLACE}/home`
  }
  return skip('every folder can be made here whose parent is there')
}
