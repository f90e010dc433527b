/** Which processes run, and whether one is still the same: a pid alone is given out again. */
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { uptime } from 'node:os'

type Seen = { parent: number; name: string; start: string; terminal: string | null }

/** A process as it can be told from a later one with the same pid. `process_start` is null where the system does not say. */
export type ProcessIdentity = { pid: number | null; process_start: string | null }

/** How far up a process is looked for: shells, package runners and sandboxes stand between. */
const MOST_ANCESTORS = 20
const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh', 'fish', 'ksh', 'ash', 'busybox'])

/** What tells this process from another one with its pid; null where the system does not say. */
export function processStart(pid: number): string | null {
  return look(pid)?.start ?? null
}

/** The process a hook works for: its parent, or what stands above a shell that the hook was started through. */
export function cliProcess(parent: number): ProcessIdentity & { terminal: string | null } {
  let pid = parent
  let seen = look(pid)
  for (let up = 0; up < 3 && seen && SHELLS.has(seen.name) && seen.parent > 1; up++) {
    pid = seen.parent
    seen = look(pid)
  }
  return { pid, process_start: seen?.start ?? null, terminal: seen?.terminal ?? null }
}

/** The process and those above it, nearest first. */
export function* ancestors(pid: number): Iterable<{ pid: number; process_start: string }> {
  for (let up = 0; up < MOST_ANCESTORS && pid > 1; up++) {
    const seen = look(pid)
    if (!seen) return
    yield { pid, process_start: seen.start }
    pid = seen.parent
  }
}

/**
 * Whether the process still runs and is the same. `unknown`: it ran in another container, or nothing is known of it.
 *
 * @param seen_at when it was last known to run
 */
export function processState({ pid, process_start, seen_at }: ProcessIdentity & { seen_at: string }, now: Date): 'alive' | 'gone' | 'unknown' {
  if (pid === null || process_start === null) return 'unknown'
  const seen = look(pid)
  if (seen?.start === process_start) return 'alive'
  const here = place()
  if (process_start.startsWith(here)) return 'gone'
  // Another start of the system, or another container: only a restart ends it for certain.
  return seen_at < new Date(now.getTime() - uptime() * 1000).toISOString() && !sameBoot(process_start, here) ? 'gone' : 'unknown'
}

const sameBoot = (a: string, b: string): boolean => a.split(' ')[0] === b.split(' ')[0]

function look(pid: number): Seen | undefined {
  if (!Number.isSafeInteger(pid) || pid < 1) return undefined
  try {
    if (process.platform === 'linux') return fromProc(pid)
    return process.platform === 'win32' ? undefined : fromPs(pid)
  } catch {
    return undefined
  }
}

/** Its name may hold anything, parentheses too: the fields begin behind the last one. */
function fromProc(pid: number): Seen {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const end = stat.lastIndexOf(')')
  const fields = stat.slice(end + 2).split(' ')
  const tty = fields[4] as string
  return { parent: Number(fields[1]), name: stat.slice(stat.indexOf('(') + 1, end), start: `${place()}${fields[19]}`, terminal: tty === '0' ? null : `tty ${tty}` }
}

function fromPs(pid: number): Seen {
  const line = execFileSync('ps', ['-o', 'ppid=,tty=,lstart=,comm=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 1000,
  })
  const [, parent, tty, start, name] = /^\s*(\d+)\s+(\S+)\s+(\w+ +\w+ +\d+ +[\d:]+ +\d+)\s+(.*)$/.exec(line.trimEnd()) ?? []
  if (parent === undefined || start === undefined) throw new Error('no such process')
  return { parent: Number(parent), name: (name ?? '').split('/').at(-1) ?? '', start: `${place()}${start}`, terminal: tty === '??' || tty === undefined ? null : `tty ${tty}` }
}

let known: string | undefined

/** Which run of which system, and which container: `<boot> <namespace> `. */
function place(): string {
  if (known !== undefined) return known
  if (process.platform !== 'linux') return (known = `${process.platform} - `)
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8)
  return (known = `${boot} ${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')} `)
}
