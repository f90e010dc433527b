import { beforeAll, describe, expect, test } from 'vitest'
import { type App, sampleApp } from './app.ts'

// The commands of the handoff, on the sample transcripts.

let app: App
beforeAll(async () => {
  app = sampleApp()
  await app.run(['session', 'sync'])
})

const idOf = async (source: string): Promise<string> => (await app.json(['session', 'list', '--all', '--source', source])).sessions[0].id

describe.each(['claude', 'codex', 'gemini'])('a session of %s', (source) => {
  test('is handed over: report, page, record', async () => {
    const id = await idOf(source)
    const report = await app.run(['session', 'handoff', 'mind', 'the cat', '--session', id])
    expect(report.code).toBe(0)
    expect(report.stdout).toMatch(/^Handed over \S+#\d+ \(the one you named\)\n {2}Size +[\d,]+ characters, about [\d,]+ tokens\n {2}Goal +yes\n {2}Todos +\d+ open, \d+ done\n {2}Files +\d+\n {2}Commits +\d+\n {2}Uncommitted no repository\n/)
    const page = await app.run(['session', 'context', id])
    expect(page.stdout).toMatch(/^## Continuation Context\n\n### Original Goal\n/)
    expect(page.stdout).toMatch(/### Notes\nmind the cat\n/)
    expect((await app.run(['session', 'handoff', 'mind the cat', '--session-id', id, '--print'])).stdout.trim()).toBe(page.stdout.trim())
    expect((await app.run(['session', 'handoff', 'mind the cat', '--session-id', id])).stdout).toMatch(/^Handed over before, and nothing has changed since: \S+#/)
    const answer = await app.json(['session', 'handoff', 'mind the cat', '--session-id', id])
    expect(Object.keys(answer)).toEqual(expect.arrayContaining(['success', 'session_id', 'ref', 'handoff_id', 'markdown_length', 'masked', 'context']))
    expect(answer.context.notes).toBe('mind the cat')
    const shown = await app.json(['session', 'show', id])
    expect(shown.handoffs).toEqual([{ handoff_id: answer.handoff_id, created_at: expect.any(String), made_by: 'person' }])
    expect((await app.run(['session', 'show', id])).stdout).toMatch(/^handoff\t.*person$/m)
  })

  test('lists its commits, and is found by them', async () => {
    const id = await idOf(source)
    const { commits, count } = await app.json(['session', 'commits', id])
    expect(count).toBe(commits.length)
    for (const { hash } of commits.filter((commit: { hash: string | null }) => commit.hash)) {
      const found = await app.json(['session', 'by-commit', hash])
      expect(found.sessions.map((session: { session_id: string }) => session.session_id)).toContain(id)
    }
    expect((await app.run(['session', 'commits', id, '--max', '1'])).stdout.split('\n').length).toBeLessThanOrEqual(2)
  })
})

describe('bad input', () => {
  test.each([
    ['no handoff yet', ['session', 'context', 'NEW'], 3, /has no handoff[^]*gobby session handoff --session/],
    ['a ref not there', ['session', 'context', '999'], 3, /No session 999/],
    ['no ref', ['session', 'commits'], 2, /#3/],
    ['notes too long', ['session', 'handoff', 'x'.repeat(4001)], 2, /at most 4000 characters/],
    ['--max out of range', ['session', 'commits', 'NEW', '--max', '0'], 2, /--max must be a whole number from 1 to 200/],
    ['a commit that is none', ['session', 'by-commit', 'xyz'], 2, /4 to 64 hexadecimal/],
    ['a commit nobody made', ['session', 'by-commit', 'ffffffff'], 3, /No session is known/],
  ])('%s', async (_name, args, code, stderr) => {
    const fresh = sampleApp()
    await fresh.run(['session', 'sync'])
    const { sessions } = await fresh.json(['session', 'list', '--all'])
    const result = await fresh.run(args.map((arg) => (arg === 'NEW' ? sessions[0].id : arg)))
    expect(result).toMatchObject({ code, stderr: expect.stringMatching(stderr) })
  })

  test('no session at all', async () => {
    expect(await sampleApp().run(['session', 'handoff'])).toMatchObject({ code: 3, stderr: expect.stringMatching(/No project is known[^]*gobby session sync/) })
  })
})
