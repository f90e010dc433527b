import { mayBecome, operation, resolveSessionReference, sessionRecord } from '@gobby/sessions'
import { z } from 'zod'
import { folder, place, recordingProject, source } from './place.js'
import { recordAt } from './record.js'

const text = (what: string) => z.string().max(4096, 'must have at most 4,096 characters').nullish().describe(what)

export const registerSession = operation({
  name: 'register_session',
  description: 'Record that a session began, or goes on: it is identified by source and external_id, and made once however often it is told.',
  effect: 'write',
  input: z.object({
    external_id: z.string().trim().min(1, 'must not be empty').max(200, 'must have at most 200 characters').regex(/^\P{Cc}*$/u, 'must not have control characters').describe('The id the CLI gave the run'),
    source,
    machine_id: text('The machine; normally this one'),
    jsonl_path: text('The transcript; another name of transcript_path'),
    transcript_path: text('The transcript'),
    title: text('A title, for a session that has none'),
    parent_session_id: z.string().nullish().describe('The session it came from, as any ref'),
    git_branch: text('The branch checked out'),
    model: text('The model'),
    ...place,
    project_path: folder.nullish().describe('Another name of cwd'),
    status: z.string().nullish().describe('Passed over: a session that is registered is active'),
  }),
  output: z.object({
    status: z.literal('registered'),
    external_id: z.string(),
    id: z.string(),
    machine_id: z.string(),
    /** False when the session was known. */
    created: z.boolean(),
    session: sessionRecord,
  }),
  async run(ctx, { external_id, source, parent_session_id, title, ...given }) {
    const { store } = ctx
    const now = ctx.now().toISOString()
    const cwd = given.cwd ?? given.project_path ?? undefined
    const transcript_path = given.transcript_path ?? given.jsonl_path ?? null
    const project = await recordingProject(ctx, { project_id: given.project_id, cwd })
    const parent = parent_session_id ? await resolveSessionReference(store, parent_session_id, project.id) : undefined
    const fields = { git_branch: given.git_branch ?? null, model: given.model ?? null, title: title ?? null, transcript_path, cwd: cwd ?? null }
    const { session, created } = await store.sessions.register(
      {
        ...fields,
        external_id,
        source,
        project_id: project.id,
        machine_id: given.machine_id ?? ctx.machineId(),
        parent_session_id: parent?.id ?? null,
        relation: parent ? 'handoff' : null,
        agent_depth: 0,
        created_at: now,
        last_activity_at: now,
        status: 'active',
      },
      now,
      'http',
    )
    await store.sessions.heard(session.id, { event: 'start', at: now, now, title: title ?? undefined, model: given.model ?? undefined, transcript_path: transcript_path ?? undefined })
    if (!created) {
      if (parent && parent.id !== session.id) await store.sessions.setParent(session.id, parent.id, 'handoff')
      await store.sessions.setStatus(session.id, mayBecome('active'), 'active', { reason: 'registered again', actor: 'http', now })
    }
    const record = await recordAt(ctx, session.id)
    return { status: 'registered' as const, external_id, id: session.id, machine_id: record.session.machine_id, created, ...record }
  },
})
