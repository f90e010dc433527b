import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AGENT, EVENTS, eventOf, home, hooksOf, ID, read, type SourceName, sourceNames, transcriptOf } from './fixtures/hooks/events.ts'

const kindsOf = (source: SourceName, names: string): unknown => {
  const top = home()
  return Object.fromEntries(names.split(' ').map((name) => [name, read(source, top, eventOf(source, top, name)).kind]))
}
const each = (kind: string, names: string) => Object.fromEntries(names.split(' ').map((name) => [name, kind]))

describe('what an event is', () => {
  test('Claude Code', () => {
    const others =
      'PreToolUse PostToolUse PostToolUseFailure PostToolBatch Notification UserPromptExpansion PostCompact PreModelSwitch PostModelSwitch ' +
      'PermissionRequest PermissionDenied Setup TeammateIdle TaskCreated TaskCompleted Elicitation ElicitationResult ConfigChange ' +
      'WorktreeCreate WorktreeRemove InstructionsLoaded CwdChanged FileChanged DirectoryAdded MessageDisplay'
    expect(kindsOf('claude', others)).toEqual(each('other', others))
    expect(kindsOf('claude', 'SessionStart UserPromptSubmit Stop StopFailure PreCompact SessionEnd SubagentStart')).toEqual({
      SessionStart: 'start',
      UserPromptSubmit: 'prompt',
      Stop: 'turn_end',
      StopFailure: 'turn_end',
      PreCompact: 'before_compaction',
      SessionEnd: 'end',
      SubagentStart: 'subagent_start',
    })
  })

  test('Codex', () => {
    const others = 'PreToolUse PostToolUse PermissionRequest PostCompact PreModelRequest PostModelRequest'
    expect(kindsOf('codex', others)).toEqual(each('other', others))
    expect(kindsOf('codex', 'SessionStart UserPromptSubmit Stop Interrupt PreCompact SessionEnd SubagentStart SubagentStop')).toEqual({
      SessionStart: 'start',
      UserPromptSubmit: 'prompt',
      Stop: 'turn_end',
      Interrupt: 'turn_end',
      PreCompact: 'before_compaction',
      SessionEnd: 'end',
      SubagentStart: 'subagent_start',
      SubagentStop: 'subagent_stop',
    })
    expect(hooksOf('codex')).toMatchObject({ clears_silently: true })
  })

  test('Gemini CLI', () => {
    const others = 'BeforeModel AfterModel BeforeToolSelection BeforeTool AfterTool Notification'
    expect(kindsOf('gemini', others)).toEqual(each('other', others))
    expect(kindsOf('gemini', 'SessionStart BeforeAgent AfterAgent PreCompress SessionEnd')).toEqual({
      SessionStart: 'start',
      BeforeAgent: 'prompt',
      AfterAgent: 'turn_end',
      PreCompress: 'before_compaction',
      SessionEnd: 'end',
    })
    expect(hooksOf('gemini')).toMatchObject({ compacts_silently: true })
  })

  test.for(sourceNames)('%s: another CLI’s event, one of tomorrow, or none is told without a meaning', (source) => {
    const top = home()
    for (const name of ['sessionstart', 'MindRead', 'constructor', '__proto__']) expect(read(source, top, eventOf(source, top, name))).toMatchObject({ kind: null, event: name })
    for (const name of [undefined, null, 7, '', 'x'.repeat(201), 'a\nb']) expect(read(source, top, eventOf(source, top, '', { hook_event_name: name }))).toMatchObject({ kind: null, event: 'unnamed' })
    const foreign = { claude: 'BeforeAgent', codex: 'PreCompress', gemini: 'UserPromptSubmit' }[source]
    expect(read(source, top, eventOf(source, top, foreign)).kind).toBeNull()
  })
})

describe.for(sourceNames)('%s: what an event says', (source) => {
  const names = EVENTS[source]

  test('a start', () => {
    const top = home()
    const start = (fields: Record<string, unknown>) => read(source, top, eventOf(source, top, names.start, fields))
    expect(start({ source: 'startup', model: 'a-model' })).toEqual({
      event: names.start,
      kind: 'start',
      external_id: ID,
      transcript_path: transcriptOf(source, top),
      cwd: '/home/kim/tide',
      model: 'a-model',
      beginning: 'startup',
    })
    expect(['resume', 'clear', 'compact', 'fork'].map((beginning) => start({ source: beginning }).beginning)).toEqual(['resume', 'clear', 'compact', 'fork'])
    for (const unknown of ['rebirth', '', null, 3, undefined]) expect(start({ source: unknown }).beginning).toBe('startup')
  })

  test('an end, a compaction, a turn’s end', () => {
    const top = home()
    const end = (reason: unknown) => read(source, top, eventOf(source, top, names.end, { reason })).reason
    expect(['clear', 'other', 'exit', 'resume', 'logout', 'prompt_input_exit', undefined, 4].map(end)).toEqual(['clear', ...Array<string>(7).fill('other')])
    const trigger = (given: unknown) => read(source, top, eventOf(source, top, names.before_compaction, { trigger: given })).trigger
    expect(['manual', 'auto', undefined, []].map(trigger)).toEqual(['manual', 'auto', 'auto', 'auto'])
    expect(read(source, top, eventOf(source, top, names.turn_end, { stop_hook_active: false, last_assistant_message: 'x', prompt: 'y' }))).not.toHaveProperty('prompt')
  })

  test('what is missing or of a wrong type counts as absent', () => {
    const top = home()
    for (const odd of [undefined, null, 0, true, '', [], {}]) {
      const told = read(source, top, eventOf(source, top, names.prompt, { transcript_path: odd, cwd: odd, model: odd, prompt: odd }))
      expect(told).toEqual({ event: names.prompt, kind: 'prompt', external_id: ID, transcript_path: null, cwd: null, prompt: '' })
    }
    const told = read(source, top, eventOf(source, top, names.start, { cwd: 'tide', model: 'x'.repeat(201) }))
    expect(told.cwd).toBeNull()
    expect(told).not.toHaveProperty('model')
    expect(read(source, top, { session_id: ID })).toEqual({ event: 'unnamed', kind: null, external_id: ID, transcript_path: null, cwd: null })
  })

  test('keys that nobody knows do no harm', () => {
    const top = home()
    const plain = eventOf(source, top, names.prompt, { prompt: 'Build it' })
    expect(read(source, top, { ...plain, later: { than: ['this'] }, constructor: 1, toString: 2 })).toEqual(read(source, top, plain))
  })

  test('an ordinary prompt', () => {
    const top = home()
    const prompt = (text: string) => read(source, top, eventOf(source, top, names.prompt, { prompt: text })).prompt
    expect(prompt('Fix the tide table\n\n<b>now</b> 🎉\n')).toBe('Fix the tide table\n\n<b>now</b> 🎉')
    expect(prompt('/home/kim/tide/a.ts is broken')).toBe('/home/kim/tide/a.ts is broken')
    expect(prompt(' \n ')).toBe('')
  })
})

describe('what the person wrote', () => {
  const promptOf = (source: SourceName, prompt: string, fields: Record<string, unknown> = {}) => {
    const top = home()
    return read(source, top, eventOf(source, top, EVENTS[source].prompt, { prompt, ...fields })).prompt
  }

  test('Claude Code: no command, no report of a task, no reminder, nothing that a timer sent', () => {
    expect(promptOf('claude', '/review 12')).toBe('')
    expect(promptOf('claude', '/plugin:greet Kim')).toBe('')
    expect(promptOf('claude', '<task-notification>\n<task-id>a90c</task-id>\n</task-notification>')).toBe('')
    expect(promptOf('claude', '<system-reminder>Mind the tide.</system-reminder>\nBuild it')).toBe('Build it')
    expect(promptOf('claude', '<system-reminder>never closed, and Build it')).toBe('')
    expect(promptOf('claude', 'Build it', { source: 'user' })).toBe('Build it')
    for (const source of ['system', 'loop_wakeup', 'schedule_wakeup', 'poll_event']) expect(promptOf('claude', 'Look again', { source })).toBe('')
  })

  test('Codex: not what the editor put around it', () => {
    expect(promptOf('codex', '# Context from my IDE setup:\n\n## Active file: a.ts\n\n## My request for Codex:\nBuild it\n')).toBe('Build it')
    expect(promptOf('codex', '<environment_context>\n  <cwd>/x</cwd>\n</environment_context>')).toBe('')
    expect(promptOf('codex', '/review')).toBe('/review')
  })

  test('Gemini CLI: not what hooks and files added', () => {
    const files = '\n--- Content from referenced files ---\nContent from @a.ts:\nlet a\n--- End of content ---'
    expect(promptOf('gemini', `<hook_context>Gobby Session: #4\nNot the person's.</hook_context>\n\nBuild it @a.ts${files}`)).toBe('Build it @a.ts')
    expect(promptOf('gemini', '<hook_context>a</hook_context>\n\n<hook_context>b</hook_context>')).toBe('')
    expect(promptOf('gemini', 'Please continue.')).toBe('')
    expect(promptOf('gemini', 'I ran the following shell command:\n```sh\nls\n```')).toBe('')
    expect(promptOf('gemini', '/help')).toBe('')
  })
})

describe('sub-agents', () => {
  test('Claude Code: named as its transcript is, whose folder is the session’s', () => {
    const top = home()
    const agent_transcript_path = join(top, '.claude', 'projects', '-home-kim-tide', ID, 'subagents', `agent-${AGENT.claude}.jsonl`)
    const fields = { agent_id: AGENT.claude, agent_type: 'general-purpose' }
    const external_id = `agent-${AGENT.claude}@${ID}`
    expect(read('claude', top, eventOf('claude', top, 'SubagentStart', fields))).toMatchObject({ kind: 'subagent_start', external_id: ID, agent: { external_id, transcript_path: null } })
    expect(read('claude', top, eventOf('claude', top, 'SubagentStop', { ...fields, agent_transcript_path }))).toMatchObject({
      kind: 'subagent_stop',
      transcript_path: transcriptOf('claude', top),
      agent: { external_id, transcript_path: agent_transcript_path },
    })
    expect(read('claude', top, eventOf('claude', top, 'PreToolUse', { ...fields, tool_name: 'Bash' }))).toMatchObject({ kind: 'other', agent: { external_id, transcript_path: null } })
    expect(read('claude', top, eventOf('claude', top, 'PreToolUse', { tool_name: 'Bash' }))).not.toHaveProperty('agent')
    // What writes the summary of a compaction.
    expect(read('claude', top, eventOf('claude', top, 'SubagentStop', { ...fields, agent_type: '', agent_transcript_path }))).toMatchObject({ kind: 'other', agent: { external_id } })
  })

  test('Codex: a thread of its own; the transcript named is whoever’s id is in its name', () => {
    const top = home()
    const [own, of_agent] = [transcriptOf('codex', top), transcriptOf('codex', top, AGENT.codex)]
    const nested = transcriptOf('codex', top, '01a3aaaa-0000-7000-8000-0000000000b2')
    const at = (name: string, fields: Record<string, unknown>) => {
      const { kind, external_id, transcript_path, agent } = read('codex', top, eventOf('codex', top, name, { agent_id: AGENT.codex, agent_type: 'worker', ...fields }))
      expect(external_id).toBe(ID)
      return { kind, transcript_path, agent }
    }
    const agent = { external_id: AGENT.codex, transcript_path: of_agent }
    expect(at('SubagentStart', { transcript_path: of_agent })).toEqual({ kind: 'subagent_start', transcript_path: null, agent })
    expect(at('PreToolUse', { transcript_path: of_agent })).toEqual({ kind: 'other', transcript_path: null, agent })
    expect(at('SubagentStop', { transcript_path: own, agent_transcript_path: of_agent })).toEqual({ kind: 'subagent_stop', transcript_path: own, agent })
    expect(at('SubagentStop', { transcript_path: nested, agent_transcript_path: of_agent })).toEqual({ kind: 'subagent_stop', transcript_path: null, agent })
    expect(at('SubagentStart', { transcript_path: null })).toEqual({ kind: 'subagent_start', transcript_path: null, agent: { external_id: AGENT.codex, transcript_path: null } })
  })

  test.for(['claude', 'codex'] as const)('%s: one without a usable id is still one', (source) => {
    const top = home()
    for (const agent_id of ['', 'a\0b', 'x'.repeat(201), 7, {}]) {
      expect(read(source, top, eventOf(source, top, 'SubagentStart', { agent_id })).agent?.external_id).toBeNull()
      if (agent_id !== undefined) expect(read(source, top, eventOf(source, top, 'PreToolUse', { agent_id })).agent?.external_id).toBeNull()
    }
    expect(read(source, top, eventOf(source, top, 'SubagentStop')).agent).toEqual({ external_id: null, transcript_path: null })
  })
})
