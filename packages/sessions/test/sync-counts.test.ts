import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { sources } from '../src/sources/index.ts'
import { claudeLine, contents, fillHome, gobby, openRaw, samples, type Gobby } from './gobby.ts'

/** A sync, and what it did: files looked into, files parsed, and whether another connection sees the database changed. */
async function watched(ctx: Gobby) {
  const peeks = sources.map((source) => vi.spyOn(source, 'peek'))
  const reads = sources.map((source) => vi.spyOn(source, 'read'))
  const beside = openRaw(ctx.file)
  const version = () => beside.prepare('PRAGMA data_version').get()?.data_version
  try {
    const before = version()
    const report = await ctx.sync()
    const calls = (spies: typeof peeks | typeof reads) => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
    return { report, looked: calls(peeks), parsed: calls(reads), wrote: version() !== before }
  } finally {
    beside.close()
    vi.restoreAllMocks()
  }
}

const sum = (report: Awaited<ReturnType<Gobby['sync']>>, key: 'files' | 'created' | 'updated' | 'unchanged' | 'messages') =>
  Object.values(report.sources).reduce((total, source) => total + source[key], 0)

test('a second sync parses no file and writes no row', async () => {
  const ctx = await gobby()
  fillHome(ctx.home)
  const first = await watched(ctx)
  const files = sum(first.report, 'files')
  expect(files).toBeGreaterThan(5)
  expect(first).toMatchObject({ parsed: files, wrote: true })
  const stored = contents(ctx.file)

  const second = await watched(ctx)
  expect(second).toMatchObject({ looked: 0, parsed: 0, wrote: false })
  expect({ files: sum(second.report, 'files'), unchanged: sum(second.report, 'unchanged'), messages: sum(second.report, 'messages') }).toEqual({ files, unchanged: files, messages: 0 })
  expect(contents(ctx.file)).toEqual(stored)
})

test('one line more is one file parsed', async () => {
  const ctx = await gobby()
  fillHome(ctx.home)
  await ctx.sync()
  appendFileSync(join(ctx.home, samples.claude), `${claudeLine('one more')}\n`)
  const { report, looked, parsed, wrote } = await watched(ctx)
  expect({ looked, parsed, wrote }).toEqual({ looked: 1, parsed: 1, wrote: true })
  expect({ updated: sum(report, 'updated'), messages: sum(report, 'messages') }).toEqual({ updated: 1, messages: 1 })
})
