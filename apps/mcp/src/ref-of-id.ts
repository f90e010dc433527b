import { type Context, refIn } from '@gobby/sessions'

/** A session as the caller names it: `#3`, or `project#3` from another project, where `#3` would be another session. */
export async function refOfId(ctx: Context, id: string): Promise<string> {
  const session = await ctx.store.sessions.get(id)
  return session ? refIn(await ctx.project(), session) : id
}
