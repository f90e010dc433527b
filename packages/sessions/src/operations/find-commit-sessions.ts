import { certainties } from '@gobby/storage'
import { z } from 'zod'
import { GobbyError } from '../errors.js'
import { operation } from '../operation.js'
import { refIn } from '../refs.js'
import { text } from './params.js'

export const findCommitSessions = operation({
  name: 'find_commit_sessions',
  description: 'Find the sessions (previous conversations) in which a git commit was made.',
  effect: 'read',
  input: z.object({ sha: text().trim().toLowerCase().regex(/^[0-9a-f]{4,64}$/, 'must be 4 to 64 hexadecimal characters').describe('A commit’s hash, or its first characters') }),
  output: z.object({
    sha: z.string(),
    sessions: z.array(z.object({ ref: z.string(), session_id: z.string(), project: z.string(), certainty: z.enum(certainties) })),
    count: z.number().int(),
  }),
  async run(ctx, { sha }) {
    const project = await ctx.project()
    const found = await ctx.store.commits.findByHash(sha)
    const hashes = new Set(found.map(({ commit }) => commit.hash).filter((hash) => hash?.length === 40))
    if (hashes.size > 1 && sha.length < 40) {
      throw new GobbyError('ambiguous', `${sha} is the beginning of ${hashes.size} commits.`, 'Give more characters of the hash.', { candidates: [...hashes] as string[] })
    }
    const sessions = found.map(({ session, commit }) => ({
      ref: refIn(project, session),
      session_id: session.id,
      project: session.project,
      certainty: commit.certainty,
    }))
    return { sha, sessions, count: sessions.length }
  },
})
