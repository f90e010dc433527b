import { appendFileSync, chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { call, operations } from '../src/index.ts'
import { after, claudeLine, claudePlace, contents, faults, fillHome, found, gobby, lines, NOW, only, sampleBytes, samples, SESSION } from './gobby.ts'

describe('a transcript that is rewritten', () => {
  test.each([
    ['shrunk', lines('one', 'two', 'three'), lines('one'), 2],
    ['replaced by one of the same size', lines('one', 'two', 'six'), lines('one', 'ten', 'six'), 2],
    ['without its first lines', lines('one', 'two', 'three', 'four'), lines('three', 'four'), 2],
    ['with a summary in front', lines('one', 'two', 'three'), lines('sum', 'three'), 2],
    ['with nothing of what was there', lines('one', 'two'), lines('eins', 'zwei', 'drei'), 2],
    ['turned round', lines('one', 'two', 'three'), lines('three', 'two', 'one'), 0],
  ])('%s: lost rows are kept aside and found, and return with the file', async (_name, before, now, lost) => {
    const first = await after([before])
    const { ctx, path, messages, superseded } = await after([before, now])
    const fresh = await after([now])
    expect(messages).toEqual(fresh.messages)
    // Of equals in size only what differs is lost.
    expect(superseded).toBe(_name.startsWith('replaced') ? 1 : lost)
    for (const text of before.match(/(?<="content":")[a-z]+/g) ?? []) expect([text, await found(ctx, text)]).toEqual([text, 1])
    expect((await only(ctx)).message_count).toBe(messages.length)

    writeFileSync(path, before)
    utimesSync(path, 99, 99)
    await ctx.sync()
    expect(contents(ctx.file).messages).toEqual(first.messages)
    for (const text of `${before}${now}`.match(/(?<="content":")[a-z]+/g) ?? []) expect([text, await found(ctx, text)]).toEqual([text, 1])
    expect(faults(ctx.file)).toEqual([])
  })

  test('to nothing, or to what is none: what is stored stays', async () => {
    for (const bytes of ['', 'not a transcript\n', '\0'.repeat(5000)]) {
      const { messages, ctx } = await after([lines('one', 'two'), bytes])
      expect([messages.length, await found(ctx, 'one')]).toEqual([2, 1])
    }
  })

  test('and then gone: what is stored stays', async () => {
    const { ctx, path } = await after([lines('one', 'two')])
    rmSync(path)
    await ctx.sync()
    const get = operations.find(({ name }) => name === 'get_session')!
    expect(await call(get, ctx, { session_id: SESSION })).toMatchObject({ message_count: 2 })
  })
})

describe('files', () => {
  test('a half line waits, also for the reading commands', async () => {
    const line = `${claudeLine('second half')}\n`
    const { ctx, path } = await after([lines('one'), lines('one') + line.slice(0, 100)])
    const messages = operations.find(({ name }) => name === 'get_session_messages')!
    expect(await call(messages, ctx, { session_id: SESSION })).toMatchObject({ total_count: 1 })
    appendFileSync(path, line.slice(100))
    expect(await call(messages, ctx, { session_id: SESSION })).toMatchObject({ total_count: 2 })
  })

  test.each([
    ['a raw U+2028', '"a\u2028b"'],
    ['lone surrogates', '"kiwi \\ud800 and \\udc00"'],
    ['a NUL', '"a\\u0000b"'],
    ['an emoji cut by a chunk', `"${'😀'.repeat(400_000)}"`],
  ])('text with %s', async (_name, json) => {
    const line = claudeLine('TEXT').replace('"content":"TEXT"', () => `"content":${json}`)
    const { messages, ctx } = await after([`${line}\n`, `${line}\n${claudeLine('next')}\n`])
    const text = JSON.parse(json) as string
    expect(messages).toMatchObject([{ content: text.toWellFormed() }, { content: 'next' }])
    expect((await only(ctx)).message_count).toBe(2)
  })

  test('a line of 50 MB', async () => {
    const { messages, ctx } = await after([`${lines('before')}${claudeLine(`huge ${'x '.repeat(25_000_000)}`, { uuid: 'h' })}\n${lines('after')}`])
    expect(messages.map((message) => (message as { content: string }).content.length)).toEqual([6, 50_000_005, 5])
    expect(await found(ctx, 'huge')).toBe(1)
  })

  test('an input nested without measure is counted, and stops nothing', async () => {
    const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    const toolUse = claudeLine('X', { type: 'assistant' }).replace('"content":"X"', `"content":[{"type":"tool_use","id":"t","name":"Bash","input":${deep}}]`)
    const { messages, ctx } = await after([`${lines('before')}${toolUse}\n${lines('after')}`])
    expect(messages.map((message) => (message as { content: string }).content)).toEqual(expect.arrayContaining(['before', 'after']))
    expect(() => JSON.stringify(messages)).not.toThrow()
    expect((await only(ctx)).message_count).toBe(messages.length)
  })

  test('times that are none stop neither the sync nor the counting', async () => {
    const odd = ['2026-99-99T99:99:99.999Z', 'abcdefghijklmnopqrs.xyzZ', '2026-02-30T10:00:00.000Z', '', 0, -1, 1e18, {}, null, '+275760-09-13T00:00:00.001Z']
    const { ctx } = await after([odd.map((timestamp, n) => `${claudeLine(`m${n}`, { type: n % 2 ? 'assistant' : 'user', timestamp })}\n`).join('') + lines('end')])
    const stats = operations.find(({ name }) => name === 'session_stats')!
    const result = stats.output.parse(await call(stats, ctx, {})) as { by_day: { day: string }[] }
    for (const { day } of result.by_day) expect(day).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect((await only(ctx)).message_count).toBe(odd.length + 1)
  })

  test.each([
    ['a path of another system', 'C:\\Users\\sam\\pear', 'pear'],
    ['a NUL', '/home/sam/pe\0ar', /./],
    ['a name longer than any file system has', `/${'x'.repeat(5000)}`, /./],
    ['a thousand folders', '/a'.repeat(20_000), /./],
    ['a lone surrogate', '/home/\ud800', /./],
    ['nothing', '', 'unknown'],
    ['no text', 42, 'unknown'],
    ['the root', '/', 'unknown'],
  ])('a folder of %s stops nothing', async (_name, cwd, project) => {
    const { sessions } = await after([`${claudeLine('hi', { cwd })}\n`])
    expect(sessions).toMatchObject([{ project: expect.stringMatching(project) }])
  })

  test('a broken .gobby/project.json in a session’s folder stops nothing', async () => {
    const ctx = await gobby()
    const cwd = join(ctx.home, 'pear')
    mkdirSync(join(cwd, '.gobby'), { recursive: true })
    writeFileSync(join(cwd, '.gobby', 'project.json'), '{ not json')
    writeFileSync(claudePlace(ctx.home), `${claudeLine('hi', { cwd })}\n`)
    await ctx.sync()
    expect(await only(ctx)).toMatchObject({ project: 'pear' })
  })

  test('what is no transcript is counted, the rest is read', async () => {
    const ctx = await gobby()
    const path = claudePlace(ctx.home)
    const folder = dirname(path)
    writeFileSync(path, lines('one'))
    mkdirSync(join(folder, 'a-folder.jsonl'))
    writeFileSync(join(folder, 'empty.jsonl'), '')
    writeFileSync(join(folder, 'binary.jsonl'), Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256)))
    writeFileSync(join(folder, 'text.jsonl'), 'hello\nworld\n')
    writeFileSync(join(folder, 'long.jsonl'), 'x'.repeat(9_000_000))
    const report = await ctx.sync()
    expect(report.sources.claude).toMatchObject({ created: 1 })
    expect(report.skipped_files.map(({ path, reason }) => [path.slice(folder.length + 1), reason]).sort()).toEqual([
      ['binary.jsonl', 'not a transcript of a known CLI'],
      ['empty.jsonl', 'empty'],
      ['long.jsonl', 'not a transcript of a known CLI'],
      ['text.jsonl', 'not a transcript of a known CLI'],
    ])
    expect(report.unreadable).toEqual([])
  })

  test.skipIf(process.getuid?.() === 0)('one without permission is reported, the rest is read; what is stored of it stays', async () => {
    const ctx = await gobby()
    const path = claudePlace(ctx.home)
    const other = claudePlace(ctx.home, '99999999-2222-4333-8444-555555555555')
    writeFileSync(path, lines('one'))
    await ctx.sync()
    appendFileSync(path, lines('two'))
    chmodSync(path, 0)
    writeFileSync(other, lines('three'))
    const report = await ctx.sync()
    expect(report).toMatchObject({ sources: { claude: { created: 1 } }, unreadable: [{ path, reason: expect.stringContaining('EACCES') }] })
    const get = operations.find(({ name }) => name === 'get_session')!
    expect(await call(get, ctx, { session_id: SESSION })).toMatchObject({ message_count: 1 })
  })

  test('one whose first prompt is written between the look and the reading belongs to its folder', async () => {
    const ctx = await gobby()
    writeFileSync(claudePlace(ctx.home), `${JSON.stringify({ type: 'permission-mode', permissionMode: 'auto', sessionId: SESSION })}\n`)
    const { sync } = await import('../src/index.ts')
    let first = true
    await sync(ctx, {
      onProgress: () => {
        if (first) appendFileSync(claudePlace(ctx.home), lines('one'))
        first = false
      },
    })
    expect(contents(ctx.file).sessions).toMatchObject([{ project: 'pear', cwd: '/home/sam/code/pear' }])
  })

  test('one deleted between listing and reading is reported, the rest is read', async () => {
    const ctx = await gobby()
    const other = '99999999-2222-4333-8444-555555555555'
    writeFileSync(claudePlace(ctx.home), lines('one'))
    writeFileSync(claudePlace(ctx.home, other), lines('two').replaceAll(SESSION, other))
    const { sync } = await import('../src/index.ts')
    let first = true
    const report = await sync(ctx, {
      onProgress: () => {
        if (first) rmSync(claudePlace(ctx.home))
        first = false
      },
    })
    expect(report.unreadable).toEqual([{ path: claudePlace(ctx.home), reason: 'cannot be read: ENOENT' }])
    expect(report.sources.claude).toMatchObject({ created: 1 })
    expect(faults(ctx.file)).toEqual([])
  })

  test.each([
    ['zst', zstdCompressSync],
    ['gz', gzipSync],
  ])('compressed as %s gives the same rows, again and again; broken it is reported', async (ending, compress) => {
    const whole = sampleBytes('codex')
    const once = await after([whole], (home) => {
      mkdirSync(dirname(join(home, samples.codex)), { recursive: true })
      return join(home, samples.codex)
    })
    const ctx = await gobby()
    const path = `${ctx.place('codex')}.${ending}`
    writeFileSync(path, compress(whole))
    await ctx.sync([path])
    utimesSync(path, 5, 5)
    await ctx.sync([path])
    expect(contents(ctx.file)).toMatchObject({ messages: once.messages, usage: once.usage, superseded: 0 })
    truncateSync(path, compress(whole).length - 20)
    const report = await ctx.sync([path])
    const get = operations.find(({ name }) => name === 'get_session')!
    const shown = await call(get, ctx, { session_id: '1' })
    // Node's zstd ends where a broken archive ends, without a word.
    if (ending === 'gz') expect([report.unreadable.length, shown.message_count]).toEqual([1, once.messages.length])
    writeFileSync(path, compress(whole))
    await ctx.sync([path])
    expect(contents(ctx.file)).toMatchObject({ messages: once.messages, usage: once.usage, superseded: 0 })
    expect(faults(ctx.file)).toEqual([])
  })
})

describe('files and sessions', () => {
  test('of two files of one session one is read', async () => {
    const ctx = await gobby()
    const path = ctx.place('codex')
    writeFileSync(path, sampleBytes('codex'))
    writeFileSync(`${path}.zst`, zstdCompressSync(sampleBytes('codex')))
    const report = await ctx.sync()
    expect(report).toMatchObject({ sources: { codex: { created: 1, files: 1 } }, skipped_files: [{ reason: 'another copy of the same session' }] })
    const before = contents(ctx.file)
    utimesSync(`${path}.zst`, 7, 7)
    await ctx.sync()
    expect(contents(ctx.file)).toEqual(before)
    rmSync(path)
    utimesSync(`${path}.zst`, 8, 8)
    await ctx.sync()
    expect(contents(ctx.file)).toEqual(before)
  })

  test('a moved file is the same session', async () => {
    const { ctx, path } = await after([lines('one')])
    const moved = join(dirname(dirname(path)), 'elsewhere', `${SESSION}.jsonl`)
    mkdirSync(dirname(moved))
    renameSync(path, moved)
    await ctx.sync()
    appendFileSync(moved, lines('two'))
    await ctx.sync()
    expect(contents(ctx.file)).toMatchObject({ superseded: 0, sessions: [{ message_count: 2, seq_num: 1 }] })
    expect((await only(ctx)).transcript_path).toBe(moved)
  })

  test('a copied folder changes nothing', async () => {
    const { ctx, path } = await after([lines('one', 'two')])
    const before = contents(ctx.file)
    mkdirSync(join(dirname(dirname(path)), 'copy'))
    copyFileSync(path, join(dirname(dirname(path)), 'copy', `${SESSION}.jsonl`))
    await ctx.sync()
    await ctx.sync()
    expect(contents(ctx.file)).toEqual(before)
  })

  test('a sub-agent without its parent makes the parent, whose transcript fills it later', async () => {
    const ctx = await gobby()
    const path = claudePlace(ctx.home)
    const agent = join(dirname(path), SESSION, 'subagents', 'agent-abcdef0123456789a.jsonl')
    mkdirSync(dirname(agent), { recursive: true })
    writeFileSync(agent, `${claudeLine('go', { isSidechain: true, agentId: 'abcdef0123456789a' })}\n${claudeLine('done', { type: 'assistant', isSidechain: true })}\n`)
    await ctx.sync()
    expect(contents(ctx.file).sessions).toMatchObject([{ external_id: SESSION, message_count: 0 }, { relation: 'subagent', parent: SESSION, agent_depth: 1, message_count: 2 }])
    writeFileSync(path, lines('one', 'two'))
    await ctx.sync()
    expect(contents(ctx.file).sessions).toMatchObject([{ external_id: SESSION, message_count: 2, title: 'one' }, { relation: 'subagent', parent: SESSION }])
    expect(faults(ctx.file)).toEqual([])
  })
})

describe('a deleted session', () => {
  const del = operations.find(({ name }) => name === 'delete_session')!

  test('stays away, comes back when asked for, and under a new number when it goes on', async () => {
    const { ctx, path } = await after([lines('one', 'two')])
    expect(await call(del, ctx, { session_id: '1' })).toMatchObject({ count: 1 })
    for (let time = 0; time < 2; time++) {
      const report = await ctx.sync()
      expect(report.sources.claude).toMatchObject({ created: 0 })
      expect(contents(ctx.file).sessions).toEqual([])
    }
    await ctx.sync(undefined, { restore_deleted: true })
    expect(contents(ctx.file)).toMatchObject({ sessions: [{ seq_num: 2, message_count: 2 }] })
    await call(del, ctx, { session_id: '2' })
    await ctx.sync()
    appendFileSync(path, lines('three'))
    // The delete stands at the test's own clock, which says nothing of when this runs.
    utimesSync(path, new Date('2026-11-22T11:00:00Z'), new Date('2026-11-22T11:00:00Z'))
    await ctx.sync()
    expect(contents(ctx.file)).toMatchObject({ sessions: [{ seq_num: 3, message_count: 3 }] })
    await ctx.sync()
    expect(contents(ctx.file).sessions).toHaveLength(1)
    expect(faults(ctx.file)).toEqual([])
  })

  test('stays away also when its transcript had grown before, unread', async () => {
    const { ctx, path } = await after([lines('one', 'two')])
    appendFileSync(path, lines('three'))
    utimesSync(path, new Date('2026-11-22T09:00:00Z'), new Date('2026-11-22T09:00:00Z'))
    ctx.clock.now = NOW
    await call(del, ctx, { session_id: '1' })
    await ctx.sync()
    expect(contents(ctx.file).sessions).toEqual([])
    appendFileSync(path, lines('four'))
    utimesSync(path, new Date('2026-11-22T11:00:00Z'), new Date('2026-11-22T11:00:00Z'))
    await ctx.sync()
    expect(contents(ctx.file).sessions).toMatchObject([{ seq_num: 2, message_count: 4 }])
  })

  test('takes its sub-agents with it, and its files all stay away', async () => {
    const ctx = await gobby()
    fillHome(ctx.home)
    await ctx.sync()
    const parent = (await ctx.store.sessions.list({ include_subagents: true }, 100)).find(({ relation }) => relation === 'subagent')!.parent_session_id!
    const before = contents(ctx.file).sessions.length
    expect(await call(del, ctx, { session_id: parent })).toMatchObject({ count: 2 })
    await ctx.sync()
    await ctx.sync()
    expect(contents(ctx.file).sessions).toHaveLength(before - 2)
  })
})
