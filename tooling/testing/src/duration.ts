// Bounds on time that hold on any machine: neither counts what others do on it.

/** Milliseconds of processor time that a piece of work takes in this process. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const MOST_TRIES = 5

/**
 * The shortest of some durations in milliseconds, each from a new try, until one is below `bound`: a load on the machine
 * lengthens one or the other, and no wait in a program shortens any.
 */
export async function shortest(bound: number, duration: () => Promise<number>): Promise<number> {
  let best = Infinity
  for (let tries = 0; tries < MOST_TRIES && best >= bound; tries++) best = Math.min(best, await duration())
  return best
}
