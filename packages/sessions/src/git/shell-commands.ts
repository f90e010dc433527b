/** The simple commands in a shell text, as far as they can be known without running it. Pure, linear, never throws. */

/** `known` is false where a part comes from a variable or from what a command prints. */
export type ShellWord = { text: string; known: boolean }
export type ShellCommand = {
  words: ShellWord[]
  /** What a here-document or here-string gives it. */
  stdin: string | null
  /** Its output goes into a file or another command. */
  redirected: boolean
}

/** In the order of the text; those inside `$(…)`, `bash -c '…'` and `eval` included. */
export function shellCommands(text: string): ShellCommand[] {
  return new Scanner(text, 0).list('')
}

const MAX_DEPTH = 12
const INNER_SHELL = /(?:^|[\\/])(?:ba|z|da|k)?sh(?:\.exe)?$/

class Scanner {
  readonly #text: string
  readonly #depth: number
  #at = 0
  #nesting = 0
  #found: ShellCommand[] = []
  #heredocs: { command: ShellCommand; end: string; tabs: boolean; literal: boolean }[] = []

  constructor(text: string, depth: number) {
    this.#text = text
    this.#depth = depth
  }

  /** Reads up to the `)` of a substitution, or, without `close`, to the end of the text. */
  list(close: ')' | ''): ShellCommand[] {
    const outer = this.#found
    this.#found = []
    let command = empty()
    let open = 0
    const finish = (redirected = false) => {
      command.redirected ||= redirected
      if (command.words.length > 0) this.#add(command)
      command = empty()
    }
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at)
      if (char === close && open === 0) {
        this.#at++
        break
      }
      if (char === '\n') {
        this.#at++
        finish()
        this.#readHeredocs()
      } else if (char === ' ' || char === '\t' || char === '\r') this.#at++
      else if (char === '#') this.#at = this.#endOfLine()
      else if (char === '\\' && /^\\\r?\n/.test(this.#text.slice(this.#at, this.#at + 3))) this.#at = this.#endOfLine() + 1
      else if (char === '&' && this.#text[this.#at + 1] === '>') this.#at++
      else if (char === '<' || char === '>' || this.#isNumberedRedirect()) this.#redirect(command)
      else if (char === '|' && this.#text[this.#at + 1] !== '|') {
        this.#at++
        finish(true)
      } else if (';&|()'.includes(char)) {
        if (char === '(') open++
        if (char === ')' && open > 0) open--
        this.#at++
        if (char === '|' || (char === '&' && this.#text[this.#at] === '&')) this.#at++
        finish()
      } else command.words.push(this.#word())
    }
    finish()
    const found = this.#found
    this.#found = outer
    return found
  }

  #add(command: ShellCommand): void {
    const [first, ...rest] = command.words
    this.#found.push(command)
    if (this.#depth >= MAX_DEPTH || !first) return
    if (first.text === 'eval') this.#addInner(rest.map(({ text }) => text).join(' '))
    if (!INNER_SHELL.test(first.text)) return
    const flag = rest.findIndex(({ text }) => /^-[a-z]*c$/.test(text))
    this.#addInner(flag < 0 ? (command.stdin ?? '') : (rest[flag + 1]?.text ?? ''))
  }

  #addInner(script: string): void {
    for (const command of new Scanner(script, this.#depth + 1).list('')) this.#found.push(command)
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end < 0 ? this.#text.length : end
  }

  #isNumberedRedirect(): boolean {
    const next = this.#text[this.#at + 1]
    return /\d/.test(this.#text.charAt(this.#at)) && (next === '>' || next === '<') && /\s/.test(this.#text[this.#at - 1] ?? ' ')
  }

  #redirect(command: ShellCommand): void {
    const [operator = '<', fd = ''] = /^(\d?)(?:<<<|<<-?|<&|<>|<|>>|>&|>\||>)/.exec(this.#text.slice(this.#at, this.#at + 5)) ?? []
    this.#at += operator.length
    while (/[ \t]/.test(this.#text.charAt(this.#at))) this.#at++
    if (this.#text[this.#at] === '(') return // Process substitution.
    const literal = /^\\|^'|^"/.test(this.#text.charAt(this.#at))
    const target = this.#word()
    const kind = operator.slice(fd.length)
    if (kind === '<<' || kind === '<<-') this.#heredocs.push({ command, end: target.text, tabs: kind === '<<-', literal })
    else if (kind === '<<<') command.stdin = target.text
    else if (kind.startsWith('>') && fd !== '2' && !/^[12]$/.test(target.text)) command.redirected = true
  }

  #readHeredocs(): void {
    for (const { command, end, tabs, literal } of this.#heredocs.splice(0)) {
      const lines: string[] = []
      while (this.#at < this.#text.length) {
        const stop = this.#endOfLine()
        const line = this.#text.slice(this.#at, stop).replace(tabs ? /^\t+|\r$/g : /\r$/, '')
        this.#at = stop + 1
        if (line === end) break
        lines.push(line)
      }
      const body = lines.join('\n')
      command.stdin = literal ? body : body.replace(/\\([`$\\])/g, '$1')
    }
  }

  #word(): ShellWord {
    const word = { text: '', known: true }
    const start = this.#at
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at)
      if (/[\s;&|()<>]/.test(char)) break
      this.#at++
      if (char === "'") word.text += this.#until("'")
      else if (char === '"') this.#doubleQuoted(word)
      else if (char === '\\') word.text += this.#escaped()
      else if (char === '$' || char === '`') this.#expansion(char, word, false)
      else word.text += char
    }
    if (this.#at === start) this.#at++ // A stray closing sign: go on behind it.
    return word
  }

  #until(quote: string): string {
    const end = this.#text.indexOf(quote, this.#at)
    const part = this.#text.slice(this.#at, end < 0 ? undefined : end)
    this.#at = end < 0 ? this.#text.length : end + 1
    return part
  }

  #escaped(): string {
    const char = this.#text.charAt(this.#at++)
    return char === '\n' ? '' : char
  }

  #doubleQuoted(word: ShellWord): void {
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at++)
      if (char === '"') return
      if (char === '\\' && /["\\$`\n]/.test(this.#text.charAt(this.#at))) word.text += this.#escaped()
      else if (char === '$' || char === '`') this.#expansion(char, word, true)
      else word.text += char
    }
  }

  #expansion(char: string, word: ShellWord, quoted: boolean): void {
    const next = char === '$' ? this.#text.charAt(this.#at) : ''
    if (char === '`' || next === '(') {
      const commands = next ? this.#inside() : new Scanner(this.#until('`'), this.#depth + 1).list('')
      for (const command of commands) this.#found.push(command)
      const printed = printedBy(commands)
      word.text += printed ?? ''
      word.known &&= printed !== undefined
    } else if (next === "'" && !quoted) {
      const [quote = "'", body = ''] = /'((?:[^'\\]|\\.)*)'?/sy.exec(this.#text.slice(this.#at)) ?? []
      this.#at += quote.length
      word.text += body.replace(/\\(.)/gs, (_, sign: string) => ({ n: '\n', t: '\t', r: '\r' })[sign] ?? sign)
    } else if (/[A-Za-z_{?!@*#$\d]/.test(next)) {
      word.known = false
      word.text += char
    } else word.text += char
  }

  #inside(): ShellCommand[] {
    this.#at++
    if (this.#nesting >= MAX_DEPTH) return []
    this.#nesting++
    const commands = this.list(')')
    this.#nesting--
    return commands
  }
}

/** What a command in `$(…)` gives, when that can be known: the usual way to write a long message. */
function printedBy(commands: ShellCommand[]): string | undefined {
  const [only, second] = commands
  const name = only?.words[0]?.text
  if (!only || second) return undefined
  if (name === 'cat' && only.words.length === 1 && only.stdin !== null) return only.stdin.replace(/\n+$/, '')
  return name === 'echo' && only.words.every(({ known }) => known) ? only.words.slice(1).map(({ text }) => text).join(' ') : undefined
}

function empty(): ShellCommand {
  return { words: [], stdin: null, redirected: false }
}
