import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tempDir } from '@gobby/testing'
import { expect, test } from 'vitest'

/** Opens a dozen databases, each at an instant at which others open it too; prints what went wrong. */
const PROGRAM = `
  const [storage, folder, start, as_it_is] = process.argv.slice(1)
  const { openStore } = await import(storage)
  const wrong = []
  for (let n = 0; n < 12; n++) {
    while (Date.now() < Number(start) + n * 60);
    try {
      const store = await openStore('file:' + folder + '/' + n + '.db', { busy_timeout_ms: 2000, as_it_is: as_it_is === 'true' })
      await store.close()
    } catch (error) {
      wrong.push(n + ': ' + error.message)
    }
  }
  console.log(JSON.stringify(wrong))`

test.for([true, false])('processes that make a database at the same moment all get it (as it is: %s)', async (as_it_is) => {
  const folder = tempDir()
  const start = Date.now() + 1_000
  const opened = Array.from({ length: 3 }, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, import.meta.resolve('@gobby/storage'), folder, String(start), String(as_it_is)], { stdio: ['ignore', 'pipe', 'inherit'] })
    let stdout = ''
    child.stdout.on('data', (chunk) => (stdout += String(chunk)))
    await once(child, 'close')
    return JSON.parse(stdout) as string[]
  })
  expect((await Promise.all(opened)).flat()).toEqual([])
})
