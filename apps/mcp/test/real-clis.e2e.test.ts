import { beforeAll, describe, expect, test } from 'vitest'
import { clis, hooked, type Hooked } from '../../../packages/sessions/test/fixtures/rig/hooked.ts'
import { openRig, type Model, type Rig, type Step } from '../../../packages/sessions/test/fixtures/rig/rig.ts'
import { BIN } from './client.ts'

const NOTE = 'mind the zebracrossing'
/** As `gobby install` names it. */
const SERVER = 'gobby-sessions'

let rig: Rig
let missing: string | undefined

beforeAll(async () => {
  const opened = await openRig()
  if (typeof opened === 'string') missing = opened
  else rig = opened
  if (missing) console.warn(`The real CLIs are not tried: ${missing}.`)
})

const call = (tool: string, input: object = {}): Step => ({ mcp: SERVER, tool, input }) as Step

/** A place where all three CLIs tell gobby what happens, and have its server. */
async function served(): Promise<Hooked> {
  const at = await hooked(rig)
  const { cwd, home } = at
  const setup = (cli: (typeof clis)[number]) => ({ cli, cwd, home, mcpServers: { [SERVER]: { command: process.execPath, args: [BIN] } } })
  for (const cli of clis) rig.prepareHome(setup(cli))
  return at
}

/** All that the model has been sent after a prompt, as one text without escapes. */
function sent(model: Model): string {
  const last = model.requests('main').at(-1) as { body: unknown }
  return JSON.stringify(last.body).replaceAll('\\', '')
}

/** How each CLI's own session is known: it names it in the request, in the environment, or its hooks named the process. */
const matched = { claude: 'environment', codex: 'client', gemini: 'process' }

describe.for(clis)('%s', (cli) => {
  test('its model finds its own session, hands it over, and lists it', async ({ skip }) => {
    if (missing) skip(missing)
    const at = await served()
    const model = await rig.startModel([[call('get_current_session'), call('create_handoff', { notes: NOTE }), call('list_sessions', { limit: 5 }), call('get_session', { session_id: '#99' }), { text: 'Done.' }]])
    const { code } = await at.cli[cli].run('Build the gamma feature', model)
    expect(code).toBe(0)
    const { external_id, handoffs } = await at.show(1)
    const told = sent(model)
    expect(told).toContain(`"matched_by":"${matched[cli]}"`)
    expect(told).toContain(`"external_id":"${external_id}"`)
    // The newest first; the hooks go on making theirs until the run ends.
    const made = handoffs.findLast(({ made_by }) => made_by === 'agent')
    expect(told).toContain(`"handoff_id":"${made?.handoff_id}"`)
    expect(told).toContain(`"notes":"${NOTE}"`)
    expect(told).toMatch(/"sessions":\[\{"ref":"#1".*?"count":1/)
    expect(told).toContain('No session #99 in project')
    expect(at.log()).toBe('')
  })

  test('after /clear it is the new session that asks', async ({ skip }) => {
    if (missing) skip(missing)
    const at = await served()
    const model = await rig.startModel([[call('get_current_session'), { text: 'The first.' }], [call('get_current_session'), { text: 'The second.' }]])
    const exit = { claude: '/exit', codex: '/quit', gemini: '/quit' }[cli]
    await at.cli[cli].type(['Who am I', '/clear', 'Who am I now', exit], model)
    const [first, second] = [await at.show(1), await at.show(2)]
    const told = sent(model)
    expect(told).toContain(`"external_id":"${second.external_id}"`)
    expect(told).not.toContain(`"external_id":"${first.external_id}"`)
    expect(told).not.toContain('"matched_by":"newest"')
  })
})
