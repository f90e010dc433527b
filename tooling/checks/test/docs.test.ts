import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

// What other teams import is documented: every name of an entry point has a comment of its own.

const packages = join(import.meta.dirname, '../../../packages')

/** The names that a module exports, with the file each is declared in. */
function exportsOf(file: string): { file: string; name: string }[] {
  const text = readFileSync(file, 'utf8')
  const at = (path: string) => normalize(join(dirname(file), path.replace(/\.js$/, '.ts')))
  const own = [...text.matchAll(/^export (?:async )?(?:const|type|function|class) (\w+)/gm)].map(([, name = '']) => ({ file, name }))
  const whole = [...text.matchAll(/^export \* from '(\..*?)'/gm)].flatMap(([, path = '']) => exportsOf(at(path)))
  const named = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '(\..*?)'/gm)].flatMap(([, names = '', path = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type /, '').split(' as ')[0] ?? '')
      .filter((name) => name !== '')
      .map((name) => ({ file: at(path), name })),
  )
  return [...own, ...whole, ...named]
}

const entries = ['storage/src/index.ts', 'sessions/src/index.ts', 'sessions/src/operations/index.ts', 'sessions/src/sources/index.ts', 'tasks/src/index.ts']

test.each(entries)('every export of %s is documented', (entry) => {
  const names = exportsOf(join(packages, entry))
  const bare = names.filter(({ file, name }) => {
    const text = readFileSync(file, 'utf8')
    const declared = new RegExp(`(\\*/\\n)?^export (?:async )?(?:const|type|function|class) ${name}\\b`, 'm').exec(text)
    // An operation documents itself: its description is what every surface shows.
    return declared !== null && declared[1] === undefined && !file.includes('/operations/')
  })
  expect(names.length).toBeGreaterThan(0)
  expect(bare.map(({ name }) => name)).toEqual([])
})
