import type { getSession } from '@gobby/sessions/operations'
import type { z } from 'zod'
import { ago, localTime } from './quantities.js'
import { type Line, recordLines } from './record-lines.js'
import type { Screen } from './screen.js'
import { looks } from './session-list.js'
import { harmless, oneLine } from './text.js'

type Session = z.output<(typeof getSession)['output']>

/** Everything about one session: a name and a value per line. */
export function sessionView(session: Session, { screen, now }: { screen: Screen; now: Date }): string {
  const head = `${session.project}${session.ref}  ${oneLine(harmless(session.title ?? '(no title)'))}`
  return recordLines(head, [...about(session, now), ...counts(session), ...belongings(session)], screen, [session.summary_markdown, session.compact_markdown])
}

function about(session: Session, now: Date): Line[] {
  const time = (instant: string | null): string | undefined => {
    if (instant === null) return undefined
    const [at, past] = [localTime(instant), ago(instant, now)]
    return at.startsWith(past) ? at : `${at} (${past})`
  }
  return [
    ['ref', session.ref],
    ['project', session.project],
    ['title', session.title],
    ['status', session.status, `${looks[session.status].glyph} ${session.status}`],
    ['source', session.source],
    ['model', session.model],
    ['branch', session.git_branch],
    ['folder', session.cwd],
    ['started', session.created_at, time(session.created_at)],
    ['last_activity', session.last_activity_at, time(session.last_activity_at)],
    ['last_event', session.last_event],
    ['ended', session.ended_at, time(session.ended_at)],
    ['updated', session.updated_at, time(session.updated_at)],
    ['id', session.id],
    ['external_id', session.external_id],
    ['project_id', session.project_id],
    ['machine_id', session.machine_id],
    ['transcript', session.transcript_path],
    ['parent', session.parent_ref, session.parent_ref === null ? undefined : `${session.parent_ref} (${session.relation ?? 'parent'})`],
    ['relation', session.relation],
    ['stop_reason', session.stop_reason],
    ['agent_depth', session.agent_depth],
  ]
}

function counts(session: Session): Line[] {
  const { usage } = session
  const kinds = (tokens: Omit<typeof usage, 'by_model'>): string =>
    `input ${tokens.input_tokens}, output ${tokens.output_tokens}, cache read ${tokens.cache_read_tokens}, cache creation ${tokens.cache_creation_tokens}`
  return [
    ['messages', session.message_count],
    ['turns', session.turn_count],
    ['tool_calls', session.tool_call_count],
    ['tokens', kinds(usage)],
    ...Object.entries(usage.by_model).map(([model, tokens]): Line => [`tokens of ${oneLine(harmless(model))}`, kinds(tokens)]),
    ['skipped_lines', session.skipped_lines],
    ...Object.entries(session.skipped_reasons).map(([reason, count]): Line => [`skipped: ${oneLine(harmless(reason))}`, count]),
  ]
}

function belongings(session: Session): Line[] {
  const tools = Object.entries(session.tools).map(([name, count]) => `${name} ${count}`)
  return [
    ['tools', tools.join(', ')],
    ...session.children.map(({ ref, relation }): Line => ['child', `${ref}${relation === null ? '' : ` (${relation})`}`]),
    ...session.files.map((file): Line => ['file', file]),
    ...session.handoffs.map(({ created_at, made_by }): Line => ['handoff', `${created_at} ${made_by}`, `${localTime(created_at)} (made by ${made_by})`]),
    ...session.tasks.map(({ task, action }): Line => ['task', `${task.project_id === session.project_id ? task.ref : `${task.project}${task.ref}`} ${task.title} (${action}, ${task.status})`]),
  ]
}
