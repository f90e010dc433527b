/** Calls every tool that reads, and create_handoff, through a client in memory. Arguments: database, words.json, calls of each. Prints p50 and p95. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createContext } from '@gobby/sessions'
import { createMcpServer, registryNames } from '@gobby/mcp'
import { openStore } from '@gobby/storage'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { quantile, rounded } from './figures.mjs'

const [database, wordsFile, count] = process.argv.slice(2)
const calls = Number(count)
const home = dirname(database)
const env = { HOME: home, USERPROFILE: home, GOBBY_HOME: home }
const store = await openStore(`file:${database}`)
const context = () => createContext({ store, env, cwd: home, project: 'project-3' })

const [ours, theirs] = InMemoryTransport.createLinkedPair()
await createMcpServer({ version: '0', context, registries: registryNames }).connect(theirs)
const client = new Client({ name: 'bench', version: '1' })
await client.connect(ours)

const listed = await store.sessions.list({}, 5000)
// Of all sizes, as they come.
const sessions = Array.from({ length: calls }, (_, n) => listed[Math.floor((n / calls) * listed.length)].id)
const words = JSON.parse(readFileSync(wordsFile, 'utf8')).filter(([, hits]) => hits >= 10 && hits <= 10_000)
const queries = Array.from({ length: calls }, (_, n) => words[Math.floor((n / calls) * words.length)][0])
const project = await store.projects.getByName('project-3')
const now = new Date().toISOString()
await store.commits.put(sessions[0], [{ hash: 'ab'.repeat(20), message: 'feat: tide', timestamp: now, author: null, branch: null, evidence: 'log', certainty: 'likely' }])
const call = async (name, args) => {
  const result = await client.callTool({ name, arguments: args })
  if (result.isError) throw new Error(`${name}: ${result.content[0].text}`)
  return result.structuredContent
}
const task = await call('create_task', { title: 'Mend the gauge', project_id: project.name, session_id: sessions[0] })

const tools = {
  get_session: (n) => ({ session_id: sessions[n] }),
  get_session_messages: (n) => ({ session_id: sessions[n] }),
  list_sessions: (n) => (n % 2 ? {} : { project_id: '*' }),
  session_stats: () => ({}),
  search_messages: (n) => ({ query: queries[n], ...(n % 2 ? { project_id: '*' } : {}) }),
  get_session_commits: (n) => ({ session_id: sessions[n] }),
  find_commit_sessions: () => ({ sha: 'abababab' }),
  get_current_session: () => ({}),
  create_handoff: (n) => ({ session_id: sessions[n], notes: `call ${n}` }),
  get_handoff_context: (n) => (n % 2 ? {} : { session_id: sessions[n] }),
  get_task: () => ({ task_id: task.id }),
  list_tasks: () => ({}),
  list_ready_tasks: () => ({}),
  list_blocked_tasks: () => ({}),
  get_session_tasks: (n) => ({ session_id: sessions[n] }),
  get_task_sessions: () => ({ task_id: task.id }),
  list_all_projects: () => ({}),
  list_cross_project_sessions: () => ({}),
  list_cross_project_tasks: () => ({}),
  hub_stats: () => ({}),
}

const results = {}
for (const [name, argumentsOf] of Object.entries(tools)) {
  for (let n = 0; n < Math.min(5, calls); n++) await call(name, argumentsOf(n))
  const times = []
  for (let n = 0; n < calls; n++) {
    const begun = performance.now()
    await call(name, argumentsOf(n))
    times.push(performance.now() - begun)
  }
  results[name] = { p50_ms: rounded(quantile(times, 0.5)), p95_ms: rounded(quantile(times, 0.95)) }
}
await client.close()
await store.close()
console.log(JSON.stringify(results))
