/** Where a page of a list ended, as a text that nobody need understand. */
import type { z } from 'zod'
import { GobbyError } from './errors.js'

/** The cursor of a place in a list. */
export function cursorAt(place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/**
 * The place that a cursor tells.
 * @throws GobbyError `invalid` for a text that no list gave
 */
export function placeOf<T extends z.ZodType>(place: T, cursor: string): z.output<T> {
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw new GobbyError('invalid', 'cursor: is none that a list gave.', 'Give the next_cursor of the page before, unchanged.')
  }
}
