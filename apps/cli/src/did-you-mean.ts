import leven from 'leven'

/** Which of the names a word was probably meant to be: the nearest ones, none when all are far. */
export function nearest(word: string, names: string[]): string[] {
  return nearestOf(names.map((name) => ({ name, edits: editsTo(name, word) })))
}

/**
 * The commands that the words of an unknown one were probably meant to be: both words of it nearly, or the second one
 * alone (`gobby search x`).
 *
 * @param ids the commands there are: `session:list`
 */
export function nearestCommands([first = '', second]: string[], ids: string[]): string[] {
  const commands = ids.map((id) => id.split(':'))
  const whole = commands.filter(([, command]) => command !== undefined && second !== undefined)
  const both = nearestOf(whole.map(([topic = '', command = '']) => ({ name: `${topic} ${command}`, edits: editsTo(topic, first) + editsTo(command, second ?? '') })))
  if (both.length > 0 || commands.some(([topic, command]) => topic === first && command !== undefined)) return both
  return nearestOf(
    commands.flatMap(([topic = '', command]) => [
      { name: topic, edits: editsTo(topic, first) },
      ...(command === undefined ? [] : [{ name: `${topic} ${command}`, edits: editsTo(command, first) + 1 }]),
    ]),
  )
}

/** How many letters are wrong; one if the rest is missing, and out of reach if it is another word. */
function editsTo(name: string, typed: string): number {
  const word = typed.toLowerCase()
  if (word.length > 1 && word !== name && name.startsWith(word)) return 1
  const most = Math.ceil(word.length * 0.4)
  const edits = leven(word, name, { maxDistance: most + 1 })
  return edits > most ? Infinity : edits
}

function nearestOf(candidates: { name: string; edits: number }[]): string[] {
  const least = Math.min(...candidates.map(({ edits }) => edits))
  return least === Infinity ? [] : [...new Set(candidates.filter(({ edits }) => edits === least).map(({ name }) => name))]
}
