import { describe, expect, test } from 'vitest'
import { importsOf, packageOf, sources, target } from '../src/workspace.ts'

/** Which packages a package's sources may import. Imports run one way: apps, then sessions, then storage. */
const MAY_IMPORT: Record<string, string[]> = {
  'packages/storage': [],
  'packages/sessions': ['@gobby/storage'],
  'packages/tasks': ['@gobby/sessions', '@gobby/storage'],
  'apps/cli': ['@gobby/sessions', '@gobby/storage', '@gobby/tasks', '@gobby/mcp', '@gobby/http'],
  'apps/mcp': ['@gobby/sessions', '@gobby/storage', '@gobby/tasks'],
  'apps/http': ['@gobby/sessions', '@gobby/storage', '@gobby/tasks', '@gobby/mcp'],
}

/** Files outside `sources/<cli>/` that may name a CLI, each with its reason. */
const MAY_NAME_A_CLI: Record<string, string> = {
  'packages/sessions/src/sources/index.ts': 'the registry: one line per source',
}

/** Where the environment may be read, besides the apps' bins. */
const MAY_READ_ENV = ['packages/sessions/src/config.ts']

const MAX_LINES = 400

const files = sources()
const lines = (text: string): number => text.trimEnd().split('\n').length

/** `path: what` for everything that `find` finds in a file; empty when the rule holds. */
function offences(find: (file: (typeof files)[number]) => string[]): string[] {
  return files.flatMap((file) => find(file).map((what) => `${file.path}: ${what}`))
}

test('there are sources to look at', () => {
  expect(new Set(files.map((file) => packageOf(file.path)))).toEqual(new Set(Object.keys(MAY_IMPORT)))
})

describe('imports', () => {
  test('are found in every form', () => {
    const text = `import a from 'a'\nimport {\n  b,\n} from "b"\nimport 'c'\nexport * from './d.js'\nconst e = await import('e')\nimport type { F } from 'f'`
    expect(importsOf(text)).toEqual(['a', 'b', 'c', './d.js', 'e', 'f'])
  })

  test('run one way: apps, sessions, storage', () => {
    const wrong = offences(({ path, imports }) =>
      imports.filter((name) => name.startsWith('@gobby/')).filter((name) => {
        const imported = name.split('/').slice(0, 2).join('/')
        return !MAY_IMPORT[packageOf(path)]?.includes(imported)
      }),
    )
    expect(wrong).toEqual([])
  })

  test('that are relative stay in their package', () => {
    const wrong = offences(({ path, imports }) =>
      imports.filter((name) => name.startsWith('.') && packageOf(target(path, name)) !== packageOf(path)),
    )
    expect(wrong).toEqual([])
  })

  test('of the database engine are only below packages/storage/src/sqlite', () => {
    const wrong = offences(({ path, imports }) =>
      path.startsWith('packages/storage/src/sqlite/') ? [] : imports.filter((name) => /^(drizzle-orm|better-sqlite3)(\/|$)/.test(name)),
    )
    expect(wrong).toEqual([])
  })

  test('of oclif are only in apps/cli', () => {
    const wrong = offences(({ path, imports }) => (path.startsWith('apps/cli/') ? [] : imports.filter((name) => /^@?oclif(\/|$)/.test(name))))
    expect(wrong).toEqual([])
  })
})

test('the environment is read in one file and in the bins', () => {
  const isBin = (path: string): boolean => /^apps\/[^/]+\/(bin\/|src\/main\.ts$)/.test(path)
  const wrong = offences(({ path, text }) =>
    MAY_READ_ENV.includes(path) || isBin(path) ? [] : [...text.matchAll(/process\.env|\benv\b[^'"\n]*from 'node:process'/g)].map((match) => match[0]),
  )
  expect(wrong).toEqual([])
})

test('folders are made by makeFolder, which comes to an end everywhere', () => {
  const wrong = offences(({ path, text }) => (path === 'packages/storage/src/make-folder.ts' ? [] : [...text.matchAll(/\bmkdir(Sync)?\(.*recursive/g)].map((match) => match[0])))
  expect(wrong).toEqual([])
})

test('no package names a CLI outside sources/<cli>/', () => {
  const isSource = (path: string): boolean => /^packages\/sessions\/src\/sources\/[^/]+\//.test(path)
  const wrong = offences(({ path, text }) =>
    !path.startsWith('packages/') || isSource(path) || path in MAY_NAME_A_CLI
      ? []
      : text.split('\n').flatMap((line, index) => (/claude|codex|gemini/i.test(line) ? [`line ${index + 1}: ${line.trim()}`] : [])),
  )
  expect(wrong).toEqual([])
})

test(`no source file is over ${MAX_LINES} lines`, () => {
  expect(offences(({ text }) => (lines(text) > MAX_LINES ? [`${lines(text)} lines`] : []))).toEqual([])
})
