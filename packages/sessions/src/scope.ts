/** Which sessions a call is about. */
import type { Project, Session } from '@gobby/storage'
import type { Context } from './context.js'
import { ingestSession } from './ingest/ingest.js'
import { projectNamed } from './project.js'
import { resolveSessionReference } from './refs.js'

/** The project named, else the caller's; undefined means all: `*`, or a caller outside every known project. */
export async function scopeOf(ctx: Context, project_id: string | undefined): Promise<Project | undefined> {
  if (project_id === '*') return undefined
  return project_id === undefined ? ctx.project() : projectNamed(ctx, project_id)
}

/** The project that numbers count in: the one a call names, else the caller's; undefined outside every known one. */
export async function homeOf(ctx: Context, project_id?: string): Promise<Project | undefined> {
  return scopeOf(ctx, project_id === '*' ? undefined : project_id)
}

/** The session that a ref names, `#N` counted in the project that the call names, else in the caller's. */
export async function sessionAt(ctx: Context, ref: string, project_id?: string): Promise<Session> {
  return resolveSessionReference(ctx.store, ref, (await homeOf(ctx, project_id))?.id)
}

/** The same, after taking in what its transcript has gained. */
export async function freshSessionAt(ctx: Context, ref: string): Promise<Session> {
  return ingestSession(ctx, await sessionAt(ctx, ref))
}
