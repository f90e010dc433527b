import { z } from 'zod'
import { operation } from '../operation.js'
import { sync } from '../ingest/sync.js'
import { flag, source, text } from './params.js'

const count = z.number().int()

export const syncSessions = operation({
  name: 'sync',
  description: 'Take in every transcript that is new or has grown, from the folders of the CLIs or from the paths given.',
  effect: 'write',
  input: z.object({
    paths: z.array(text(), { error: 'must be a list of paths' }).default([]).describe('Files and folders to read instead of the CLIs’ own'),
    source: source.optional(),
    restore_deleted: flag('Bring back sessions that were deleted'),
  }),
  output: z.object({
    sources: z.record(
      z.string(),
      z.object({
        files: count,
        created: count,
        updated: count,
        unchanged: count,
        messages: count,
        skipped_lines: count,
        skipped_reasons: z.record(z.string(), count),
      }),
    ),
    skipped_files: z.array(z.object({ path: z.string(), reason: z.string() })),
    alarms: z.array(z.object({ path: z.string(), source: z.string(), reason: z.string() })),
    unreadable: z.array(z.object({ path: z.string(), reason: z.string() })),
  }),
  run: (ctx, input) => sync(ctx, input),
})
