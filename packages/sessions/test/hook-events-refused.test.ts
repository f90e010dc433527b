import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from '@gobby/testing/property'
import { describe, expect, test } from 'vitest'
import { GobbyError } from '../src/index.ts'
import { EVENTS, eventOf, home, hooksOf, ID, read, type SourceName, sourceNames, transcriptOf } from './fixtures/hooks/events.ts'

const refused = (act: () => unknown): { code: string; message: string } => {
  try {
    act()
  } catch (error) {
    if (error instanceof GobbyError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('it was not refused')
}

describe.for(sourceNames)('%s: what is refused', (source) => {
  test('what is no event', () => {
    for (const input of [undefined, null, 1, 'text', true, [], [eventOf(source, home(), EVENTS[source].start)]]) {
      expect(refused(() => read(source, home(), input))).toEqual({ code: 'invalid', message: 'A hook event must be a JSON object.' })
    }
  })

  test('no session id, or none that can be one', () => {
    const top = home()
    for (const session_id of [undefined, null, '', ' ', 5, {}, 'a\nb', 'a\0', '\u0085', '\ud800', 'x'.repeat(201)]) {
      expect(refused(() => read(source, top, eventOf(source, top, EVENTS[source].start, { session_id })))).toMatchObject({ code: 'invalid', message: expect.stringContaining('session_id') })
    }
    const long = 'x'.repeat(200)
    expect(read(source, top, eventOf(source, top, EVENTS[source].start, { session_id: long })).external_id).toBe(long)
  })

  test('a transcript outside the CLI’s folders', () => {
    const top = home()
    const folder = dirname(transcriptOf(source, top))
    const outside = [
      '/etc/passwd',
      join(top, 'notes.jsonl'),
      join(top, '.ssh', 'id_ed25519'),
      `${folder}/../../../../../../etc/passwd`,
      'relative.jsonl',
      './a.jsonl',
      `${folder}/a\0b.jsonl`,
      `${folder}/${'x/'.repeat(3000)}a.jsonl`,
      hooksFolder(source, top),
      `${hooksFolder(source, top)}-not/a.jsonl`,
      dirname(hooksFolder(source, top)),
    ]
    for (const transcript_path of outside) {
      expect(refused(() => read(source, top, eventOf(source, top, EVENTS[source].start, { transcript_path })))).toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(/^transcript_path lies outside the folders where this CLI keeps its transcripts: "/),
      })
    }
    // The folder's own name may begin with dots.
    expect(read(source, top, eventOf(source, top, EVENTS[source].start, { transcript_path: `${folder}/..a/b.jsonl` })).transcript_path).toBe(`${folder}/..a/b.jsonl`)
    expect(read(source, top, eventOf(source, top, EVENTS[source].start, { transcript_path: `${folder}/a/../b.jsonl` })).transcript_path).toBe(`${folder}/b.jsonl`)
  })

  test('a link that leads out, or nowhere yet', () => {
    const top = home()
    const folder = dirname(transcriptOf(source, top))
    mkdirSync(folder, { recursive: true })
    const secret = join(home(), 'secret.jsonl')
    writeFileSync(secret, '{}\n')
    symlinkSync(secret, join(folder, 'out.jsonl'))
    symlinkSync(dirname(secret), join(folder, 'outer'))
    symlinkSync(join(dirname(secret), 'later.jsonl'), join(folder, 'later.jsonl'))
    symlinkSync(join(folder, 'round.jsonl'), join(folder, 'round.jsonl'))
    writeFileSync(join(folder, 'real.jsonl'), '{}\n')
    symlinkSync(join(folder, 'real.jsonl'), join(folder, 'within.jsonl'))
    const of = (name: string) => read(source, top, eventOf(source, top, EVENTS[source].start, { transcript_path: join(folder, name) })).transcript_path
    for (const name of ['out.jsonl', 'outer/secret.jsonl', 'outer/new.jsonl', 'later.jsonl', 'later.jsonl/a.jsonl', 'round.jsonl']) expect(refused(() => of(name)).code).toBe('invalid')
    expect(of('within.jsonl')).toBe(join(folder, 'within.jsonl'))
    expect(of('real.jsonl/under-a-file.jsonl')).toBe(join(folder, 'real.jsonl/under-a-file.jsonl'))
  })

  test('not a home that is a link, whichever way it is named', () => {
    const real = home()
    const link = join(home(), 'link')
    symlinkSync(real, link)
    for (const [home_told, path] of [[link, transcriptOf(source, link)], [link, transcriptOf(source, real)], [real, transcriptOf(source, link)]] as const) {
      expect(read(source, home_told, eventOf(source, real, EVENTS[source].start, { transcript_path: path })).transcript_path).toBe(path)
    }
  })

  test('not a folder that the environment names', () => {
    const [top, other] = [home(), home()]
    const variable = { claude: 'CLAUDE_CONFIG_DIR', codex: 'CODEX_HOME', gemini: 'GEMINI_CLI_HOME' }[source]
    const moved = { claude: join(other, 'projects', 'p', `${ID}.jsonl`), codex: join(other, 'sessions', 'x', `rollout-${ID}.jsonl`), gemini: transcriptOf('gemini', other) }[source]
    const event = eventOf(source, top, EVENTS[source].start, { transcript_path: moved })
    expect(read(source, top, event, { [variable]: other }).transcript_path).toBe(moved)
    expect(refused(() => read(source, top, event)).code).toBe('invalid')
  })
})

test.for(['claude', 'codex'] as const)('%s: a sub-agent’s transcript elsewhere is refused too', (source) => {
  const top = home()
  const event = eventOf(source, top, 'SubagentStop', { agent_id: 'a1', agent_type: 'worker', agent_transcript_path: '/etc/passwd' })
  expect(refused(() => read(source, top, event)).message).toContain('agent_transcript_path lies outside')
})

function hooksFolder(source: SourceName, top: string): string {
  return { claude: join(top, '.claude', 'projects'), codex: join(top, '.codex', 'sessions'), gemini: join(top, '.gemini', 'tmp') }[source]
}

const KINDS = [null, 'start', 'prompt', 'turn_end', 'before_compaction', 'end', 'subagent_start', 'subagent_stop', 'other']

describe.for(sourceNames)('%s: any JSON', (source) => {
  const names = fc.constantFrom(...Object.values(EVENTS[source]), 'SubagentStart', 'SubagentStop', 'PreToolUse', 'Interrupt')
  const top = home()
  const path = fc.oneof(
    fc.string().map((name) => join(dirname(transcriptOf(source, top)), name)),
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom('..', '.', '', 'a', '~', '\\'), { maxLength: 12 }).map((parts) => `${dirname(transcriptOf(source, top))}/${parts.join('/')}`),
    fc.jsonValue(),
  )
  const event = fc.record(
    {
      session_id: fc.oneof({ weight: 6, arbitrary: fc.constant(ID) }, fc.string({ unit: 'binary' }), fc.jsonValue()),
      hook_event_name: fc.oneof({ weight: 6, arbitrary: names }, fc.jsonValue()),
      transcript_path: path,
      agent_transcript_path: path,
      cwd: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      prompt: fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.constantFrom('<hook_context>', '</hook_context>', '<system-reminder>', '</system-reminder>', '/x', '\n', '## My request for Codex:', 'do it'), { maxLength: 30 }).map((parts) => parts.join('')), fc.jsonValue()),
      agent_id: fc.oneof(fc.constant('a1'), fc.jsonValue()),
      agent_type: fc.jsonValue(),
      source: fc.oneof(fc.constantFrom('startup', 'clear', 'compact'), fc.jsonValue()),
      trigger: fc.jsonValue(),
      reason: fc.jsonValue(),
      model: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )

  test('gives an event or is refused in a sentence', () => {
    let given = 0
    fc.assert(
      fc.property(fc.oneof({ weight: 8, arbitrary: event }, fc.jsonValue()), (input) => {
        let told
        try {
          told = read(source, top, input)
        } catch (error) {
          expect(error).toBeInstanceOf(GobbyError)
          expect((error as GobbyError).code).toBe('invalid')
          return
        }
        given++
        expect(KINDS).toContain(told.kind)
        expect(told.external_id.length).toBeGreaterThan(0)
        expect(told.external_id.length).toBeLessThanOrEqual(200)
        expect(`${told.external_id}${told.event}${told.cwd ?? ''}${told.transcript_path ?? ''}${told.model ?? ''}`).not.toMatch(/\p{Cc}/u)
        if (told.transcript_path !== null) expect(told.transcript_path.slice(0, top.length + 1)).toBe(`${top}/`)
        expect('prompt' in told).toBe(told.kind === 'prompt')
        expect('beginning' in told).toBe(told.kind === 'start')
        expect('trigger' in told).toBe(told.kind === 'before_compaction')
        expect('reason' in told).toBe(told.kind === 'end')
        if (told.prompt !== undefined) expect(told.prompt).toBe(told.prompt.trim())
      }),
      { numRuns: 1500 },
    )
    expect(given).toBeGreaterThan(200)
  })

  test('is answered with one line of JSON that the CLI takes, or with nothing', () => {
    const answer = fc.record({ context: fc.string({ unit: 'binary' }), notice: fc.string({ unit: 'binary' }) }, { requiredKeys: [] })
    const takes = [EVENTS[source].start, EVENTS[source].prompt]
    let printed = 0
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...takes) }, names, fc.string()), answer, fc.boolean(), (name, said, in_agent) => {
        const out = hooksOf(source).print({ event: name, kind: null, external_id: ID, transcript_path: null, cwd: null, ...(in_agent ? { agent: { external_id: 'a', transcript_path: null } } : {}) }, said)
        if (in_agent || !takes.includes(name) || !(said.context || said.notice)) {
          expect(out).toBe('')
          return
        }
        printed++
        expect(out).not.toMatch(/[\n\r]/)
        // The keys are those of the strictest of the three; none of them stops the CLI or changes what it does.
        expect(JSON.parse(Buffer.from(out).toString())).toEqual({
          ...(said.notice ? { systemMessage: said.notice.toWellFormed() } : {}),
          ...(said.context ? { hookSpecificOutput: { hookEventName: name, additionalContext: said.context.toWellFormed() } } : {}),
        })
      }),
      { numRuns: 500 },
    )
    expect(printed).toBeGreaterThan(50)
  })
})

test.for(sourceNames)('%s: a prompt of megabytes takes no more than its length', (source) => {
  const top = home()
  for (const part of ['<system-reminder>', '<hook_context>', '## My request for Codex:', '--- Content from referenced files ---', '\n# a', '   ']) {
    const prompt = part.repeat(Math.ceil(4_000_000 / part.length))
    expect(read(source, top, eventOf(source, top, EVENTS[source].prompt, { prompt })).prompt?.length).toBeLessThanOrEqual(prompt.length)
  }
})
