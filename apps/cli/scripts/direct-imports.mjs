// Where each name that a @gobby package exports is really defined. An import from a package's index ties the importer
// to all that the index knows: the bundler would put every operation and parser into what each command loads.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const indexes = new Map(
  ['@gobby/sessions', '@gobby/sessions/operations', '@gobby/storage', '@gobby/tasks'].map((name) => [name, exportsOf(fileURLToPath(import.meta.resolve(name)))]),
)

/** The text with its imports from an index replaced by imports from the files behind it. */
export function withDirectImports(text) {
  return text.replace(/^import (type )?\{([^}]*)\} from '(@gobby\/[^']+)';?$/gm, (whole, isType, list, from) => {
    const names = indexes.get(from)
    if (isType || names === undefined) return isType ? '' : whole
    return specifiers(list)
      .map(({ name, as }) => {
        const place = names.get(name)
        return place ? `import { ${place.name} as ${as} } from ${JSON.stringify(place.file)};` : `import { ${name} as ${as} } from '${from}';`
      })
      .join(' ')
  })
}

/** Name to file and name there: of what a file defines, and what it re-exports from files beside it. */
function exportsOf(index) {
  const text = readFileSync(index, 'utf8')
  const names = new Map()
  for (const [, list, from] of text.matchAll(/^(?:import|export) \{([^}]*)\} from '(\.[^']+)';?$/gm)) {
    for (const { name, as } of specifiers(list)) names.set(as, { file: join(dirname(index), from), name })
  }
  for (const [, from] of text.matchAll(/^export \* from '(\.[^']+)';?$/gm)) {
    for (const [name, place] of exportsOf(join(dirname(index), from))) names.set(name, place)
  }
  for (const [, name] of text.matchAll(/^export (?:const|function|async function|class) (\w+)/gm)) names.set(name, { file: index, name })
  return names
}

function specifiers(list) {
  return list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && !each.startsWith('type '))
    .map((each) => each.split(/\s+as\s+/))
    .map(([name, as = name]) => ({ name, as }))
}
