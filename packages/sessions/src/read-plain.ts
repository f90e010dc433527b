import { readFileSync, statSync } from 'node:fs'

/**
 * The text of a plain file, in a folder that anybody may have filled: a pipe there would never come to an end.
 *
 * @throws when there is none
 */
export function readPlain(path: string): string {
  if (!statSync(path).isFile()) throw new TypeError(`${path} is no plain file`)
  return readFileSync(path, 'utf8')
}
