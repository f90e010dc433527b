import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir, tempRepo } from '@gobby/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { type App, sampleApp } from './app.ts'

// The command table of issue 2, line by line, on the sample transcripts.

let app: App
beforeAll(async () => {
  app = sampleApp()
  await app.run(['session', 'sync'])
})

describe('session sync', () => {
  test('counts per source; a second one finds nothing new', async () => {
    const fresh = sampleApp()
    const first = await fresh.json(['session', 'sync'])
    expect(first.sources.claude).toMatchObject({ files: 4, created: 4, updated: 0, unchanged: 0, skipped_lines: 0 })
    expect(first.sources.codex.created + first.sources.gemini.created).toBe(4)
    expect(Object.keys(first)).toEqual(expect.arrayContaining(['sources', 'skipped_files', 'alarms']))
    const { stdout } = await fresh.run(['session', 'sync'])
    expect(stdout).toContain('source\tclaude\t4\t0\t0\t4\t0\t0\n')
    expect((await fresh.run(['session', 'sync'], { terminal: true })).stdout).toMatch(/UNCHANGED[^]*claude/)
  })

  test('takes paths and --source', async () => {
    const fresh = sampleApp()
    const path = join(fresh.env.CLAUDE_CONFIG_DIR as string, 'projects/-home-sam-code-cider-press')
    expect((await fresh.json(['session', 'sync', path])).sources.claude.created).toBe(1)
    expect(Object.keys((await fresh.json(['session', 'sync', '--source', 'codex'])).sources)).toEqual(['codex'])
  })

  test('exit 1 only for a named path that cannot be read', async () => {
    const odd = tempDir()
    writeFileSync(join(odd, 'notes.jsonl'), 'hello\n')
    writeFileSync(join(odd, 'empty.jsonl'), '')
    const passed = await app.run(['session', 'sync', odd])
    expect(passed.code).toBe(0)
    expect(passed.stdout).toContain('empty.jsonl\tempty')
    const { code, stdout } = await app.run(['session', 'sync', join(odd, 'nothing')])
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringContaining('unreadable\t') })
  })

  test('--restore-deleted brings back what was deleted', async () => {
    const fresh = sampleApp()
    await fresh.run(['session', 'sync'])
    const { sessions } = await fresh.json(['session', 'list'])
    expect((await fresh.json(['session', 'delete', sessions[0].id, '--yes'])).count).toBe(1)
    await fresh.run(['session', 'sync'])
    expect((await fresh.run(['session', 'show', sessions[0].external_id])).code).toBe(3)
    await fresh.run(['session', 'sync', '--restore-deleted'])
    expect((await fresh.run(['session', 'show', sessions[0].external_id])).code).toBe(0)
  })
})

describe('session list', () => {
  test('outside a project shows all, newest first, in a pipe as complete values', async () => {
    const { stdout, stderr } = await app.run(['session', 'list'])
    const rows = stdout.trimEnd().split('\n').map((line) => line.split('\t'))
    expect(rows).toHaveLength(7)
    expect(rows.map(([, , , when]) => when)).toEqual(rows.map(([, , , when]) => when).toSorted().toReversed())
    expect(rows[1]).toEqual(['cider-press#1', 'expired', 'claude', '2026-11-20T07:35:54.548Z', '4', '26905', 'main', expect.stringMatching(/^What does .*\?$/), ''])
    expect(stderr).toBe('')
  })

  test('of one project: plain numbers', async () => {
    const { stdout } = await app.run(['session', 'list', '--project', 'cider-press'])
    expect(stdout).toMatch(/^#1\texpired\tclaude/)
    const named = await app.run(['session', 'list'], { env: { GOBBY_PROJECT: 'cider-press' } })
    expect(named.stdout).toBe(stdout)
    expect((await app.run(['session', 'list', '--all'], { env: { GOBBY_PROJECT: 'cider-press' } })).stdout).toContain('orchard#')
  })

  test('filters and pages', async () => {
    expect((await app.json(['session', 'list', '--source', 'gemini'])).count).toBe(2)
    expect((await app.json(['session', 'list', '--status', 'archived'])).count).toBe(0)
    expect((await app.json(['session', 'list', '--subagents'])).count).toBe(8)
    const { sessions, next_cursor } = await app.json(['session', 'list', '--limit', '5'])
    const rest = await app.json(['session', 'list', '--limit', '5', '--cursor', next_cursor])
    expect(new Set([...sessions, ...rest.sessions].map(({ id }: { id: string }) => id)).size).toBe(7)
    expect(rest.next_cursor).toBeNull()
  })

  test('of a time', async () => {
    const of = async (...span: string[]) => ((await app.json(['session', 'list', ...span])).sessions as { ref: string }[]).map(({ ref }) => ref)
    const all = await of()
    expect(all).toHaveLength(7)
    expect(await of('--since', '2026-11-18')).toEqual(all.slice(0, 3))
    expect(await of('--until', '2026-11-18')).toEqual(all.slice(3))
    expect(await of('--since', '2026-10-01', '--until', '2026-11-18')).toEqual(all.slice(3, 5))
    // From its instant on, and before that one.
    expect(await of('--since', '2026-11-20T07:35:54.548Z', '--until', '2026-11-21T16:30:31.853Z')).toEqual([all[1]])
    expect((await app.run(['session', 'list', '--since', '2027-01-01'])).stderr).toBe('No session matches. See them all: gobby session list --all\n')
    const { next_cursor } = await app.json(['session', 'list', '--until', '2026-11-18', '--limit', '1'])
    expect(await of('--until', '2026-11-18', '--cursor', next_cursor)).toEqual(all.slice(4))
  })

  test('on a narrow terminal: fewer columns, no line too long', async () => {
    const head = async (columns: number) => {
      const { stdout } = await app.run(['session', 'list'], { terminal: true, columns, env: { NO_COLOR: '1' } })
      for (const line of stdout.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
      return stdout.split('\n')[0]?.split(/ +/).join(' ')
    }
    expect(await head(100)).toBe('REF STATUS SOURCE WHEN MSGS TOKENS BRANCH TITLE')
    expect(await head(80)).toBe('REF STATUS SOURCE WHEN MSGS TOKENS TITLE')
    expect(await head(66)).toBe('REF STATUS SOURCE WHEN TITLE')
    expect(await head(48)).toBe('REF STATUS WHEN TITLE')
    const stats = await app.run(['session', 'stats'], { terminal: true, columns: 64, env: { NO_COLOR: '1' } })
    expect(stats.stdout).not.toContain('…')
  })

  test('on a terminal: a table as wide as the terminal, and how to go on', async () => {
    const { stdout, stderr } = await app.run(['session', 'list', '--limit', '3'], { terminal: true, columns: 100, env: { NO_COLOR: '1' } })
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^REF +STATUS +SOURCE +WHEN +MSGS +TOKENS +BRANCH +TITLE$/)
    expect(rows).toHaveLength(3)
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(100)
    expect(stdout).toContain('○ expired')
    expect(stdout).toContain('26.9K')
    expect(stderr).toMatch(/^More: gobby session list --limit 3 --cursor \S+\n$/)
    const colour = await app.run(['session', 'list'], { terminal: true })
    expect(colour.stdout).toContain('\u001b[')
    expect((await app.run(['session', 'list'], { terminal: true, env: { TERM: 'dumb' } })).stdout).not.toContain('\u001b')
  })

  test('without sessions says what to do', async () => {
    const { code, stdout, stderr } = await sampleApp().run(['session', 'list'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('gobby session sync')
  })
})

test('session show: every form of a ref, everything about the session', async () => {
  const answer = await app.json(['session', 'show', '4', '--project', 'orchard'])
  expect(answer).toMatchObject({ ref: '#4', project: 'orchard', source: 'claude', git_branch: 'frost-alerts', skipped_reasons: {} })
  expect(answer.children).toEqual([{ ref: '#5', id: expect.any(String), relation: 'subagent' }])
  expect(answer.tools).toMatchObject({ Edit: 2 })
  expect(answer.files).toContain('src/scheduler.ts')
  for (const ref of ['orchard#4', answer.id, answer.id.slice(0, 9), answer.external_id]) {
    expect((await app.json(['session', 'show', ref])).id, ref).toBe(answer.id)
  }
  for (const ref of ['#4', '4']) expect((await app.json(['session', 'show', ref, '-p', 'orchard'])).id).toBe(answer.id)
  const { stdout } = await app.run(['session', 'show', 'orchard#4'])
  for (const line of ['title\tFrost alerts by e-mail', 'child\t#5 (subagent)', 'file\tsrc/scheduler.ts', 'skipped_lines\t0']) expect(stdout).toContain(`${line}\n`)
  expect(stdout).toMatch(/^tokens of claude-\S+\tinput \d+/m)
  const shown = await app.run(['session', 'show', 'orchard#4'], { terminal: true, env: { NO_COLOR: '1' } })
  expect(shown.stdout).toMatch(/^orchard#4 {2}Frost alerts by e-mail\n/)
  expect((await app.run(['session', 'show', 'orchard#5'])).stdout).toContain('parent\t#4\n')
})

describe('session messages', () => {
  test('pages, filters, tail', async () => {
    const all = await app.json(['session', 'messages', 'orchard#4'])
    expect(all).toMatchObject({ ref: '#4', limit: 50, offset: 0, total_count: all.messages.length })
    const part = await app.json(['session', 'messages', 'orchard#4', '--limit', '2', '--offset', '3'])
    expect(part.messages).toEqual(all.messages.slice(3, 5))
    expect((await app.json(['session', 'messages', 'orchard#4', '--tail', '2'])).messages).toEqual(all.messages.slice(-2))
    const users = await app.json(['session', 'messages', 'orchard#4', '--role', 'user', '--type', 'text'])
    expect(users.messages.every(({ role, content_type }: Record<string, string>) => role === 'user' && content_type === 'text')).toBe(true)
    expect((await app.json(['session', 'messages', 'orchard#4', '--tool', 'Edit'])).total_count).toBe(4)
  })

  test('in a pipe whole, on a terminal harmless and cut', async () => {
    const fresh = sampleApp()
    const folder = tempDir()
    const long = `\u001b]0;title\u0007\u001b[2Jred\u0008 ${'line\n'.repeat(100)}end`
    const path = join(fresh.env.CLAUDE_CONFIG_DIR as string, 'projects/-home-sam-code-cider-press/e3b45c1a-90d8-47f6-b2aa-5f7d18e6c044.jsonl')
    const text = readFileSync(path, 'utf8').replace(/What does the press controller do/, JSON.stringify(long).slice(1, -1))
    const copy = join(folder, 'e3b45c1a-90d8-47f6-b2aa-5f7d18e6c044.jsonl')
    writeFileSync(copy, text)
    await fresh.run(['session', 'sync', copy])
    const piped = await fresh.run(['session', 'messages', '1'])
    expect(piped.stdout).toContain(long)
    const shown = await fresh.run(['session', 'messages', '1'], { terminal: true, env: { NO_COLOR: '1' } })
    expect(shown.stdout).not.toMatch(/[^\P{Cc}\n\t]/u)
    expect(shown.stdout).toMatch(/red line\nline\n[^]*… \d+ more lines/)
    const list = await fresh.run(['session', 'list'], { terminal: true, env: { NO_COLOR: '1' } })
    expect(list.stdout).not.toMatch(/[^\P{Cc}\n\t]/u)
  })
})

test('session search: words, filters, highlight', async () => {
  const found = await app.json(['session', 'search', 'harvest', 'report'])
  expect(found.query).toBe('harvest report')
  expect(found.results[0]).toMatchObject({ ref: 'orchard#3', project: 'orchard', role: expect.any(String), message_index: expect.any(Number) })
  expect(found.results[0].snippet).toContain('<mark>')
  const piped = await app.run(['session', 'search', 'harvest'])
  expect(piped.stdout).toMatch(/^orchard#3\t\d+\t\w+\t2026-/)
  expect(piped.stdout).not.toContain('<mark>')
  expect((await app.run(['session', 'search', 'harvest'], { terminal: true })).stdout).toContain('\u001b[1m')
  const without = await app.run(['session', 'search', '--json', '--', 'harvest', '-report'])
  expect(without.code).toBe(0)
  expect(without.stdout).not.toMatch(/<mark>report/i)
  const within = await app.json(['session', 'search', 'the', '--session', '3', '--project', 'orchard', '--role', 'user', '--sort', 'newest', '--limit', '2'])
  expect(within.results.every(({ ref, role }: Record<string, string>) => ref === '#3' && role === 'user')).toBe(true)
  for (const more of [['--since', '2027-01-01'], ['--until', '2020-01-01'], ['--tool', 'nothing'], ['--project', 'cider-press']]) {
    expect((await app.json(['session', 'search', 'harvest', ...more])).count, more.join(' ')).toBe(0)
  }
  for (const query of ['"unclosed', 'a/b.ts', 'foo_bar', 'C++', '🍏', '((', "it's"]) {
    expect((await app.run(['session', 'search', '--', query])).code, query).toBe(0)
  }
  const nothing = await app.run(['session', 'search', 'xyzzyxyzzy'])
  expect(nothing).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('Nothing found') })
})

test('session delete: asks, and without a terminal wants --yes', async () => {
  const fresh = sampleApp()
  await fresh.run(['session', 'sync'])
  const refused = await fresh.run(['session', 'delete', 'orchard#4'])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("gobby session delete 'orchard#4' --yes") })
  expect((await fresh.run(['session', 'delete', 'orchard#4', 'orchard#99', '--yes'])).code).toBe(3)
  expect((await fresh.run(['session', 'show', 'orchard#4'])).code).toBe(0)
  const answer = await fresh.json(['session', 'delete', 'orchard#4', 'cider-press#1', '--yes'])
  expect(answer.count).toBe(3)
  expect(answer.deleted).toEqual(expect.arrayContaining(['orchard#4', 'orchard#5', 'cider-press#1']))
})

test('session stats', async () => {
  const stats = await app.json(['session', 'stats'])
  expect(stats).toMatchObject({ total: 7, by_source: { claude: 3, codex: 2, gemini: 2 }, timezone: 'America/Chicago' })
  expect(stats.by_day.length).toBeGreaterThan(3)
  expect((await app.json(['session', 'stats', '--project', 'cider-press'])).total).toBe(1)
  expect((await app.json(['session', 'stats', '--subagents'])).total).toBe(8)
  expect((await app.json(['session', 'stats', '--since', '2027-01-01'])).total).toBe(0)
  expect((await app.run(['session', 'stats'])).stdout).toContain('source\tclaude\t3\n')
  expect((await app.run(['session', 'stats'], { terminal: true })).stdout).toContain('█')
})

test('project list, project show, init', async () => {
  const { projects, count } = await app.json(['project', 'list'])
  expect(count).toBe(2)
  expect(projects[0]).toMatchObject({ name: 'orchard', session_count: 6, path: '/home/sam/code/orchard' })
  expect((await app.run(['project', 'list'])).stdout).toMatch(/^orchard\t6\t/)
  expect((await app.json(['project', 'show', 'orchard'])).id).toBe(projects[0].id)
  const outside = await app.run(['project', 'show'])
  expect(outside).toMatchObject({ code: 3, stderr: expect.stringContaining('gobby init') })

  const repo = tempRepo()
  const made = await app.json(['init', '--name', 'apples'], { cwd: repo.path })
  expect(made).toMatchObject({ name: 'apples', created: true })
  expect(JSON.parse(readFileSync(join(repo.path, '.gobby/project.json'), 'utf8'))).toEqual({ id: made.id, name: 'apples' })
  expect((await app.json(['project', 'show'], { cwd: repo.path })).name).toBe('apples')
  const empty = await app.run(['session', 'list'], { cwd: repo.path })
  expect(empty.stderr).toMatch(/of this project yet[^]*gobby session list --all/)
  expect(existsSync(join(app.cwd, '.gobby'))).toBe(false)
})

describe('what was cut', () => {
  const cut: [string[], RegExp][] = [
    [['session', 'list', '--limit', '2'], /^More: gobby session list --limit 2 --cursor \S+\n$/],
    [['session', 'messages', 'orchard#4', '--limit', '2'], /^2 of 19 messages\. More: gobby session messages 'orchard#4' --limit 2 --offset 2\n$/],
    [['session', 'search', '--limit', '2', '--', 'frost', '-mail'], /^2 shown; there may be more: gobby session search --limit 200 -- frost -mail\n$/],
    [['hub', 'sessions', '--limit=3'], /^3 shown; there may be more: gobby hub sessions --limit 200\n$/],
  ]

  test.each(cut)('%j: said to who looks, also where the list goes on to a program; not to a script', async (args, note) => {
    const { stdout, stderr } = await app.run(args, { terminal: 'stderr' })
    expect(stderr).toMatch(note)
    expect(await app.run(args)).toEqual({ code: 0, stdout, stderr: '' })
    const more = /gobby (.+)\n$/.exec(stderr)?.[1]?.replaceAll("'", '').split(' ') ?? []
    const next = await app.run(more)
    expect(next.code).toBe(0)
    expect(next.stdout).not.toBe('')
    expect(next.stdout).not.toBe(stdout)
  })

  test('nothing where all is there', async () => {
    for (const args of [['session', 'list'], ['session', 'messages', 'orchard#4'], ['session', 'search', 'harvest', '--limit', '200'], ['hub', 'sessions']]) {
      expect((await app.run(args, { terminal: 'stderr' })).stderr, args.join(' ')).toBe('')
    }
  })
})

test('hints can be pasted', async () => {
  const { stderr } = await app.run(['session', 'context', '#3', '--project', 'orchard'])
  expect(stderr).toContain("Make one: gobby session handoff --session '#3' --project orchard\n")
  for (const query of ['pressure sensor', '-sensor pressure']) {
    const missed = await app.run(['session', 'search', '--project', 'orchard', '--', ...query.split(' '), 'drops'])
    const hint = missed.stderr.replace(/^Nothing found\. In all projects: /, '').trim()
    expect(hint).toBe(`gobby session search --all ${query.startsWith('-') ? '-- ' : ''}'${query} drops'`)
  }
  expect((await app.run(['session', 'search', '--all', 'pressure sensor drops'])).stdout).toMatch(/^cider-press#1\t/)
  expect((await app.run(['session', 'search', 'pressure', '--session', 'orchard#3', '--project', 'orchard'])).stderr).not.toContain('--all')
})

test('session sync of nothing shows no list of it', async () => {
  const fresh = sampleApp()
  const { code, stderr } = await fresh.run(['session', 'sync', join(tempDir(), 'nothing')], { terminal: true, env: { NO_COLOR: '1' } })
  expect(code).toBe(1)
  expect(stderr).not.toContain('gobby session list')
  const { stdout } = await fresh.run(['session', 'stats'], { terminal: true, env: { NO_COLOR: '1' } })
  expect(stdout).toBe('sessions    0\nmessages    0\ntool calls  0\n')
})

test('session show: a day is told once', async () => {
  const { stdout } = await app.run(['session', 'show', 'orchard#1'], { terminal: true, env: { NO_COLOR: '1' } })
  expect(stdout).toMatch(/^started +2026-07-10 \d\d:\d\d:\d\d$/m)
  expect(stdout).toMatch(/^updated +\S+ \S+ \((now|\d+m ago)\)$/m)
})
