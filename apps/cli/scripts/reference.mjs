// The help texts of all commands, as Markdown.
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { Config } from '@oclif/core/config'
import { CommandHelp } from '@oclif/core/help'

const BEGIN = '<!-- reference: written by "pnpm --filter @gobby/cli docs" -->'
const END = '<!-- end of reference -->'
const WIDTH = 110

export async function reference() {
  const config = await Config.load({ root: join(import.meta.dirname, '..') })
  return config.commands
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((command) => {
      const help = new CommandHelp({ ...command, id: command.id.replaceAll(':', ' ') }, config, { maxWidth: WIDTH, hideCommandSummaryInDescription: true })
      const text = stripVTControlCharacters(help.generate()).replace(/[ \t]+$/gm, '').trim()
      return `### gobby ${command.id.replaceAll(':', ' ')}\n\n${command.summary}\n\n\`\`\`text\n${text}\n\`\`\`\n`
    })
    .join('\n')
}

/** The README with the reference between its markers. */
export function withReference(readme, text) {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error('README.md has lost the markers of its reference.')
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${text}\n${readme.slice(end)}`
}
