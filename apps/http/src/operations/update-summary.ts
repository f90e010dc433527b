import { readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { GobbyError, operation, resolveSessionReference } from '@gobby/sessions'
import { getSession } from '@gobby/sessions/operations'
import { z } from 'zod'
import { oneSession, recordAt } from './record.js'

const LONGEST = 200_000
const long = `must have at most ${LONGEST.toLocaleString('en')} characters`

export const updateSummary = operation({
  name: 'update_summary',
  description: 'Keep a summary of a session: the text itself, or a Markdown file on the server’s machine that holds it.',
  effect: 'write',
  input: z.object({
    session_id: getSession.input.shape.session_id,
    summary_markdown: z.string().min(1, 'must not be empty').max(LONGEST, long).optional().describe('The summary, in Markdown'),
    summary_path: z.string().min(1, 'must not be empty').optional().describe('A file with it: an absolute path that ends in .md'),
  }),
  output: oneSession,
  async run(ctx, { session_id, summary_markdown, summary_path }) {
    if ((summary_markdown === undefined) === (summary_path === undefined)) throw new GobbyError('invalid', 'Give either summary_markdown or summary_path.')
    const session = await resolveSessionReference(ctx.store, session_id, (await ctx.project())?.id)
    const summary = summary_markdown ?? (await textOf(summary_path ?? ''))
    await ctx.store.sessions.setSummary(session.id, summary, ctx.now().toISOString())
    return recordAt(ctx, session.id)
  },
})

/** Only Markdown, so that a caller cannot have any other file read out to it, and only a file: a pipe would never end. */
async function textOf(path: string): Promise<string> {
  if (!isAbsolute(path) || path.includes('\0')) throw notMarkdown()
  try {
    const file = await realpath(path)
    const found = await stat(file)
    if (!file.endsWith('.md') || !found.isFile()) throw notMarkdown()
    if (found.size > LONGEST) throw new GobbyError('invalid', `summary_path: ${long}.`)
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof GobbyError) throw error
    throw new GobbyError('invalid', `summary_path: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`)
  }
}

const notMarkdown = (): GobbyError => new GobbyError('invalid', 'summary_path: must be the absolute path of a file that ends in .md.')
