import { writeFileSync } from 'node:fs'
import fc from '@gobby/testing/property'
import { parse as parseJson } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import { expect, test } from 'vitest'
import { machine, tree } from './installing.ts'

const RUNS = 60

/** White space and comments as people leave them between any two tokens. */
const gap = (comments: boolean) => fc.constantFrom('', ' ', '\n', '\n\n    ', '\t', ...(comments ? ['/* c */', ' // d "x": {\n', '\n  // e\n  '] : []))

const word = fc.constantFrom('a', 'theme', 'hooks2', 'Stop', '__proto__', 'é "q" \\', 'gobby')
const hook = fc.record({ type: fc.constant('command'), command: fc.constantFrom('echo hi', 'x // y', '/opt/gobbyhook'), timeout: fc.integer({ min: 1, max: 9 }) })
const groups = fc.array(fc.record({ matcher: fc.constantFrom('', 'startup'), hooks: fc.array(hook, { maxLength: 2 }) }), { maxLength: 2 })
const plainValue = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.constantFrom('', '{"', 'ü\n'), fc.array(fc.integer(), { maxLength: 2 }), fc.dictionary(word, fc.integer(), { maxKeys: 2 }))
const settings = fc
  .record(
    {
      hooks: fc.dictionary(fc.constantFrom('SessionStart', 'Stop', 'SessionEnd', 'PreToolUse'), groups, { maxKeys: 3 }),
      mcpServers: fc.dictionary(fc.constantFrom('other', 'gobby'), fc.record({ command: fc.constant('x') }), { maxKeys: 2 }),
      more: fc.dictionary(word, plainValue, { maxKeys: 3 }),
    },
    { requiredKeys: [] },
  )
  .map(({ more, ...rest }) => ({ ...more, ...rest }))

/** JSON as somebody typed it: any white space, comments, line ends, perhaps a comma after the last. */
const typed = fc.record({ value: settings, comments: fc.boolean(), trailing: fc.boolean(), crlf: fc.boolean(), bom: fc.boolean(), end: fc.constantFrom('', '\n', '\n\n') }).chain(({ value, comments, trailing, crlf, bom, end }) =>
  fc.infiniteStream(gap(comments)).map((gaps) => {
    const next = (): string => gaps.next().value ?? ''
    const print = (inner: unknown): string => {
      if (typeof inner !== 'object' || inner === null) return JSON.stringify(inner)
      const isList = Array.isArray(inner)
      const parts = isList ? inner.map(print) : Object.entries(inner).map(([key, held]) => `${JSON.stringify(key)}${next()}:${next()}${print(held)}`)
      const last = trailing && parts.length > 0 ? ',' : ''
      const body = parts.map((part) => `${next()}${part}${next()}`).join(',') + last + next()
      return isList ? `[${body}]` : `{${body}}`
    }
    const text = `${next()}${print(value)}${end}`
    return { value, text: (bom ? '\uFEFF' : '') + (crlf ? text.replaceAll('\n', '\r\n') : text) }
  }),
)

const FILES = { claude: '.claude/settings.json', gemini: '.gemini/settings.json', codex: '.codex/hooks.json' }
const bare = (text: string): string => text.replace(/^\uFEFF/, '')

/** What is there without gobby's own. */
function theirs(text: string): unknown {
  const value = parseJson(bare(text), [], { allowTrailingComma: true }) as Record<string, any> // oxlint-disable-line typescript/no-explicit-any
  const isOurs = (held: unknown): boolean => JSON.stringify(held).includes('/.gobby/bin/gobby-')
  const hooks = Object.entries((value.hooks ?? {}) as Record<string, unknown[]>).map(([event, list]) => [event, list.filter((group) => !isOurs(group))])
  const servers = Object.entries((value.mcpServers ?? {}) as object).filter(([, server]) => !isOurs(server))
  return JSON.parse(JSON.stringify({ ...value, hooks: Object.fromEntries(hooks.filter(([, list]) => list?.length)), mcpServers: Object.fromEntries(servers) }))
}

/** Comments, and all words in quotes that are not gobby's, in their order. */
const skeleton = (text: string): string[] => text.match(/\/\*.*?\*\/|\/\/ (?:d "x": \{|e)/g) ?? []

test('any JSON: what was there stays, once is enough, and an uninstall restores every byte', async () => {
  await fc.assert(
    fc.asyncProperty(typed, fc.constantFrom(...(Object.keys(FILES) as (keyof typeof FILES)[])), async ({ text }, source) => {
      const { install, uninstall, write, read, home } = machine()
      write(FILES[source], text)
      const before = tree(home)
      const report = await install({ sources: [source] })
      expect(report.files.map(({ outcome }) => outcome)).not.toContain('refused')
      const installed = read(FILES[source])
      expect(theirs(installed)).toEqual(theirs(text))
      expect(skeleton(installed)).toEqual(skeleton(text))
      expect(installed.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'))
      if (text.includes('\r\n')) expect(installed.replaceAll('\r\n', '')).not.toContain('\n')
      await install({ sources: [source] })
      expect(read(FILES[source])).toBe(installed)
      await uninstall()
      expect(tree(home)).toEqual(before)
    }),
    { numRuns: RUNS },
  )
})

test('any JSON that somebody wrote after the install: only gobby\'s entries go', async () => {
  await fc.assert(
    fc.asyncProperty(typed, async ({ text }) => {
      const { install, uninstall, write, read, at } = machine()
      write(FILES.gemini, text)
      await install({ sources: ['gemini'] })
      writeFileSync(at(FILES.gemini), `${read(FILES.gemini)} `)
      await uninstall()
      const left = read(FILES.gemini)
      expect(left).not.toContain('gobby-hook')
      expect(theirs(left)).toEqual(theirs(text))
      expect(skeleton(left)).toEqual(skeleton(text))
    }),
    { numRuns: RUNS },
  )
})

const tomlLine = fc.constantFrom('', '# c', 'a = 1 # d', 'b = """\n[mcp_servers.gobby-sessions]\nx"""', 'list = [\n  [1],\n  [2]\n]', "c.d = 'e'")
const tomlTable = fc.tuple(fc.constantFrom('[tui]', '[mcp_servers.other]', '[projects."/a b"]', '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "x"', '[hooks.state."k"]', '  [ features ]  # f'), fc.array(fc.constantFrom('', '# x', '  y = 1', "z = '''\n[[hooks.Stop]]\n'''"), { maxLength: 3 }))
const toml = fc
  .record({ head: fc.uniqueArray(tomlLine, { maxLength: 3 }), tables: fc.uniqueArray(tomlTable, { maxLength: 4, selector: ([name]) => name }), crlf: fc.boolean(), end: fc.constantFrom('', '\n', '\n\n') })
  .map(({ head, tables, crlf, end }) => {
    const text = [...head, ...tables.flatMap(([name, lines]) => [name, ...new Set(lines)])].join('\n') + end
    return crlf ? text.replaceAll('\n', '\r\n') : text
  })

test('any TOML: what was there stays as written, once is enough, and an uninstall restores every byte', async () => {
  await fc.assert(
    fc.asyncProperty(toml, fc.boolean(), async (text, touched) => {
      const { install, uninstall, write, read, home, at } = machine()
      write('.codex/config.toml', text)
      const before = tree(home)
      const report = await install({ sources: ['codex'] })
      expect(report.files.map(({ outcome }) => outcome)).not.toContain('refused')
      const installed = read('.codex/config.toml')
      expect(installed.startsWith(text)).toBe(true)
      await install({ sources: ['codex'] })
      expect(read('.codex/config.toml')).toBe(installed)
      const added = '\n[added]\nq = 1\n'
      if (touched) writeFileSync(at('.codex/config.toml'), installed + added)
      await uninstall()
      if (touched) {
        expect(read('.codex/config.toml').trimEnd().endsWith('q = 1')).toBe(true)
        expect(parseToml(read('.codex/config.toml'))).toEqual(parseToml(`${text}\n${added}`))
        expect(read('.codex/config.toml').startsWith(text.trimEnd())).toBe(true)
      } else expect(tree(home)).toEqual(before)
    }),
    { numRuns: RUNS },
  )
})
