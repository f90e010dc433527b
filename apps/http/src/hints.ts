/** Errors, which are written for a person at a shell, as they concern a request. */

/** A ref or name as a shell takes it. */
const NAME = String.raw`'?([^\s')]+)'?`

/** The longer of two that begin alike stands first. */
const requests: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [/gobby session list(?: --all)?/g, () => 'GET /sessions'],
  [new RegExp(`gobby session show ${NAME}`, 'g'), (_, ref) => `GET /sessions/${inPath(ref)}`],
  [/gobby session handoff "([^"]*)"/g, (_, notes) => `POST /handoffs with {"notes":"${notes}"}`],
  [/gobby session search -- (.+)$/g, (_, query) => `GET /messages/search?q=${encodeURIComponent(query ?? '')}`],
  [/gobby project list/g, () => 'GET /hub/projects'],
  [/gobby task list(?: --all)?/g, () => 'GET /tasks'],
  [/gobby task ready/g, () => 'GET /tasks/ready'],
  [new RegExp(`gobby task show ${NAME}`, 'g'), (_, ref) => `GET /tasks/${inPath(ref)}`],
  [new RegExp(`gobby task update ${NAME} --status open(?: --assignee '')?`, 'g'), (_, ref) => `PATCH /tasks/${inPath(ref)} with {"status":"open"}`],
  [/No project is known at \/(?=[,.])/g, () => 'The request names no project'],
  [/Make it one with: gobby init; or name one: --project \(project_id\)\./g, () => 'Name one: ?project=…'],
  [/: --session 12 \(session_id\)\./g, () => ' in session_id.'],
  [/ A shell drops an unquoted #3\./g, () => ''],
]

const inPath = (ref: string | undefined): string => (ref ?? '').replace(/^#/, '').replace('#', '~')

/** A text with each command that a route stands for replaced by its request; others are a person's to run. */
export function forRequests(text: string): string {
  return requests.reduce((text, [command, request]) => text.replace(command, request), text)
}
