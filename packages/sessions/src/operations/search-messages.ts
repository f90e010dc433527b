import { contentTypes, MARK_END, MARK_START, roles } from '@gobby/storage'
import { z } from 'zod'
import { operation } from '../operation.js'
import { qualifiedRef, refIn } from '../refs.js'
import { scopeOf, sessionAt } from '../scope.js'
import { parseSpan } from '../time.js'
import { limit, projectRef, role, sessionRef, source, text, toolName, when } from './params.js'

export const searchMessages = operation({
  name: 'search_messages',
  description:
    'Search all sessions (previous conversations) for words: texts, thinking, tool inputs and results. Words are ANDed; "exact phrase", prefix*, -not.',
  effect: 'read',
  input: z.object({
    query: text().max(1_000_000, 'must have at most 1,000,000 characters').describe('Words, "exact phrase", prefix*, -not'),
    project_id: projectRef.optional(),
    session_id: sessionRef.optional(),
    source: source.optional(),
    role: role.optional(),
    tool_name: toolName.optional(),
    since: when('Only messages from this time on').optional(),
    until: when('Only messages before this time').optional(),
    sort: z.enum(['relevance', 'newest'], { error: 'must be one of relevance, newest' }).default('relevance').describe('The best first, or the newest first'),
    limit: limit(20),
  }),
  output: z.object({
    query: z.string(),
    results: z.array(
      z.object({
        session_id: z.string(),
        ref: z.string(),
        project: z.string(),
        source: z.string(),
        message_index: z.number().int(),
        role: z.enum(roles),
        content_type: z.enum(contentTypes),
        tool_name: z.string().nullable(),
        timestamp: z.string().nullable(),
        /** About 160 characters; the words found stand in `<mark>…</mark>`. */
        snippet: z.string(),
        score: z.number(),
      }),
    ),
    count: z.number().int(),
  }),
  async run(ctx, { query, project_id, session_id, since, until, sort, limit, ...filter }) {
    const session = session_id === undefined ? undefined : await sessionAt(ctx, session_id, project_id)
    const project = session ? undefined : await scopeOf(ctx, project_id)
    const hits = await ctx.store.search.find(
      query,
      { ...filter, ...parseSpan({ since, until }, ctx.now()), session_id: session?.id, project_id: project?.id },
      { sort, limit },
    )
    const home = await ctx.project()
    const results = hits.map(({ session: owner, snippet, score, ...place }) => ({
      session_id: owner.id,
      ref: session || project ? refIn(home, owner) : qualifiedRef(owner),
      project: owner.project,
      source: owner.source,
      ...place,
      snippet: snippet.replaceAll(MARK_START, '<mark>').replaceAll(MARK_END, '</mark>'),
      score: Math.round(score * 1000) / 1000,
    }))
    return { query, results, count: results.length }
  },
})
