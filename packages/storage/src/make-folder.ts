import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder, and those above it, where they are not there; for the user alone, unless another mode is named. Node's
 * own `recursive` never comes to an end below `/proc`, and in a folder that was removed: both exist, and take nothing.
 *
 * @throws the system's error
 */
export function makeFolder(path: string, mode = 0o700): void {
  if (isFolder(path)) return
  const above = dirname(path)
  if (above !== path) makeFolder(above, mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    // Another process may have made it.
    if (!isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
