/** What the command line may say. */
import { parseArgs } from 'node:util'
import { discoveries, type Discovery, isRegistryName, type RegistryName, registryNames } from './registry-names.js'

export type Choice = { show: 'help' | 'version' } | { show?: undefined; registries?: RegistryName[]; discovery: Discovery }

/** Says in one sentence what is wrong with the command line. */
export class UsageError extends Error {}

const flags = {
  registry: { type: 'string', multiple: true },
  discovery: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** @throws UsageError */
export function chosen(argv: string[]): Choice {
  const { registry, discovery = 'direct', help, version } = parsed(argv)
  if (help) return { show: 'help' }
  if (version) return { show: 'version' }
  if (!isDiscovery(discovery)) throw new UsageError(`There is no discovery ${JSON.stringify(discovery)}: it is ${discoveries.join(' or ')}.`)
  return { registries: registry && registriesOf(registry.join(',')), discovery }
}

function parsed(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: flags, strict: true }).values
  } catch (error) {
    // Node adds advice about "--" after the first sentence.
    const [sentence] = (error as Error).message.split(/\. (?=To )/)
    throw new UsageError(`${sentence?.replace(/\.$/, '')}; see gobby-mcp --help.`)
  }
}

function registriesOf(list: string): RegistryName[] {
  const names = list.split(',').map((name) => name.trim())
  if (names.includes('all')) return [...registryNames]
  const wrong = names.find((name) => !isRegistryName(name))
  if (wrong !== undefined) throw new UsageError(`There is no registry ${JSON.stringify(wrong)}: there are ${registryNames.join(', ')}, and all for all of them.`)
  return registryNames.filter((name) => names.includes(name))
}

function isDiscovery(text: string): text is Discovery {
  return (discoveries as readonly string[]).includes(text)
}

export const usage = `gobby-mcp: the sessions of your AI coding CLIs, for agents, over MCP on stdin and stdout.

Usage: gobby-mcp [--registry NAMES] [--discovery MODE]

  --registry NAMES   whose tools to list, with commas between: ${registryNames.join(', ')}, or all (normally gobby-sessions;
                     call_tool reaches the others all the same)
  --discovery MODE   direct: each tool is listed (normally so); progressive: three tools tell of the others
  --help, -h         this text
  --version, -v      the version

Add it to a CLI:
  claude mcp add gobby-sessions --scope user -- npx -y @gobby/mcp
  codex mcp add gobby-sessions -- npx -y @gobby/mcp
  gemini mcp add --scope user gobby-sessions npx -y @gobby/mcp
`
