import { existsSync } from 'node:fs'
import { z } from 'zod'
import { currentSession, matches } from '../current-session.js'
import { GobbyError } from '../errors.js'
import { handoffContext } from '../handoff/handoff-context.js'
import { makeHandoff } from '../handoff/handoff.js'
import { ingestSession } from '../ingest/ingest.js'
import { operation } from '../operation.js'
import { refOf } from '../refs.js'
import { sessionAt } from '../scope.js'
import { sessionRef, text } from './params.js'

const NOTES = 4000

export const createHandoff = operation({
  name: 'create_handoff',
  description:
    'Hand a session over to the next one: keeps its goal, todos, files, commits, git state and last steps, so that work can go on in any CLI.',
  effect: 'write',
  input: z.object({
    session_id: sessionRef.optional(),
    notes: text().max(NOTES, `must have at most ${NOTES} characters`).optional().describe('What the facts do not say, at most 4,000 characters'),
    made_by: z.enum(['person', 'agent']).default('agent').describe('Who asks for it'),
  }),
  output: z.object({
    success: z.literal(true),
    session_id: z.string(),
    ref: z.string(),
    handoff_id: z.string(),
    markdown_length: z.number().int(),
    masked: z.number().int(),
    /** How the session was chosen. */
    matched_by: z.enum(['parameter', ...matches]),
    /** False when these facts were handed over before: that handoff is the answer. */
    created: z.boolean(),
    /** False when the transcript is gone, and only what was stored was used. */
    transcript_found: z.boolean(),
    context: handoffContext,
  }),
  async run(ctx, { session_id, notes, made_by }) {
    const project = await ctx.project()
    const chosen = session_id === undefined ? await currentSession(ctx, project) : { session: await sessionAt(ctx, session_id), matched_by: 'parameter' as const }
    if (!chosen) {
      throw new GobbyError(
        'not_found',
        project ? `No session of project ${project.name} is active or paused.` : `No project is known at ${ctx.config.cwd}, so no session is active or paused here.`,
        'Take in new transcripts with: gobby session sync; or name the session: --session 12 (session_id).',
      )
    }
    const session = await ingestSession(ctx, chosen.session)
    const { handoff, created, context } = await makeHandoff(ctx, session, made_by, notes ?? null)
    return {
      success: true as const,
      session_id: session.id,
      ref: refOf(session),
      handoff_id: handoff.id,
      markdown_length: handoff.markdown.length,
      masked: handoff.masked,
      matched_by: chosen.matched_by,
      created,
      transcript_found: session.transcript_path !== null && existsSync(session.transcript_path),
      context,
    }
  },
})
