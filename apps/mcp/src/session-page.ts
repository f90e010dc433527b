/** A session as a page of Markdown. Pure. */
import { qualifiedRef, type SessionRecord } from '@gobby/sessions'
import { cutText } from './cut-text.js'

const FILES = 30
const TEXT = 1000

type Said = { role: string; content: string; timestamp: string | null }

export function sessionPage(session: SessionRecord & { files: string[] }, last: Said[], total: number): string {
  const { source, status, model, git_branch, created_at, last_activity_at, turn_count, message_count, parent_ref, relation, files } = session
  const facts = [
    `${source}, ${status}${model ? `, ${model}` : ''}${git_branch ? `, branch ${git_branch}` : ''}`,
    `${created_at} to ${last_activity_at}: ${turn_count} prompts, ${message_count} messages`,
    ...(parent_ref ? [`${relation ?? 'child'} of ${parent_ref}`] : []),
  ]
  const listed = files.slice(0, FILES).map((path) => `- ${path}`)
  const parts = [
    `# ${qualifiedRef(session)}${session.title ? `: ${oneLine(session.title)}` : ''}`,
    facts.join('\n'),
    ...(files.length > 0 ? [['## Files', '', ...listed, ...(files.length > FILES ? [`- and ${files.length - FILES} more`] : [])].join('\n')] : []),
    ...(last.length > 0 ? [`## Last ${last.length} of ${total} texts`, ...last.map(said)] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

function said({ role, content, timestamp }: Said): string {
  return `**${role}**${timestamp ? ` ${timestamp}` : ''}\n\n${cutText(content.trim(), TEXT)}`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
