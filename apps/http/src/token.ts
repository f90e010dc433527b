/** The token that requests over TCP carry. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GobbyError } from '@gobby/sessions'
import { makeFolder } from '@gobby/storage'

/** A token, as far as the server has to know it. */
export type Token = { path: string; matches(given: string): boolean }

const PATTERN = /^gobby_[\w-]{43}$/

/** The token's file and what it holds; made at the first need, readable by the user alone. */
export function readToken(home: string): { path: string; token: string } {
  const path = join(home, 'token')
  const made = `${path}.${process.pid}`
  try {
    makeFolder(home)
    writeFileSync(made, `gobby_${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 })
    // Complete when it gets its name, and only one of two processes gets to name it.
    linkSync(made, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new GobbyError('unavailable', `The token ${path} cannot be written.`, `Check that you may write in ${home}.`, { cause: error })
  } finally {
    rmSync(made, { force: true })
  }
  const token = readFileSync(path, 'utf8').trim()
  if (!PATTERN.test(token)) throw new GobbyError('unavailable', `${path} holds no token.`, 'Remove it; a new one is made at the next start.')
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
  return { path, token }
}

/** Compares by hashes of one length, in constant time. */
export function tokenOf(home: string): Token {
  const { path, token } = readToken(home)
  const expected = digest(token)
  return { path, matches: (given) => timingSafeEqual(digest(given), expected) }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
