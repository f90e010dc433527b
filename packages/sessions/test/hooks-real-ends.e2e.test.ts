import { describe, expect, test } from 'vitest'
import { clis, hooked, write } from './fixtures/rig/hooked.ts'
import { useRig } from './fixtures/rig/stage.ts'

const useClis = useRig()

describe.for(clis)('%s', (cli) => {
  test('killed: a sweep expires it, and none that is alive', async ({ skip }) => {
    const rig = useClis(skip)
    const at = await hooked(rig)
    const model = await rig.startModel([[write[cli](at.cwd, 'k.txt', 'k'), { text: 'never', delayMs: 240_000 }]])
    const { promise: spawned, resolve: spawn } = Promise.withResolvers<number>()
    const run = at.cli[cli].run('Work until you are killed', model, { onSpawn: spawn })
    const pid = await spawned
    await expect.poll(() => model.requests('main').length, { timeout: 200_000 }).toBeGreaterThanOrEqual(2)
    await at.gobby('session', 'sync')
    const { status } = await at.show(1)
    process.kill(-pid, 'SIGKILL')
    expect((await run).signal).toBe('SIGKILL')
    expect(status).toBe('active')
    await at.gobby('session', 'sync')
    expect(await at.show(1)).toMatchObject({ title: 'Work until you are killed', status: 'expired', files: ['k.txt'] })
  })

  test('ended by a signal or two Ctrl-C: no session stays active', async ({ skip }) => {
    const rig = useClis(skip)
    const at = await hooked(rig)
    const hello = () => rig.startModel([[{ text: 'Hello.' }]])
    await at.cli[cli].type(['End by a signal', { signal: 'SIGTERM', wait: 20_000 }], await hello())
    await at.cli[cli].type(['End by keys', { keys: rig.keys.ctrlC, wait: 300 }, { keys: rig.keys.ctrlC }], await hello())
    await at.gobby('session', 'sync')
    // Codex tells no end by a signal: the process is gone, which is all that a sweep needs.
    const by_signal = cli === 'codex' ? { status: 'expired', last_event: 'turn_end' } : { status: 'handoff_ready', last_event: 'end' }
    expect(await at.sessions()).toMatchObject([by_signal, { status: 'handoff_ready', last_event: 'end' }])
    expect(at.log()).toBe('')
  })
})

test('codex: a turn that is interrupted has ended', async ({ skip }) => {
  const rig = useClis(skip)
  const at = await hooked(rig)
  const model = await rig.startModel([[{ text: 'never', delayMs: 240_000 }]])
  const asked = () => model.requests('main').length > 0
  await at.cli.codex.type([{ send: 'Work until you are interrupted', until: asked }, { keys: rig.keys.escape, wait: 5000 }, { signal: 'SIGKILL' }], model)
  await at.gobby('session', 'sync')
  expect(await at.show(1)).toMatchObject({ last_event: 'turn_end', status: 'expired' })
  expect(at.log()).toBe('')
})
