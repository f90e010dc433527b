/** Takes apart what the person wrote and what the CLI or a hook put around it. Every search here is linear. */

/** Blocks that stand before a prompt, or alone: how they begin and end. Without an end: to the end of the text. */
const LEADING: { open: string; close?: string }[] = [
  { open: '<session_context>', close: '</session_context>' },
  { open: '<loaded_context>', close: '</loaded_context>' },
  { open: '<state_snapshot>', close: '</state_snapshot>' },
  { open: '--- Context from: ', close: '--- End of Context from: ' },
  { open: 'This is the Gemini CLI. We are setting up the context' },
  { open: "Here is the user's editor context as a JSON object" },
  { open: "Here is a summary of changes in the user's editor context" },
]

const HOOK = { open: '<hook_context>', close: '</hook_context>' }
/** The files that a prompt names with `@`. */
const FILES = { open: '--- Content from referenced files ---', close: '--- End of content ---' }

/** What the person wrote, without surrounding space, and the rest, in the order of the text. */
export function split(text: string): { own: string; injected: string[] } {
  const injected: string[] = []
  let own = withoutHooks(text, injected)
  own = withoutLeading(own, injected)
  const files = own.indexOf(FILES.open)
  if (files >= 0) {
    // A file may itself contain the closing line, so the last one counts.
    const close = own.lastIndexOf(FILES.close)
    const end = close > files ? close + FILES.close.length : own.length
    injected.push(own.slice(files, end))
    own = own.slice(0, files) + own.slice(end)
  }
  return { own: own.trim(), injected }
}

/** Takes out what hooks added, wherever it stands: before the text in some versions, behind it in others. */
export function withoutHooks(text: string, injected: string[]): string {
  let own = ''
  let from = 0
  for (let open = text.indexOf(HOOK.open); open >= 0; open = text.indexOf(HOOK.open, from)) {
    const close = text.indexOf(HOOK.close, open)
    if (close < 0) break
    own += text.slice(from, open)
    from = close + HOOK.close.length
    injected.push(text.slice(open, from))
  }
  return injected.length === 0 ? text : (own + text.slice(from)).trimEnd()
}

function withoutLeading(text: string, injected: string[]): string {
  let rest = text.trimStart()
  for (;;) {
    const block = LEADING.find(({ open }) => rest.startsWith(open))
    if (!block) return rest
    const end = endOf(rest, block.close)
    injected.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
}

function endOf(text: string, close: string | undefined): number {
  const at = close === undefined ? -1 : text.indexOf(close)
  if (close === undefined || at < 0) return text.length
  if (close.endsWith('>')) return at + close.length
  const line = text.indexOf('\n', at)
  return line < 0 ? text.length : line
}

/** A command to the CLI. A path may begin a prompt too, so a second slash in the first word makes it none. */
export function isCommand(text: string): boolean {
  return text.startsWith('?') || /^\/[^\s/]*(\s|$)/.test(text)
}

/** What the CLI itself says in the person's place: when the model stopped early, or a shell command was run by hand. */
export function isMachineWritten(text: string): boolean {
  return text === 'Please continue.' || text === 'System: Please continue.' || text.startsWith('I ran the following shell command:')
}
