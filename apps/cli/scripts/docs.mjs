// Writes the command reference into README.md, from the commands themselves.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reference, withReference } from './reference.mjs'

const readme = join(import.meta.dirname, '../README.md')
writeFileSync(readme, withReference(readFileSync(readme, 'utf8'), await reference()))
