/** The MCP server: its tools on a database of a million messages, how soon it is there, and what its list of tools costs. */
import { spawn } from 'node:child_process'
import { constants, copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { measureIn, wallTime } from './child.mjs'
import { median, rounded } from './figures.mjs'
import { root, scratch } from './places.mjs'
import { databaseIn, searchDatabase } from './search-database.mjs'

const bin = join(root, 'apps/mcp/bin/gobby-mcp.js')

export async function mcp({ quick, say }) {
  if (!existsSync(join(root, 'apps/mcp/dist/bundle/main.js'))) return { skipped: 'apps/mcp is not built' }
  const messages = quick ? 100_000 : 1_000_000
  const folder = await searchDatabase(messages)
  say(`MCP tools on ${messages} messages`)
  // Handoffs are written, and the next measurement must find the database as it was.
  const home = scratch('mcp')
  const database = join(home, 'sessions.db')
  copyFileSync(databaseIn(folder), database, constants.COPYFILE_FICLONE)
  const tools = await measureIn('./mcp-run.mjs', [database, join(folder, 'words.json'), quick ? 20 : 100])
  say('gobby-mcp, from its start to its first answer')
  const { measureTokens } = await import('../../apps/mcp/scripts/measure-tokens.mjs')
  const lists = measureTokens().map(({ discovery, registries, quarter, tokens }) => ({ discovery, registries, by_characters: quarter, by_o200k: tokens }))
  return { messages, tools, start: await start(home, quick ? 7 : 21), tokens: lists }
}

async function start(home, rounds) {
  const env = { HOME: home, USERPROFILE: home, GOBBY_HOME: join(home, '.gobby') }
  const [own, node] = [[], []]
  // The first round fills the caches, the compile cache too.
  for (let round = 0; round <= rounds; round++) {
    const times = [await wallTime(['-e', '0'], env), await firstAnswer(env)]
    if (round === 0) continue
    node.push(times[0])
    own.push(times[1])
  }
  const [ms, node_ms] = [median(own), median(node)]
  return { ms: rounded(ms), node_ms: rounded(node_ms), ratio_to_node: rounded(ms / node_ms, 2) }
}

const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } } }

function firstAnswer(env) {
  return new Promise((resolve, reject) => {
    const begun = performance.now()
    const child = spawn(process.execPath, [bin], { env: { ...process.env, NODE_OPTIONS: '', ...env }, stdio: ['pipe', 'pipe', 'inherit'] })
    let ms
    child.on('error', reject)
    child.stdout.once('data', () => {
      ms = performance.now() - begun
      child.stdin.end()
    })
    // The next one begins when this one has left the processor.
    child.on('close', () => resolve(ms))
    child.stdin.write(`${JSON.stringify(initialize)}\n`)
  })
}
