/** Loaded before a server: reads from a pipe that nobody writes to, which no thread comes back from. */
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  const pipe = process.env['GOBBY_TEST_PIPE'] ?? ''
  execFileSync('mkfifo', [pipe])
  readFile(pipe, () => {})
}
