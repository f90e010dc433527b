import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made = new Set<string>()

/** How long programs that outlive a test may go on writing, in milliseconds. */
const MOST_MS = 20_000
const PAUSE_MS = 20

/** Removes every folder made so far. The setup does so after each test file: a worker's own end is not always told. */
export function removeTempDirs(): void {
  for (const path of made) removeTree(path)
  made.clear()
}

/** Node's own retries do not help `rmSync` where a folder that is being emptied gets a new file. */
function removeTree(path: string): void {
  for (const end = performance.now() + MOST_MS; ; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)) {
    try {
      return rmSync(path, { recursive: true, force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || performance.now() > end) throw error
    }
  }
}
process.once('exit', removeTempDirs)

/** A new empty folder, its path free of symbolic links; removed after the test file. */
export function tempDir(prefix = 'gobby-test-'): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), prefix)))
  made.add(path)
  return path
}

export type TempHome = {
  /** The folder that stands for the user's home. */
  home: string
  /** gobby's folder below it; not created. */
  gobbyHome: string
  /** `HOME`, `USERPROFILE` and `GOBBY_HOME`, to spread into the environment of a process. */
  env: { HOME: string; USERPROFILE: string; GOBBY_HOME: string }
}

/** A new empty home, with gobby's folder below it. */
export function tempHome(): TempHome {
  const home = join(tempDir(), 'home')
  mkdirSync(home)
  const gobbyHome = join(home, '.gobby')
  return { home, gobbyHome, env: { HOME: home, USERPROFILE: home, GOBBY_HOME: gobbyHome } }
}
