/** What a client tells its model about the server, under 1 KB: how to name sessions, find oneself, and hand over. */
import type { Discovery, RegistryName } from './registry-names.js'

const about = `gobby keeps every session (previous conversation) of the AI coding CLIs on this machine.
A session goes by its number: #12 in this project, project#12 elsewhere. Tell people these, nothing longer.
- Which session am I: get_current_session
- Resume previous work: get_handoff_context (the project's newest handoff), or list_sessions, search_messages, get_session_messages
- Hand over before you stop: create_handoff, with notes on what files and commits do not show
- Who made this commit: find_commit_sessions; commits of a session: get_session_commits
- Tasks (gobby-tasks) and all projects (gobby-hub): call_tool(server_name, tool_name, arguments)
An answer that was cut says so in \`more\` or \`truncated\`, and an error says what to do next.`

const finding = '\nThese are called through call_tool; list_tools names them with their servers, get_tool_schema tells their parameters.'

const unlisted = '\nThose of sessions are not listed here: call_tool(server_name="gobby-sessions", tool_name, arguments)'

export function instructions(discovery: Discovery, registries?: readonly RegistryName[]): string {
  if (discovery === 'progressive') return about + finding
  return registries && !registries.includes('gobby-sessions') ? about + unlisted : about
}
