import fc from '@gobby/testing/property'
import { expect, test } from 'vitest'
import type { HandoffContext } from '../src/handoff/handoff-context.js'
import { handoffBudget, handoffTokens, renderHandoff } from '../src/handoff/render-handoff.js'

const headings = ['Original Goal', 'Latest Request', 'Active Task', 'In-Progress Work', 'Open Problems', 'Checks Run', 'Uncommitted Changes', 'Commits This Session', 'Files Modified', 'Recent Activity', 'Notes']

const nasty = ['`', '```', '~~~~', '# ', '### Notes', '> ', '- ', '1. ', '[ ] ', '<b>', '</', '<!--', '-->', '![', '](', '\n', '\n\n', '\r', '\u2028', '\u001b[31m', '\u001b]8;;', '\u0000', '\ud83d', '\ude00', '😀', '灯', ' ', '\t', '    ', '\\', '**', '---', '===', 'word', '… and 3 more', '[a]: b']
const words = (most: number): fc.Arbitrary<string> => fc.oneof(
  fc.array(fc.constantFrom(...nasty), { maxLength: 60 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.tuple(fc.constantFrom('x', '灯', '😀', 'word ', 'line\n', '`'), fc.nat(most)).map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)),
)
const many = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.tuple(fc.array(one, { maxLength: 8 }), fc.constantFrom(1, 1, 1, 80)).map(([items, times]) => Array.from({ length: times }, () => items).flat())
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { nil: null, freq: 4 })
const path = words(300)

const contexts: fc.Arbitrary<HandoffContext> = fc.record({
  initial_goal: maybe(words(2_000)),
  latest_request: maybe(words(2_000)),
  active_task: maybe(fc.record({ id: words(20), ref: maybe(words(5)), title: words(300), status: words(20) })),
  todos: many(fc.record({ content: words(600), status: fc.constantFrom('pending', 'in_progress', 'completed') })),
  files_modified: many(path),
  files: many(fc.record({ path, change: fc.constantFrom('added', 'modified', 'deleted', 'renamed'), by: fc.constantFrom('session', 'subagent') })),
  git_commits: many(fc.record({ hash: maybe(words(40)), message: words(300), timestamp: fc.constant(null) })),
  git_status: maybe(words(5_000)),
  commands: many(fc.record({ command: words(500), exit_status: maybe(fc.integer()) })),
  open_problems: many(words(800)),
  recent_activity: many(words(800)),
  notes: maybe(words(4_000)),
})

/** The lines that are the page's own: not those in its one fence. */
function outside(page: string): string[] {
  let fence: string | undefined
  return page.split('\n').filter((line) => {
    const ticks = /^`{3,}$/.exec(line)?.[0]
    if (ticks === undefined || (fence !== undefined && fence !== ticks)) return fence === undefined
    fence = fence === undefined ? ticks : undefined
    return false
  })
}

const visible = (text: string | null): boolean => text !== null && !text.includes('\u001b') && /word|灯|x/.test(text)

test('whatever the context: the budget holds, the goal stays, and nothing in it makes a section', () => {
  fc.assert(fc.property(contexts, fc.boolean(), (context, pointer) => {
    const page = renderHandoff(context, pointer ? { more: 'Whole: get_handoff_context 12' } : {})
    expect(page.length).toBeLessThanOrEqual(handoffBudget.characters)
    expect(handoffTokens(page)).toBeLessThanOrEqual(handoffBudget.tokens)
    expect(page.isWellFormed()).toBe(true)
    expect(/[^\P{Cc}\n\t]/u.test(page)).toBe(false)
    expect(page.includes('### Original Goal\n') || !visible(context.initial_goal)).toBe(true)

    const own = outside(page)
    expect(own.filter((line) => line.startsWith('## '))).toEqual(['## Continuation Context'])
    const sections = own.filter((line) => line.startsWith('### ')).map((line) => line.slice(4))
    expect(sections).toEqual(headings.filter((heading) => sections.includes(heading)))
    expect(own.filter((line) => !line.includes('`') && !line.startsWith('> ') && /<[a-z/!?][^<]*>/i.test(line))).toEqual([])
    expect(own.filter((line) => /^`{3,}/.test(line))).toEqual([])
  }), { numRuns: 150 })
})

test('a smaller budget holds as well', () => {
  fc.assert(fc.property(contexts, fc.integer({ min: 400, max: 3_000 }), (context, characters) => {
    const budget = { characters, tokens: Math.ceil(characters / 4) }
    const page = renderHandoff(context, { budget, more: 'Whole: get_handoff_context 12' })
    expect(page.length).toBeLessThanOrEqual(characters)
    expect(handoffTokens(page)).toBeLessThanOrEqual(budget.tokens)
  }), { numRuns: 100 })
})

test('what was left out is said, with a pointer to the whole, and only then', () => {
  fc.assert(fc.property(contexts, (context) => {
    const [small, pointed] = [renderHandoff(context), renderHandoff(context, { more: 'POINTER' })]
    const large = renderHandoff(context, { budget: { characters: 1e9, tokens: 1e9 }, more: 'POINTER' })
    expect(pointed.endsWith('\n\nPOINTER')).toBe(small !== large)
  }), { numRuns: 100 })
})
