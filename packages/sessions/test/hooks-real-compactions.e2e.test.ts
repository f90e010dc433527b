import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectFixpoint, hooked, requestWith, shell, write } from './fixtures/rig/hooked.ts'
import { useRig } from './fixtures/rig/stage.ts'

const useClis = useRig()

/** What makes each CLI compact by itself, at far fewer tokens than it would. */
const EARLY = {
  claude: { env: { CLAUDE_CODE_AUTO_COMPACT_WINDOW: '20000', CLAUDE_AUTOCOMPACT_PCT_OVERRIDE: '10' } },
  codex: { args: ['-c', 'model_auto_compact_token_limit=3000'] },
}

test.for(['claude', 'codex'] as const)('%s: compacted by itself in the middle of a turn, the model is given the handoff', async (cli, { skip }) => {
  const rig = useClis(skip)
  const at = await hooked(rig)
  const model = await rig.startModel([[write[cli](at.cwd, 'gamma.txt', 'gamma'), shell[cli]('seq 1 3000'), { text: 'Done.' }]])
  const run = await at.cli[cli].run('Build the gamma feature', model, EARLY[cli])
  expect(run.reached('Gobby Session: #1')?.[0]).toMatchObject({ request: 0 })
  for (const text of ['Kept from before the compaction', 'Build the gamma feature', 'gamma.txt (added)']) expect(run.reached(text)).not.toBeNull()
  expect(run.reached('Kept from before the compaction')?.[0]?.request).toBeGreaterThan(0)
  expect(await at.sessions()).toMatchObject([{ ref: '#1', title: 'Build the gamma feature', relation: null, turn_count: 1 }])
  await expectFixpoint(at)
  expect(at.log()).toBe('')
})

test('gemini: compressed by itself before a turn, the model is given the handoff with the next prompt', async ({ skip }) => {
  const rig = useClis(skip)
  const at = await hooked(rig)
  const file = join(at.home, '.gemini', 'settings.json')
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), model: { compressionThreshold: 0.0000001 } }))
  const model = await rig.startModel([[write.gemini(at.cwd, 'gamma.txt', 'gamma'), shell.gemini('seq 1 3000'), { text: 'Done.' }]])
  await at.cli.gemini.type(['Build the gamma feature', 'Go on with one', 'Go on with two', '/quit'], model)
  expect(requestWith(model, 'Go on with one')).not.toContain('Kept from before the compaction')
  for (const text of ['Gobby Session: #1', 'Kept from before the compaction', 'Build the gamma feature', 'gamma.txt (added)']) expect(requestWith(model, 'Go on with two')).toContain(text)
  expect(await at.sessions()).toMatchObject([{ ref: '#1', title: 'Build the gamma feature', relation: null, turn_count: 3 }])
  await expectFixpoint(at)
  expect(at.log()).toBe('')
})
