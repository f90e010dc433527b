import { describe, expect, test } from 'vitest'
import { claude } from '../src/sources/claude/index.ts'

const kinds = (name: string, input: unknown) => claude.actions(name, input).map(({ kind }) => kind)

describe('what a tool does', () => {
  test.each([
    ['Write', { file_path: '/w/a.ts', content: 'x' }, { kind: 'write', paths: [{ path: '/w/a.ts' }] }],
    ['Edit', { file_path: '/w/a.ts', old_string: 'a', new_string: 'b' }, { kind: 'edit', paths: [{ path: '/w/a.ts' }] }],
    ['MultiEdit', { file_path: 'C:\\w\\a.ts', edits: [] }, { kind: 'edit', paths: [{ path: 'C:\\w\\a.ts' }] }],
    ['NotebookEdit', { notebook_path: '/w/données.ipynb' }, { kind: 'edit', paths: [{ path: '/w/données.ipynb' }] }],
    ['Read', { file_path: '/w/a.ts', limit: 5 }, { kind: 'read', paths: [{ path: '/w/a.ts' }] }],
    ['NotebookRead', { notebook_path: '/w/n.ipynb' }, { kind: 'read', paths: [{ path: '/w/n.ipynb' }] }],
    ['Bash', { command: 'git commit -m "x"', description: 'Commit' }, { kind: 'shell', command: 'git commit -m "x"' }],
    ['PowerShell', { command: 'dir' }, { kind: 'shell', command: 'dir' }],
  ])('%s', (name, input, action) => {
    expect(claude.actions(name, input)).toEqual([action])
  })

  test('the todo list, whole', () => {
    const todos = [{ content: 'a', status: 'completed', activeForm: 'A' }, { content: 'b', status: 'in_progress' }, { content: 'c', status: 'someday' }, 'd']
    expect(claude.actions('TodoWrite', { todos })).toEqual([
      { kind: 'todo', todos: [{ content: 'a', status: 'completed' }, { content: 'b', status: 'in_progress' }, { content: 'c', status: 'pending' }] },
    ])
    expect(claude.actions('TodoWrite', { todos: [] })).toEqual([{ kind: 'todo', todos: [] }])
  })

  test.each([
    ['search', ['Glob', 'Grep', 'LS', 'LSP', 'ToolSearch']],
    ['todo', ['TaskCreate', 'TaskUpdate']],
    ['subagent', ['Task', 'Agent', 'Workflow']],
    ['web', ['WebFetch', 'WebSearch', 'web_search', 'web_fetch']],
    ['mcp', ['mcp__tide__read_table', 'ReadMcpResourceTool', 'ListMcpResourcesTool']],
    ['other', ['BashOutput', 'KillShell', 'TaskOutput', 'TaskStop', 'Skill', 'AskUserQuestion', 'ExitPlanMode', 'SendMessage', 'advisor', 'nobody_knows', 'toString', '']],
  ])('%s', (kind, names) => {
    expect(names.flatMap((name) => kinds(name, {}))).toEqual(names.map(() => kind))
  })

  test.each([undefined, null, 3, 'x', [], {}, { file_path: 5, command: [], todos: 'x', taskId: {}, notebook_path: null }])('no input makes it throw: %j', (input) => {
    for (const name of ['Write', 'Edit', 'NotebookEdit', 'Read', 'Bash', 'TodoWrite', 'TaskUpdate', 'Agent', 'WebFetch', 'mcp__a__b']) expect(kinds(name, input)).toHaveLength(1)
    expect(claude.actions('Edit', input)).toEqual([{ kind: 'edit', paths: [] }])
  })
})
