/** Runs one measurement in a process of its own, so that neither its heap nor its caches help the next one. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What the script prints last, as JSON. */
export async function measureIn(script, args, { env = {}, nodeArgs = [] } = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const { stdout, code } = await run(process.execPath, [...nodeArgs, path, ...args.map(String)], env)
  if (code !== 0) throw new Error(`${script} ended with ${code}`)
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

/** Milliseconds that a whole command takes. */
export async function wallTime(args, env = {}) {
  const start = performance.now()
  const { code } = await run(process.execPath, args, env)
  const ms = performance.now() - start
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
  return ms
}

function run(file, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, NODE_OPTIONS: '', ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
    let stdout = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ stdout, code }))
  })
}
