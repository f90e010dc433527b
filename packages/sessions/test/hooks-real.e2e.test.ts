import { describe, expect, test } from 'vitest'
import { clis, expectFixpoint, hooked, requestWith, shell, write } from './fixtures/rig/hooked.ts'
import { git, useRig } from './fixtures/rig/stage.ts'

/** What a person adds to a handoff: it must reach the next model, and never come up again as anybody's words. */
const NOTE = 'mind the zebracrossing'

const useClis = useRig()

describe.for(clis)('%s', (cli) => {
  test('headless: a start is numbered, work is seen, a handoff is received once', async ({ skip }) => {
    const rig = useClis(skip)
    const at = await hooked(rig)
    const { cwd, gobby } = at
    const first = await rig.startModel([[write[cli](cwd, 'alpha.txt', 'alpha'), shell[cli]('git add -A && git commit -m "feat: alpha"'), { text: 'Done.' }]])
    const began = await at.cli[cli].run('Build the alpha feature', first)
    expect(began.reached('Gobby Session: #1')).not.toBeNull()
    expect(began.stdout.trim()).toBe('Done.')
    expect(await at.show(1)).toMatchObject({ source: cli, title: 'Build the alpha feature', turn_count: 1, files: ['alpha.txt'], relation: null, parent_ref: null })
    const { commits } = await gobby<{ commits: { hash: string; message: string; certainty: string }[] }>('session', 'commits', '1')
    expect(commits.filter(({ certainty }) => certainty !== 'candidate')).toMatchObject([{ hash: git(cwd, 'rev-parse', 'HEAD'), message: 'feat: alpha', certainty: 'certain' }])

    await gobby('session', 'handoff', NOTE, '--session-id', '1')
    const second = await rig.startModel([[{ text: 'Going on.' }]])
    const next = await at.cli[cli].run('Go on with it', second)
    for (const text of ['Gobby Session: #2', 'Continued from #1', 'Build the alpha feature', 'feat: alpha', NOTE]) expect(requestWith(second, 'Go on with it')).toContain(text)
    expect(next.stdout.trim()).toBe('Going on.')
    expect(await at.show(2)).toMatchObject({ title: 'Go on with it', relation: 'handoff', parent_ref: '#1' })

    const third = await rig.startModel([[{ text: 'Another one.' }]])
    const other = await at.cli[cli].run('Something else', third)
    expect(other.reached('Gobby Session: #3')).not.toBeNull()
    expect(other.reached(NOTE)).toBeNull()
    expect(await at.show(3)).toMatchObject({ title: 'Something else', relation: null, parent_ref: null })
    await expectFixpoint(at, NOTE)
    expect(at.log()).toBe('')
  })

  test('in a terminal: a compaction keeps the number, /clear hands over, each to the model', async ({ skip }) => {
    const rig = useClis(skip)
    const at = await hooked(rig)
    const { cwd } = at
    const model = await rig.startModel([[write[cli](cwd, 'beta.txt', 'beta'), { text: 'Written.' }], [{ text: 'Gone on.' }], [{ text: 'New.' }], [shell[cli](at.inShell('session', 'handoff', NOTE)), { text: 'Newer.' }]])
    const [compact, exit] = { claude: ['/compact', '/exit'], codex: ['/compact', '/quit'], gemini: ['/compress', '/quit'] }[cli] as [string, string]
    const { stdout } = await at.cli[cli].type(['Build the beta feature', compact, 'Go on after it', '/clear', 'A new topic', 'And on', exit], model)
    const compacted = requestWith(model, 'Go on after it')
    for (const text of ['Gobby Session: #1', 'Kept from before the compaction', 'Build the beta feature', 'beta.txt (added)']) expect(compacted).toContain(text)
    const cleared = requestWith(model, 'A new topic')
    for (const text of ['Gobby Session: #2', 'Continued from #1', 'Build the beta feature', 'beta.txt (added)']) expect(cleared).toContain(text)
    expect(requestWith(model, 'And on').split('Continued from #1').length).toBe(2)
    expect((await at.sessions()).map(({ ref, title, relation, parent_ref, turn_count }) => ({ ref, title, relation, parent_ref, turn_count }))).toEqual([
      { ref: '#1', title: 'Build the beta feature', relation: null, parent_ref: null, turn_count: 2 },
      { ref: '#2', title: 'A new topic', relation: 'handoff', parent_ref: '#1', turn_count: 2 },
    ])
    // The session that asked is the new one, though its CLI was started with the other.
    expect(await at.gobby('session', 'context', '2')).toMatchObject({ ref: '#2', compact_markdown: expect.stringContaining(NOTE) })
    const screen = stdout.replace(/\s/g, '')
    for (const notice of ['gobby:session#1', 'gobby:session#2,continues#1']) expect(screen).toContain(notice)
    await expectFixpoint(at)
    expect(at.log()).toBe('')
  })
})
