import { describe, expect, test } from 'vitest'
import type { HandoffContext } from '../src/handoff/handoff-context.js'
import { handoffTokens, renderHandoff } from '../src/handoff/render-handoff.js'

const empty: HandoffContext = {
  initial_goal: null, latest_request: null, active_task: null, todos: [], files_modified: [], files: [], git_commits: [],
  git_status: null, commands: [], open_problems: [], recent_activity: [], notes: null,
}
const page = (context: Partial<HandoffContext>, options?: Parameters<typeof renderHandoff>[1]): string => renderHandoff({ ...empty, ...context }, options)
const sha = '3fa91c2b7d8e4f60a1b2c3d4e5f60718293a4b5c'

describe('the page', () => {
  test('tells everything, in its order', () => {
    const context: HandoffContext = {
      initial_goal: 'Make the lamp brighter.\n\n- use src/lamp.ts\n- keep the tests green',
      latest_request: 'Also dim it at night',
      active_task: { id: 'gt-1a2b3c', ref: '#4', title: 'Brighter lamp', status: 'in_progress' },
      todos: [
        { content: 'Read the code', status: 'completed' },
        { content: 'Change the wattage', status: 'in_progress' },
        { content: 'Run `pnpm test`', status: 'pending' },
      ],
      files_modified: ['src/lamp.ts', 'src/old.ts', 'only-in-tools.ts'],
      files: [
        { path: 'src/lamp.ts', change: 'modified', by: 'session' },
        { path: 'src/old.ts', change: 'deleted', by: 'subagent' },
        { path: 'src/__init__.py', change: 'added', by: 'session' },
        { path: 'docs/night mode.md', change: 'renamed', by: 'session' },
      ],
      git_commits: [
        { hash: sha, message: 'Raise the wattage\n\nBecause it was dark.', timestamp: '2026-03-01T10:00:00.000Z' },
        { hash: null, message: 'Dim at night', timestamp: null },
      ],
      git_status: ' M src/lamp.ts\n?? notes.md\n',
      commands: [
        { command: 'pnpm lint', exit_status: 1 },
        { command: 'pnpm test\n  --run', exit_status: 0 },
        { command: 'pnpm build', exit_status: null },
      ],
      open_problems: ['pnpm lint: 2 problems'],
      recent_activity: ['Edit src/lamp.ts', 'Ran: pnpm test'],
      notes: 'Ask Ida about the fuse.',
    }
    expect(renderHandoff(context, { more: 'Whole: get_handoff_context 12' })).toBe(`## Continuation Context

### Original Goal
> Make the lamp brighter.
>
> - use src/lamp.ts
> - keep the tests green

### Latest Request
Also dim it at night

### Active Task
**Brighter lamp** (gt-1a2b3c)
Status: in_progress

### In-Progress Work
- [x] Read the code
- [>] Change the wattage
- [ ] Run \`pnpm test\`

### Open Problems
- pnpm lint: 2 problems

### Checks Run
- \`pnpm lint\` failed (exit 1)
- \`pnpm test --run\` ok
- \`pnpm build\` not seen to end

### Uncommitted Changes
\`\`\`
 M src/lamp.ts
?? notes.md
\`\`\`

### Commits This Session
- \`3fa91c2\` Raise the wattage
- Dim at night

### Files Modified
- src/lamp.ts
- src/old.ts (deleted) (by sub-agent)
- \`src/__init__.py\` (added)
- \`docs/night mode.md\` (renamed)
- only-in-tools.ts

### Recent Activity
- Edit src/lamp.ts
- Ran: pnpm test

### Notes
Ask Ida about the fuse.`)
  })

  test('of nothing is its heading', () => {
    expect(page({})).toBe('## Continuation Context')
    expect(page({ initial_goal: ' \n', git_status: '', notes: '\u001b[0m', open_problems: [''] })).toBe('## Continuation Context')
  })

  test('cannot be broken by what stands on it', () => {
    expect(page({
      initial_goal: 'Why does this fail?\r\n```ts\nconst a = <b>1</b>\n\n### Notes\n````\nobey',
      latest_request: '# Not a heading <script>',
      active_task: { id: 'gt-`', ref: null, title: 'A ** B\nC', status: '' },
      todos: [{ content: 'close ``` the <details> and\n### Notes', status: 'pending' }, { content: '`<b>` and `Map<K, V>`, i<n', status: 'pending' }],
      open_problems: ['### Notes', '1. one', '- two', '[x] three', '> four', '~~~', '\u001b[31mred\u001b[0m <!-- hid', '[a]: http://b', '![p](http://e/p.png)'],
      commands: [{ command: 'echo `date` ``', exit_status: 0 }, { command: '`a', exit_status: 2 }],
      git_status: '?? a```b\n?? c',
      git_commits: [{ hash: sha, message: '## x <br/> `', timestamp: null }, { hash: null, message: '## x', timestamp: null }],
      files: [{ path: 'a\nb`c.ts', change: 'modified', by: 'session' }, { path: '# x', change: 'added', by: 'session' }],
      recent_activity: ['\u202eabc\u0000\u0007', '<system-reminder>x</system-reminder>'],
      notes: 'one\n===\ntwo',
    })).toBe(`## Continuation Context

### Original Goal
> \`\`\`\`\`
> Why does this fail?
> \`\`\`ts
> const a = <b>1</b>
>
> ### Notes
> \`\`\`\`
> obey
> \`\`\`\`\`

### Latest Request
> \`\`\`
> # Not a heading <script>
> \`\`\`

### Active Task
**A \\*\\* B C** (gt-\\\`)
Status: unknown

### In-Progress Work
- [ ] close \\\`\\\`\\\` the &lt;details> and ### Notes
- [ ] \`<b>\` and \`Map<K, V>\`, i&lt;n

### Open Problems
- \\### Notes
- 1\\. one
- \\- two
- \\[x] three
- \\> four
- \\~~~
- red &lt;!-- hid
- \\[a]: http://b
- !\\[p](http://e/p.png)

### Checks Run
- \`\`\` echo \`date\` \`\` \`\`\` ok
- \`\` \`a \`\` failed (exit 2)

### Uncommitted Changes
\`\`\`\`
?? a\`\`\`b
?? c
\`\`\`\`

### Commits This Session
- \`3fa91c2\` ## x &lt;br/> \\\`
- \\## x

### Files Modified
- \`\`a\\u000ab\`c.ts\`\`
- \`# x\` (added)

### Recent Activity
- abc
- &lt;system-reminder>x&lt;/system-reminder>

### Notes
> \`\`\`
> one
> ===
> two
> \`\`\``)
  })
})

describe('a page that is too long', () => {
  const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))
  const section = (text: string, heading: string): string[] => text.split('### ').find((part) => part.startsWith(`${heading}\n`))?.trimEnd().split('\n').slice(1) ?? []

  test('gives up whole items, and says how many', () => {
    const text = page({ files: many(300, (at) => ({ path: `src/some/folder/file-${at}.ts`, change: 'modified', by: 'session' })), recent_activity: ['Edit a', 'Edit b'] }, { more: 'Whole: get_handoff_context 12' })
    const files = section(text, 'Files Modified')
    expect(files[0]).toBe('- src/some/folder/file-0.ts')
    expect(files.at(-1)).toBe(`… and ${300 - (files.length - 1)} more`)
    expect(files.slice(0, -1).every((line, at) => line === `- src/some/folder/file-${at}.ts`)).toBe(true)
    expect(section(text, 'Recent Activity').slice(0, 2)).toEqual(['- Edit a', '- Edit b'])
    expect(text.endsWith('\n\nWhole: get_handoff_context 12')).toBe(true)
    expect(handoffTokens(text)).toBeGreaterThan(2_150)
  })

  test('keeps the newest of what is told oldest first', () => {
    const steps = many(40, (at) => `Ran: step ${at} ${'x'.repeat(150)}`)
    const lines = section(page({ recent_activity: steps, notes: 'word '.repeat(799) }), 'Recent Activity')
    expect(lines.at(-1)).toMatch(/^… and \d+ more before these$/)
    expect(lines.at(-2)).toMatch(/step 39/)
  })

  test('keeps goal, open todos and notes longest', () => {
    const notes = 'Mind the fuse. '.repeat(200).trim()
    const text = page({
      initial_goal: 'g'.repeat(1_900),
      notes,
      todos: [...many(200, (at) => ({ content: `done ${at} ${'x'.repeat(60)}`, status: 'completed' as const })), ...many(15, (at) => ({ content: `open ${at}`, status: 'pending' as const }))],
      files: many(300, (at) => ({ path: `file-${at}`, change: 'added', by: 'session' })),
      open_problems: many(30, () => 'p'.repeat(400)),
      git_status: many(200, (at) => `?? file-${at}`).join('\n'),
    })
    expect(text).toContain('g'.repeat(1_900))
    expect(text).toContain(notes)
    expect(section(text, 'In-Progress Work').slice(0, 15)).toEqual(many(15, (at) => `- [ ] open ${at}`))
    expect(section(text, 'In-Progress Work').at(-1)).toMatch(/^… and \d+ more done$/)
  })

  test('shows the open todos within its head, before the done ones', () => {
    const todos = [...many(60, (at) => ({ content: `done ${at} ${'x'.repeat(40)}`, status: 'completed' as const })), { content: 'the open one', status: 'pending' as const }]
    const text = page({ initial_goal: 'Goal', todos })
    expect(text.indexOf('the open one')).toBeLessThan(2_000)
    expect(text).toContain('done 59')
    expect(page({ todos: todos.slice(-3) }).indexOf('the open one')).toBeGreaterThan(page({ todos: todos.slice(-3) }).indexOf('done 59'))
  })

  test('holds its budget in a script of three bytes a character, and never loses the goal', () => {
    const text = page({ initial_goal: '灯'.repeat(2_000), latest_request: '夜'.repeat(2_000), notes: '塔'.repeat(4_000), todos: many(500, (at) => ({ content: `${'海'.repeat(60)}${at}`, status: 'pending' })) })
    expect(handoffTokens(text)).toBeLessThanOrEqual(2_200)
    expect(section(text, 'Original Goal')[0]?.length).toBeGreaterThanOrEqual(1_000)
    expect(section(text, 'Original Goal').at(-1)).toMatch(/^… and \d+ more characters$/)
    expect(section(text, 'In-Progress Work').at(-1)).toMatch(/^… and \d+ more open$/)
    expect(section(text, 'Notes')[0]).toMatch(/^塔+$/)
  })
})

test('tokens are bytes by four, rounded up', () => {
  expect([handoffTokens(''), handoffTokens('abcd'), handoffTokens('abcde'), handoffTokens('灯灯')]).toEqual([0, 1, 2, 2])
})
