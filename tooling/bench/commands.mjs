/** Whole processes, against a Node that does nothing, turn by turn. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { measureIn, wallTime } from './child.mjs'
import { corpus, corpusEnv } from './corpus.mjs'
import { median, rounded } from './figures.mjs'
import { made, root, scratch } from './places.mjs'
import { databaseIn, searchDatabase, wordsIn } from './search-database.mjs'

const gobby = join(root, 'apps/cli/bin/run.js')
const hasCli = existsSync(join(root, 'apps/cli/dist/main.js'))

/** A sync that finds nothing new. */
export async function unchanged({ quick, say }) {
  const files = quick ? 500 : 5000
  const folder = await corpus({ files, largest: 16_000 })
  const home = await made(`unchanged-home-1-${files}`, async (folder_) => void (await measureIn('./ingest-run.mjs', [folder, folder_])))
  const env = corpusEnv(folder, home)
  const args = hasCli ? [gobby, 'session', 'sync', '--json'] : [join(root, 'tooling/bench/sync-once.mjs')]
  say(`sync of ${files} unchanged transcripts`)
  const { own, node } = await inTurn(args, env, quick ? 5 : 11)
  return { transcripts: files, command: hasCli ? 'gobby session sync' : 'a script that calls sync', seconds_above_node: rounded((own - node) / 1000, 3), node_ms: rounded(node) }
}

/** Listing and searching a large database. */
export async function commands({ quick, say }) {
  if (!hasCli) return { skipped: 'apps/cli is not built' }
  const folder = await searchDatabase(quick ? 100_000 : 1_000_000)
  const home = scratch('commands')
  const env = { HOME: home, USERPROFILE: home, GOBBY_HOME: join(home, '.gobby'), GOBBY_DATABASE_URL: `file:${databaseIn(folder)}` }
  const [word] = wordsIn(folder).find(([, hits]) => hits <= (quick ? 100 : 1000))
  const result = {}
  for (const [name, args] of Object.entries({ list: ['session', 'list', '--all'], search: ['session', 'search', word, '--all'] })) {
    say(`gobby ${args.join(' ')}`)
    const { own, node } = await inTurn([gobby, ...args], env, quick ? 7 : 21)
    result[name] = { ms: rounded(own), node_ms: rounded(node), ratio_to_node: rounded(own / node, 2) }
  }
  return result
}

async function inTurn(args, env, rounds) {
  const own = []
  const node = []
  // The first round fills the caches, the compile cache too.
  for (let round = 0; round <= rounds; round++) {
    const times = [await wallTime(['-e', '0'], env), await wallTime(args, env)]
    if (round === 0) continue
    node.push(times[0])
    own.push(times[1])
  }
  return { own: median(own), node: median(node) }
}
