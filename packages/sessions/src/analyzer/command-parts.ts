/** A shell text cut into its commands, as they were written: to tell what it does in few words. Pure, linear, never throws. */

/** `joint`: the sign before it. */
export type CommandPart = { text: string; joint: '' | '&&' | '||' | ';' | '|' }

/** A command may carry whole files; what it does is told by its beginning. */
const LONGEST = 8000

/** The commands at the top of the text; those in quotes, substitutions and groups belong to the one around them. */
export function partsOf(command: string): CommandPart[] {
  const text = inner(withoutHeredocs(command)).slice(0, LONGEST)
  const parts: CommandPart[] = []
  let joint: CommandPart['joint'] = ''
  let start = 0
  const cut = (end: number, length: number, next: CommandPart['joint']) => {
    const part = text.slice(start, end).trim()
    if (part !== '' && !part.startsWith('#')) parts.push({ text: part, joint: parts.length === 0 ? '' : joint })
    if (part !== '' || joint === '') joint = next
    start = end + length
  }
  for (let at = 0; at < text.length; at++) {
    const [char, pair] = [text.charAt(at), text.slice(at, at + 2)]
    if (char === '\\') at++
    else if (char === "'" || char === '"' || char === '`' || char === '(') at = closing(text, at)
    else if (char === '#' && /^\s?$/.test(text.charAt(at - 1))) {
      cut(at, 0, ';')
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
      start = at
    } else if (pair === '&&' || pair === '||') cut(at++, 2, pair)
    else if (char === ';' || char === '\n') cut(at, 1, ';')
    else if (char === '&' && !/[<>&]/.test(text.charAt(at - 1)) && text.charAt(at + 1) !== '>') cut(at, 1, ';')
    else if (char === '|' && text.charAt(at - 1) !== '>') cut(at, 1, '|')
  }
  cut(text.length, 0, '')
  return parts
}

/** Where the quote or bracket at `open` ends; the end of the text when it does not. */
function closing(text: string, open: number): number {
  const sign = text.charAt(open)
  const end = sign === '(' ? ')' : sign
  for (let at = open + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === end) return at
    if (sign === "'") continue
    if (char === '\\') at++
    else if (sign === '(' && /['"`(]/.test(char)) at = closing(text, at)
    else if (sign === '"' && char === '$' && text.charAt(at + 1) === '(') at = closing(text, at + 1)
  }
  return text.length
}

/** Without the files that stand in it. */
export function withoutHeredocs(command: string): string {
  if (!command.includes('<<')) return command
  return command.replace(/<<-?[ \t]*\\?(['"]?)(\w+)\1([^\n]*)\n(?:[\s\S]*?\n)?(?:[ \t]*\2\b|$)/g, '$3').replace(/<<-?[ \t]*(['"]?)\w+\1[\s\S]*$/, '')
}

/** What a shell that is started only to run a script runs. */
function inner(command: string): string {
  const [, , script] = /^\s*(?:\S*\/)?(?:ba|z|da)?sh\s+-l?c\s+(['"])([\s\S]*)\1\s*$/.exec(command) ?? []
  return script ?? command
}
