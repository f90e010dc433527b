import { describe, expect, test } from 'vitest'
import { clis, hooked, write } from './fixtures/rig/hooked.ts'
import { useRig } from './fixtures/rig/stage.ts'

const useClis = useRig()

describe.for(clis)('%s', (cli) => {
  test('killed: a sweep expires it, and none that is alive', async ({ skip }) => {
    const rig = useClis(skip)
    const at = await hooked(rig)
    const model = await rig.startModel([[write[cli](at.cwd, 'k.txt', 'k'), { text: 'never', delayMs: 40_000 }]])
    const statuses: string[] = []
    let killed = (): void => undefined
    const done = new Promise<void>((resolve) => (killed = resolve))
    const run = at.cli[cli].run('Work until you are killed', model, {
      onSpawn: (pid) => {
        void (async () => {
          await expect.poll(() => model.requests('main').length, { timeout: 30_000 }).toBeGreaterThanOrEqual(2)
          await at.gobby('session', 'sync')
          statuses.push((await at.show(1)).status)
          process.kill(-pid, 'SIGKILL')
          killed()
        })()
      },
    })
    await done
    expect((await run).signal).toBe('SIGKILL')
    expect(statuses).toEqual(['active'])
    await at.gobby('session', 'sync')
    expect(await at.show(1)).toMatchObject({ title: 'Work until you are killed', status: 'expired', files: ['k.txt'] })
  })

  test('ended by a signal or two Ctrl-C: no session stays active', async ({ skip }) => {
    const rig = useClis(skip)
    const at = await hooked(rig)
    const hello = () => rig.startModel([[{ text: 'Hello.' }]])
    await at.cli[cli].type(['End by a signal', { signal: 'SIGTERM', wait: 2000 }], await hello())
    await at.cli[cli].type(['End by keys', { keys: rig.keys.ctrlC, wait: 300 }, { keys: rig.keys.ctrlC }], await hello())
    await at.gobby('session', 'sync')
    // Codex tells no end by a signal: the process is gone, which is all that a sweep needs.
    const by_signal = cli === 'codex' ? { status: 'expired', last_event: 'turn_end' } : { status: 'handoff_ready', last_event: 'end' }
    expect(await at.sessions()).toMatchObject([by_signal, { status: 'handoff_ready', last_event: 'end' }])
    expect(at.log()).toBe('')
  })
})
