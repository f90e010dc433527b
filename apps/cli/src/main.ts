import { Config } from '@oclif/core/config'
import { run } from '@oclif/core/run'
import { settings } from '@oclif/core/settings'
import { config } from 'zod'
import { report } from './failure.js'
import { closeContext } from './open-context.js'
import { ownPlugin } from './own-plugin.js'
import { enter, type Surroundings } from './surroundings.js'

/**
 * Runs one command.
 * @returns the exit code
 */
export async function main(words: string[], surroundings: Surroundings): Promise<number> {
  const argv = asFlag(words)
  enter(surroundings)
  config({ jitless: true })
  settings.enableAutoTranspile = false
  let commandIds: string[] = []
  try {
    const oclif = await Config.load({ root: surroundings.root, plugins: new Map([['@gobby/cli', ownPlugin(surroundings.root)]]) })
    commandIds = oclif.commandIDs
    await run(argv, oclif)
    return 0
  } catch (error) {
    return await report(error, argv, commandIds, surroundings)
  } finally {
    await closeContext()
  }
}

/** `gobby help session list`, as git and others have it. */
function asFlag([first, ...others]: string[]): string[] {
  if (first === 'help') return [...others, '--help']
  return first === 'version' && others.length === 0 ? ['--version'] : [first, ...others].filter((word) => word !== undefined)
}

/** Leaves everything sound when the process is about to end in the middle of a command. */
export function interrupt(): void {
  void closeContext()
}
