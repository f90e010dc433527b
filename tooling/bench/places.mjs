/** Where the benchmarks keep what they make: in the system's temporary folder, made once, found again by its key. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const top = process.env.GOBBY_BENCH_DIR || join(tmpdir(), 'gobby-bench')

/** The folder `key`; `make(folder)` fills it the first time. One that was not finished does not count. */
export async function made(key, make) {
  const folder = join(top, key)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.part`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  await make(unfinished)
  renameSync(unfinished, folder)
  return folder
}

/** An empty folder for one run. */
export function scratch(name) {
  const folder = join(top, 'scratch', `${process.pid}-${name}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}

export function dropScratch() {
  rmSync(join(top, 'scratch'), { recursive: true, force: true })
}
