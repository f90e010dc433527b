/** All figures, one after the other: `pnpm bench [--json] [--quick] [--full] [NAME…]`. See README.md. */
import { measureIn } from './child.mjs'
import { commands, unchanged } from './commands.mjs'
import { hooks } from './hooks.mjs'
import { http } from './http.mjs'
import { ingest } from './ingest.mjs'
import { mcp } from './mcp.mjs'
import { memory } from './memory.mjs'
import { dropScratch, scratch } from './places.mjs'
import { search } from './search.mjs'
import { rowsOf } from './table.mjs'

const parts = {
  ingest,
  append: ({ quick }) => measureIn('./append-run.mjs', [scratch('append'), quick ? 30 : 200]),
  unchanged,
  search,
  http,
  mcp,
  commands,
  hooks,
  handoff: () => measureIn('./handoff-run.mjs', []),
  memory,
}

const flags = process.argv.slice(2)
const quick = flags.includes('--quick')
const json = flags.includes('--json')
const names = flags.filter((flag) => !flag.startsWith('-'))
const unknown = [...flags.filter((flag) => flag.startsWith('-') && !['--json', '--quick', '--full', '--'].includes(flag)), ...names.filter((name) => !(name in parts))]
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(' ')}. Flags: --json --quick --full. Names: ${Object.keys(parts).join(' ')}.`)
  process.exit(2)
}
const wanted = names.length > 0 ? names : Object.keys(parts).filter((name) => name !== 'memory' || flags.includes('--full'))
const say = (line) => process.stderr.write(`${line}\n`)

const result = { node: process.version, platform: `${process.platform} ${process.arch}`, quick }
try {
  for (const name of wanted) result[name] = await parts[name]({ quick, say })
} finally {
  dropScratch()
}
if (json) console.log(JSON.stringify(result, null, 2))
else for (const row of rowsOf(result)) console.log(row)
