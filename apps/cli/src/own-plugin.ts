import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command, Interfaces } from '@oclif/core'

/**
 * The app as the one plugin that oclif knows. oclif would find out the same by itself, by looking for package.json,
 * configuration files, the manifest and the commands, which takes longer than most commands run.
 */
export function ownPlugin(root: string): Interfaces.Plugin {
  const pjson = readJson(join(root, 'package.json')) as Interfaces.PJSON
  const manifest = readJson(join(root, 'oclif.manifest.json')) as Interfaces.Manifest
  const load = async (id: string): Promise<Command.Class> => {
    const file = pathToFileURL(join(root, 'dist/commands', `${id.replaceAll(':', '/')}.js`))
    const { default: command } = (await import(file.href)) as { default: Command.Class }
    return Object.assign(command, { id, plugin })
  }
  const topics = Object.entries(pjson.oclif.topics ?? {}).map(([name, topic]) => Object.assign({}, topic, { name }))
  const commands = Object.values(manifest.commands).map((command) => Object.assign({}, command, { pluginAlias: pjson.name, pluginType: 'core', load: () => load(command.id) }))
  const plugin = {
    _base: '',
    alias: pjson.name,
    name: pjson.name,
    version: pjson.version,
    pjson,
    root,
    type: 'core',
    moduleType: 'module',
    isRoot: true,
    valid: true,
    hasManifest: true,
    manifest,
    commands,
    commandIDs: commands.map(({ id }) => id),
    commandsDir: join(root, 'dist/commands'),
    topics,
    hooks: {},
    options: { root },
    findCommand: load,
    load: async () => {},
  } as unknown as Interfaces.Plugin
  return plugin
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
