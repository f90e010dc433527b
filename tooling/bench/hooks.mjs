/** A hook's whole process at a start that has something to hand over, against a Node that does nothing, turn by turn. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, renderHandoff } from '@gobby/sessions'
import { median, quantile, rounded } from './figures.mjs'
import { root, scratch } from './places.mjs'
import { databaseIn, searchDatabase } from './search-database.mjs'

const program = join(root, 'apps/cli/bin/gobby-hook.cjs')

export async function hooks({ quick, say }) {
  if (!existsSync(join(root, 'apps/cli/dist/programs/hook/main.cjs'))) return { skipped: 'apps/cli is not built' }
  const rounds = quick ? 7 : 40
  say('hook: start, register, hand over')
  const small = await starts(scratch('hooks'), rounds)
  const large = scratch('hooks-large')
  mkdirSync(join(large, '.gobby'))
  copyFileSync(databaseIn(await searchDatabase(quick ? 100_000 : 1_000_000)), join(large, '.gobby/sessions.db'))
  say('hook: the same beside many messages')
  return { rounds, small, large: await starts(large, rounds) }
}

/** Starts, each of which finds a handoff that nobody has received. */
async function starts(home, rounds) {
  const cwd = join(home, 'work')
  mkdirSync(cwd)
  const env = { ...process.env, NODE_OPTIONS: '', HOME: home, USERPROFILE: home, GOBBY_HOME: join(home, '.gobby'), GOBBY_DATABASE_URL: '' }
  const ctx = await createContext({ env, cwd })
  const own = []
  const node = []
  let characters = 0
  const parent = await sessionIn(ctx, cwd)
  // The first rounds fill the caches, the compile cache too.
  for (let round = -2; round < rounds; round++) {
    await ctx.store.handoffs.add({ session_id: parent.id, made_by: 'agent', notes: null, context, markdown, sha256: `round ${round}`, masked: 0 }, new Date().toISOString())
    const bare = timed(['-e', '0'], { env, cwd })
    const event = { session_id: `5e550000-0000-4000-8000-${String(round + 10).padStart(12, '0')}`, hook_event_name: 'SessionStart', source: 'startup', cwd }
    const hook = timed([program, 'claude'], { env, cwd, input: JSON.stringify(event) })
    characters = JSON.parse(hook.stdout).hookSpecificOutput.additionalContext.length
    if (characters < 8500) throw new Error(`the hook handed over ${characters} characters only`)
    if (round < 0) continue
    node.push(bare.ms)
    own.push(hook.ms)
  }
  await ctx.close()
  const [ms, node_ms] = [median(own), median(node)]
  const p95 = quantile(own, 0.95)
  return { characters, ms: rounded(ms), p95_ms: rounded(p95), node_ms: rounded(node_ms), ratio_to_node: rounded(ms / node_ms, 2), p95_ratio_to_node: rounded(p95 / node_ms, 2) }
}

/** This very Node, waited for without a turn of the event loop in between. */
function timed(args, options) {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options)
  const ms = performance.now() - start
  if (status !== 0 || stderr.length > 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return { ms, stdout: stdout.toString() }
}

async function sessionIn(ctx, cwd) {
  const now = new Date().toISOString()
  const project = await ctx.store.projects.add({ name: 'work', path: cwd, git_dir: null, now })
  const { session } = await ctx.store.sessions.register(
    {
      external_id: 'bench-first',
      source: 'codex',
      project_id: project.id,
      machine_id: ctx.machineId(),
      transcript_path: null,
      parent_session_id: null,
      relation: null,
      agent_depth: 0,
      created_at: now,
      last_activity_at: now,
      status: 'paused',
      cwd,
      git_branch: null,
      model: null,
      title: null,
    },
    now,
  )
  return session
}

/** As long as a handoff may be. */
const context = {
  initial_goal: 'Let the orchard know its trees. '.repeat(20),
  latest_request: 'Now the pears, and then the quinces. '.repeat(20),
  active_task: null,
  todos: Array.from({ length: 40 }, (_, n) => ({ content: `Write down tree ${n}: where it stands, what it bears, and when it was last pruned`, status: n % 2 ? 'pending' : 'completed' })),
  files_modified: Array.from({ length: 60 }, (_, n) => `src/trees/tree-${n}.ts`),
  files: Array.from({ length: 60 }, (_, n) => ({ path: `src/trees/tree-${n}.ts`, change: 'modified', by: 'session' })),
  git_commits: Array.from({ length: 20 }, (_, n) => ({ hash: String(n).padStart(40, 'a'), message: `Write down tree ${n}`, timestamp: '2026-11-22T10:00:00.000Z' })),
  git_status: Array.from({ length: 40 }, (_, n) => ` M src/trees/tree-${n}.ts`).join('\n'),
  commands: [],
  open_problems: [],
  recent_activity: [],
  notes: 'The old pear by the gate is not to be touched. '.repeat(40),
}
const markdown = renderHandoff(context)
