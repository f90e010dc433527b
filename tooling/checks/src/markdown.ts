/** The contents of the fenced code blocks of a Markdown text in one of the `languages`. */
export function fencedBlocks(markdown: string, languages: readonly string[]): string[] {
  return [...markdown.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```\s*$/gm)]
    .filter(([, language]) => languages.includes(language ?? ''))
    .map(([, , code]) => code ?? '')
}

/** The runnable examples: blocks of TypeScript or JavaScript that contain a line `// example`. */
export function examples(markdown: string): string[] {
  return fencedBlocks(markdown, ['ts', 'js']).filter((code) => /^\s*\/\/ example\b/m.test(code))
}
