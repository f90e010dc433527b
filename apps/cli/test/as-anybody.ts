import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runBin, type RunResult, tempDir } from '@gobby/testing'
import { HOOK, type HookHome } from './hook-program.ts'

/** What takes root's right to write everywhere from a program, or why it cannot be done here. Anybody else has no such right. */
const withoutRights = ((): string[] | string => {
  const setpriv = process.getuid?.() === 0 ? ['setpriv', '--inh-caps=-all', '--bounding-set=-dac_override,-dac_read_search'] : []
  const [command = '', ...args] = [...setpriv, process.execPath]
  const run = (...more: string[]) => spawnSync(command, [...args, ...more], { cwd: '/', encoding: 'utf8' })
  const { error, status, stderr } = run(HOOK, '--version')
  if (status !== 0 || stderr !== '') return `no program runs here without rights: ${error?.message ?? stderr.trim()}`
  // Not every file system asks for them.
  const closed = tempDir()
  chmodSync(closed, 0o500)
  run('-e', "require('node:fs').writeFileSync(process.argv[1], '')", join(closed, 'file'))
  return readdirSync(closed).length === 0 ? setpriv : 'modes do not keep a program from writing here'
})()

/** Runs a hook that may write only where the modes let it. */
export function asAnybody(at: HookHome, event: unknown, skip: (why: string) => never): Promise<RunResult> {
  if (typeof withoutRights === 'string') return skip(withoutRights)
  const [command = '', ...args] = [...withoutRights, process.execPath, HOOK, 'claude']
  return runBin(command, args, { env: at.env, cwd: '/', input: JSON.stringify(event) })
}
