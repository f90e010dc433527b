import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as limits from '../src/limits.ts'

test('the README tells the limits that hold', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const section = readme.split('## Limits')[1]?.split('\n## ')[0] ?? ''
  const seconds = (ms: number) => `${ms / 1000} s`
  const count = (n: number) => n.toLocaleString('en')
  const told = {
    LARGEST_BODY: `${limits.LARGEST_BODY / 1024 / 1024} MB`,
    LARGEST_HEADERS: `${limits.LARGEST_HEADERS / 1024} KB`,
    DEEPEST_BODY: `nested ${limits.DEEPEST_BODY} deep`,
    HEADERS_MS: `${seconds(limits.HEADERS_MS)}, `,
    REQUEST_MS: `${seconds(limits.REQUEST_MS)} to come`,
    IDLE_MS: `a connection without requests | ${seconds(limits.IDLE_MS)}`,
    MOST_CONNECTIONS: `${count(limits.MOST_CONNECTIONS)}, `,
    MOST_STREAMS: `${count(limits.MOST_STREAMS)} |`,
    HEARTBEAT_MS: `every ${seconds(limits.HEARTBEAT_MS)}`,
    STALLED_MS: `nothing for ${seconds(limits.STALLED_MS)}`,
    FINISH_MS: `running requests at the end | ${seconds(limits.FINISH_MS)}`,
  }
  expect(Object.keys(told).toSorted()).toEqual(Object.keys(limits).toSorted())
  for (const [name, text] of Object.entries(told)) expect([name, section]).toEqual([name, expect.stringContaining(text)])
})
