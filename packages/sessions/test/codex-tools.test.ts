import { describe, expect, test } from 'vitest'
import { codex } from '../src/sources/codex/index.ts'

const PATCH = '*** Begin Patch\n*** Update File: a.ts\n@@\n-1\n+*** Add File: no.ts\n*** Move to: b.ts\n*** End Patch'
const edited = [{ path: 'b.ts', change: 'renamed', from: 'a.ts' }]

describe('shell', () => {
  test.each([
    ['shell', { command: ['bash', '-lc', 'ls | wc'] }, 'ls | wc'],
    ['shell', { command: ['git', 'commit', '-m', "it's"] }, "git commit -m 'it'\\''s'"],
    ['shell_command', { command: 'ls' }, 'ls'],
    ['exec_command', { cmd: 'ls' }, 'ls'],
    ['local_shell', { type: 'exec', command: ['ls'] }, 'ls'],
  ])('%s %j', (name, input, command) => {
    expect(codex.actions(name, input)).toEqual([{ kind: 'shell', command }])
  })

  test('apply_patch as a program', () => {
    expect(codex.actions('shell', { command: ['apply_patch', PATCH], workdir: '/w' })).toEqual([
      { kind: 'edit', paths: [{ path: '/w/b.ts', change: 'renamed', from: '/w/a.ts' }] },
    ])
  })

  test('apply_patch inside a script, from the folder that it changes to', () => {
    const script = `cd "sub dir" && apply_patch <<'EOF'\n${PATCH}\nEOF\napply_patch <<EOF\n${PATCH}\nEOF`
    expect(codex.actions('exec_command', { cmd: script, workdir: '/w/' }).slice(1)).toEqual([
      { kind: 'edit', paths: [{ path: '/w/sub dir/b.ts', change: 'renamed', from: '/w/sub dir/a.ts' }] },
      { kind: 'edit', paths: [{ path: '/w/b.ts', change: 'renamed', from: '/w/a.ts' }] },
    ])
  })
})

describe('other tools', () => {
  test('patches, plans, pictures, agents', () => {
    expect(codex.actions('apply_patch', PATCH)).toEqual([{ kind: 'edit', paths: edited }])
    expect(codex.actions('apply_patch', { input: PATCH })).toEqual([{ kind: 'edit', paths: edited }])
    expect(codex.actions('update_plan', { plan: [{ step: 'a', status: 'completed' }, { step: 'b', status: 'odd' }] })).toEqual([
      { kind: 'todo', todos: [{ content: 'a', status: 'completed' }, { content: 'b', status: 'pending' }] },
    ])
    expect(codex.actions('view_image', { path: '/a.png' })).toEqual([{ kind: 'read', paths: [{ path: '/a.png' }] }])
    expect(['spawn_agent', 'mcp__a__b', 'web_search', 'write_stdin', 'nobody_knows'].flatMap((name) => codex.actions(name, {}).map(({ kind }) => kind))).toEqual([
      'subagent', 'mcp', 'web', 'shell', 'other',
    ])
  })

  test.each([undefined, null, 3, 'x', [], {}, { command: 5 }, { plan: [1] }])('no input makes it throw: %j', (input) => {
    for (const name of ['shell', 'exec', 'apply_patch', 'update_plan', 'view_image', 'toString']) codex.actions(name, input)
  })
})

describe('code mode', () => {
  const kinds = (source: string) => codex.actions('exec', source)

  test('literals, constants, and lists that are run through', () => {
    expect(kinds('const r = await tools.exec_command({cmd:"a \\"b\\"","workdir":"/w"}); text(r.output)')).toEqual([{ kind: 'shell', command: 'a "b"' }])
    expect(kinds('const c = `one\ntwo`; tools.exec_command({"cmd": c, workdir})')).toEqual([{ kind: 'shell', command: 'one\ntwo' }])
    expect(kinds("const cmds = ['a', 'b']; await Promise.all(cmds.map((cmd) => tools.exec_command({cmd, workdir: '/w'})))")).toEqual([
      { kind: 'shell', command: 'a' },
      { kind: 'shell', command: 'b' },
    ])
  })

  test('patches and plans', () => {
    expect(kinds(`text(await tools.apply_patch(${JSON.stringify(PATCH)}))`)).toEqual([{ kind: 'edit', paths: edited }])
    expect(kinds(`const p = ${JSON.stringify(PATCH.split('\n'))}.join("\\n");\nawait tools.apply_patch(p)`)).toEqual([{ kind: 'edit', paths: edited }])
    expect(kinds('tools.update_plan({explanation:"step: x", plan:[{step:"a",status:"in_progress"},{status:"pending",step:"b"}]})')).toEqual([
      { kind: 'todo', todos: [{ content: 'a', status: 'in_progress' }, { content: 'b', status: 'pending' }] },
    ])
  })

  test('what stands in comments, strings and patterns is no call', () => {
    expect(kinds('// tools.exec_command({cmd:"a"})\nconst s = "tools.exec_command({cmd:1})"; x.replace(/["\']/g, ""); tools.exec_command({cmd: "b"})')).toEqual([
      { kind: 'shell', command: 'b' },
    ])
    expect(kinds('ALL_TOOLS.filter(x => x)')).toEqual([{ kind: 'other' }])
    expect(kinds('tools.exec_command({cmd: "unclosed')).toEqual([{ kind: 'other' }])
  })
})
