/** The smallest program that syncs: stands in where the CLI is not built. */
import { createContext, sync } from '@gobby/sessions'

const ctx = await createContext()
await sync(ctx)
await ctx.close()
