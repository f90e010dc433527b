/** What a person can ask for by name: commands with a slash in some clients. */
import { call, type Context, GobbyError } from '@gobby/sessions'
import { getHandoffContext } from '@gobby/sessions/operations'
import { refOfId } from './ref-of-id.js'
import type { GetPromptResult, Prompt } from './sdk.js'

export const prompts: Prompt[] = [
  {
    name: 'resume',
    title: 'Resume previous work',
    description: 'Go on where a session left off: the newest handoff of this project, or the one of a session.',
    arguments: [{ name: 'session_id', description: 'The session to resume, 3 or project#3; normally the newest handed over', required: false }],
  },
  {
    name: 'handoff',
    title: 'Hand this session over',
    description: 'Keep what the next session must know: goal, todos, files, commits, last steps.',
    arguments: [{ name: 'notes', description: 'What to add to the facts', required: false }],
  },
]

/** @throws GobbyError `not_found` for a prompt there is not, and as `get_handoff_context` does */
export async function promptNamed(ctx: () => Promise<Context>, name: string, given: Record<string, string>): Promise<GetPromptResult> {
  const prompt = prompts.find((each) => each.name === name)
  if (!prompt) throw new GobbyError('not_found', `There is no prompt ${JSON.stringify(name.slice(0, 80))}.`, `There are ${prompts.map((each) => each.name).join(', ')}.`)
  const { description } = prompt
  const text = name === 'resume' ? await resume(await ctx(), given.session_id) : handoff(given.notes)
  return { ...(description === undefined ? {} : { description }), messages: [{ role: 'user', content: { type: 'text', text } }] }
}

async function resume(ctx: Context, session_id: string | undefined): Promise<string> {
  const { session_id: id, compact_markdown } = await call(getHandoffContext, ctx, session_id ? { session_id } : {})
  const ref = id === null ? '' : await refOfId(ctx, id)
  if (compact_markdown === null) {
    const which = id === null ? 'No session of this project has handed its work over yet' : `Session ${ref} has not handed its work over yet`
    return `${which}. Find the one to go on with by list_sessions and search_messages, read its end with get_session_messages and tail=true, and say what you would do next.`
  }
  return `Go on with the work of session ${ref}. This is what it handed over; check it against the files before you rely on it.\n\n${compact_markdown}`
}

function handoff(notes: string | undefined): string {
  const said = notes?.trim() ? ` Put this in its notes: ${notes.trim()}` : ''
  return `Hand this session over: call create_handoff, with notes on what files and commits do not show (decisions and why, what was tried, what comes next). Then tell me its number, and what the next session will read first.${said}`
}
