import { existsSync, mkdirSync, rmdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nowhere, tempDir } from '@gobby/testing'
import { expect, test } from 'vitest'
import { makeFolder, openStore } from '../src/index.ts'

test('makes what is missing, for the user alone unless another mode is named', () => {
  const top = tempDir()
  makeFolder(join(top, 'a/b/c'))
  makeFolder(join(top, 'a/b/c'))
  expect(['a', 'a/b', 'a/b/c'].map((name) => statSync(join(top, name)).mode & 0o777)).toEqual([0o700, 0o700, 0o700])
  makeFolder(join(top, 'shared'), 0o755)
  expect(statSync(join(top, 'shared')).mode & 0o777).toBe(0o755 & ~process.umask())
  symlinkSync(join(top, 'a'), join(top, 'link'))
  makeFolder(join(top, 'link/d'))
  expect(existsSync(join(top, 'a/d'))).toBe(true)
})

test('says so where it cannot, and comes to an end', async ({ skip }) => {
  const top = tempDir()
  writeFileSync(join(top, 'file'), '')
  expect(() => makeFolder(join(top, 'file'))).toThrow('EEXIST')
  expect(() => makeFolder(join(top, 'file/below'))).toThrow(/EEXIST|ENOTDIR/)
  const gone = join(top, 'gone')
  mkdirSync(gone)
  const before = process.cwd()
  process.chdir(gone)
  rmdirSync(gone)
  try {
    expect(() => makeFolder('home')).toThrow('ENOENT')
  } finally {
    process.chdir(before)
  }
  const place = nowhere(skip)
  expect(() => makeFolder(place)).toThrow('ENOENT')
  await expect(openStore(`file:${place}/sessions.db`)).rejects.toMatchObject({ code: 'unavailable', hint: 'Check that its folder exists and that you may write there.' })
})
